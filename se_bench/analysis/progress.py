"""How a study goes on: how fast trials end, when the last will, and what the others died of."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from se_bench.records import Status

RECENT = 40
"""Ends from which the present pace is taken."""
QUIET = 5.0
"""A pause of more than this many usual ones means that nobody is at work."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """Trials that ended for the same reason."""

    status: Status
    cause: str
    """The error's class, or its first words."""
    count: int
    example: str
    """The id of one of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """What the page of a study's progress says."""

    counts: Mapping[Status, int]
    ended: int
    left: int
    """Trials that are planned or running."""
    per_hour: float | None
    """Ends an hour, of the last :data:`RECENT`; None for fewer than two."""
    last_end: datetime | None
    goes_on: bool
    """Whether someone seems to be at work: trials are running, and the last end is not long ago."""
    remaining: timedelta | None
    """At this pace; None where nothing is left, nobody is at work, or the pace is not known."""
    causes: tuple[Cause, ...]
    """The most frequent first."""


def compute(
    counts: Mapping[Status, int], ends: NDArray[np.datetime64], errors: Sequence[tuple[str, Status, str]], now: datetime
) -> Progress:
    """The progress of a study.

    Args:
        counts: trials in each status.
        ends: (N,) when each trial ended, UTC; NaT for those that have not.
        errors: (trial id, status, error) of the unsuccessful.
        now: the present, in UTC.
    """
    left = counts[Status.PLANNED] + counts[Status.RUNNING]
    moments = np.sort(ends[~np.isnat(ends)]).astype("datetime64[us]")
    recent = moments[-RECENT:].astype(np.int64) / 1e6
    span = float(recent[-1] - recent[0]) if len(recent) > 1 else 0.0
    pace = (len(recent) - 1) / span if span > 0 else None
    since = now.timestamp() - float(recent[-1]) if len(recent) else None
    goes_on = bool(counts[Status.RUNNING]) and (pace is None or since is None or since < QUIET / pace + 60)
    last = moments[-1].item().replace(tzinfo=now.tzinfo) if len(moments) else None
    return Progress(
        counts=counts,
        ended=len(moments),
        left=left,
        per_hour=3600 * pace if pace else None,
        last_end=last,
        goes_on=goes_on,
        remaining=timedelta(seconds=left / pace) if left and pace and goes_on else None,
        causes=_causes(errors),
    )


def cause_of(error: str) -> str:
    """What kind of error it was: the class that a traceback ends with, or the first words."""
    lines = [line.strip() for line in error.splitlines() if line.strip()]
    if not lines:
        return "no message"
    line = lines[-1] if lines[0].startswith("Traceback") else lines[0]
    named = re.match(r"[\w.]*(?:Error|Exception|Interrupt|Exit)\b", line)
    return named.group(0) if named else line[:60]


def _causes(errors: Sequence[tuple[str, Status, str]]) -> tuple[Cause, ...]:
    found: dict[tuple[Status, str], list[str]] = {}
    for trial_id, status, error in errors:
        found.setdefault((status, cause_of(error)), []).append(trial_id)
    causes = [
        Cause(status=status, cause=cause, count=len(ids), example=ids[0]) for (status, cause), ids in found.items()
    ]
    return tuple(sorted(causes, key=lambda each: (-each.count, each.status, each.cause)))
