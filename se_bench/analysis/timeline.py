"""When each trial was trained, beside which others, and how many were finished an hour.

Records say when a trial began and ended, not in which slot; trials of a run are laid into the fewest lanes in
which no two overlap, which is what the slots were. A trial that has begun and not ended lasts until the last
moment on record.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from heapq import heappop, heappush

import numpy as np

from se_bench.analysis.answer import Answer
from se_bench.analysis.arrays import Floats
from se_bench.config.dashboard import Panel
from se_bench.records import Status, TrialResult

MOST_TRIALS = 1000
"""Of more, the latest are drawn; throughput counts all."""
WINDOWS = 60
"""Stretches of time for each of which throughput is counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One trial."""

    label: str
    seed: int
    status: Status
    lane: int
    """Counted from 1."""
    begin: datetime
    end: datetime


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Timeline:
    """What the figure shows."""

    bars: tuple[Bar, ...]
    """By beginning."""
    lanes: int
    total: int
    """Trials that began, drawn or not."""
    ended: int
    at: tuple[datetime, ...]
    """(W,) the middle of each window."""
    per_hour: Floats
    """(W,) trials that ended in it, an hour."""
    begin: datetime
    end: datetime

    @property
    def caption(self) -> str:
        """How many trials, in which time, and the mean throughput."""
        hours = (self.end - self.begin).total_seconds() / 3600
        rate = f", {self.ended / hours:,.1f} an hour" if hours > 0 else ""
        few = f"; the last {len(self.bars):,} are drawn" if self.total > len(self.bars) else ""
        return f"{self.total:,} trials began and {self.ended:,} ended in {_lasting(hours)}{rate}{few}. Times are UTC."


def compute(answer: Answer, panel: Panel) -> Timeline | None:
    """The trials that have begun; None where none has."""
    labels = {each.candidate.architecture_id: each.label for each in answer.candidates}
    begun = [trial for trial in answer.records.trials if trial.started_at and trial.architecture_id in labels]
    if not begun:
        return None
    begun.sort(key=lambda trial: (_begin(trial), trial.trial_id))
    latest = max(_end(trial, _begin(trial)) for trial in begun)
    bars = _in_lanes(begun, labels, latest)
    ends = [_end(trial, latest) for trial in begun if trial.status is not Status.RUNNING]
    at, per_hour = _throughput(ends, _begin(begun[0]), latest)
    return Timeline(
        bars=tuple(bars[-MOST_TRIALS:]),
        lanes=max(bar.lane for bar in bars),
        total=len(bars),
        ended=len(ends),
        at=at,
        per_hour=per_hour,
        begin=_begin(begun[0]),
        end=latest,
    )


def _in_lanes(begun: Sequence[TrialResult], labels: dict[str, str], latest: datetime) -> list[Bar]:
    """Each trial in the first lane that is free when it begins."""
    busy: list[tuple[datetime, int]] = []
    free: list[int] = []
    bars = []
    for trial in begun:
        begin, end = _begin(trial), _end(trial, latest)
        while busy and busy[0][0] <= begin:
            heappush(free, heappop(busy)[1])
        lane = heappop(free) if free else len(busy) + 1
        heappush(busy, (end, lane))
        bars.append(
            Bar(
                label=labels[trial.architecture_id],
                seed=trial.seed,
                status=trial.status,
                lane=lane,
                begin=begin,
                end=end,
            )
        )
    return bars


def _throughput(ends: Sequence[datetime], begin: datetime, end: datetime) -> tuple[tuple[datetime, ...], Floats]:
    width = (end - begin) / WINDOWS
    if not ends or width <= timedelta(0):
        return (), np.empty(0)
    windows = [min(WINDOWS - 1, int((each - begin) / width)) for each in ends if each >= begin]
    count = np.bincount(windows, minlength=WINDOWS)
    middles = tuple(begin + (place + 0.5) * width for place in range(WINDOWS))
    return middles, count / (width.total_seconds() / 3600)


def _end(trial: TrialResult, running_until: datetime) -> datetime:
    begin = _begin(trial)
    if trial.status is Status.RUNNING:
        return max(begin, running_until)
    return max(begin, trial.ended_at or begin + timedelta(seconds=trial.train_seconds or 0.0))


def _begin(trial: TrialResult) -> datetime:
    assert trial.started_at is not None
    return trial.started_at


def _lasting(hours: float) -> str:
    return f"{hours:.1f} hours" if hours >= 1 else f"{60 * hours:.1f} minutes"
