"""How a study goes on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from se_bench.analysis.progress import Progress, cause_of, compute
from se_bench.records import Status

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def of(
    seconds: Sequence[float | None],
    *,
    running: int = 0,
    planned: int = 0,
    now: float = 0,
    errors: Sequence[tuple[str, Status, str]] = (),
) -> Progress:
    """Trials that ended so many seconds after noon (None: not yet), seen ``now`` seconds after noon."""
    counts = dict.fromkeys(Status, 0) | {
        Status.COMPLETED: sum(each is not None for each in seconds),
        Status.RUNNING: running,
        Status.PLANNED: planned,
    }
    start = np.datetime64(NOON.replace(tzinfo=None), "us")
    ends = np.array(
        [np.datetime64("NaT") if each is None else start + np.timedelta64(int(each * 1e6), "us") for each in seconds],
        dtype="datetime64[us]",
    )
    return compute(counts, ends, errors, NOON + timedelta(seconds=now))


def test_the_pace_and_what_is_left_at_it() -> None:
    found = of([60, 0, 30, 90, None], running=2, planned=4, now=100)
    assert found.per_hour == pytest.approx(120)
    assert (found.left, found.ended, found.goes_on) == (6, 4, True)
    assert found.remaining == timedelta(seconds=180)
    assert found.last_end == NOON + timedelta(seconds=90)


def test_a_long_silence_means_that_nobody_is_at_work() -> None:
    assert of([0, 30, 60], running=1, now=60 + 5 * 30 + 59).goes_on
    silent = of([0, 30, 60], running=1, now=60 + 5 * 30 + 61)
    assert not silent.goes_on
    assert silent.remaining is None


def test_one_end_has_no_pace() -> None:
    found = of([0], running=1, now=10)
    assert (found.per_hour, found.remaining, found.goes_on) == (None, None, True)


def test_a_finished_study_and_one_that_has_not_begun() -> None:
    assert (of([0, 10]).left, of([0, 10]).remaining, of([0, 10]).goes_on) == (0, None, False)
    assert (of([], planned=3).last_end, of([], planned=3).goes_on) == (None, False)


def test_the_pace_is_that_of_the_last_ends() -> None:
    found = of([*range(0, 1000, 100), *range(1000, 1041)], now=1041, running=1)
    assert found.per_hour == pytest.approx(3600)


def test_causes_are_counted_the_most_frequent_first() -> None:
    errors = [
        ("a", Status.FAILED, "Traceback (most recent call last):\n  File x\nValueError: no"),
        ("b", Status.DIVERGED, "loss is not finite after epoch 3"),
        ("c", Status.FAILED, "ValueError: something else"),
    ]
    found = of([], errors=errors).causes
    assert [(each.cause, each.count, each.example) for each in found] == [
        ("ValueError", 2, "a"),
        ("loss is not finite after epoch 3", 1, "b"),
    ]


@pytest.mark.parametrize(
    ("error", "cause"),
    [("", "no message"), ("torch.OutOfMemoryError: x", "torch.OutOfMemoryError"), ("x" * 99, "x" * 60)],
)
def test_the_kind_of_an_error(error: str, cause: str) -> None:
    assert cause_of(error) == cause
