"""Lanes in which no two trials overlap, throughput that counts all, and limits where a claim turns."""

from __future__ import annotations

import dataclasses
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from se_bench.analysis import timeline, verdicts
from se_bench.analysis.answer import Answer
from se_bench.analysis.answer import answer as summarise
from se_bench.config.dashboard import Panel
from se_bench.records import Status
from tests.analysis.small_studies import FULL, NOON, ODD, answered, claim, records, study, with_claim

TIMELINE = Panel.read({"figure": "timeline"})
VERDICTS = Panel.read({"figure": "verdicts"})


def at(times: list[tuple[int, int]], status: Status = Status.COMPLETED) -> Answer:
    """A trial a seed, each from and until these seconds after noon."""
    plain = records({"baseline": dict.fromkeys(range(len(times)), 0.8)})
    trials = tuple(
        dataclasses.replace(
            trial, status=status, started_at=NOON + timedelta(seconds=begin), ended_at=NOON + timedelta(seconds=end)
        )
        for trial, (begin, end) in zip(plain.trials, times, strict=True)
    )
    return summarise(study(), dataclasses.replace(plain, trials=trials), [])


spans = st.lists(st.tuples(st.integers(0, 50), st.integers(1, 20)), min_size=1, max_size=25)


@settings(max_examples=50)
@given(spans)
def test_no_two_trials_share_a_lane_at_a_time_and_lanes_are_as_few_as_can_be(drawn: list[tuple[int, int]]) -> None:
    times = [(begin, begin + lasting) for begin, lasting in drawn]
    found = timeline.compute(at(times), TIMELINE)
    assert found is not None
    assert len(found.bars) == found.total == found.ended == len(times)
    for place, bar in enumerate(found.bars):
        for other in found.bars[:place]:
            assert bar.lane != other.lane or bar.begin >= other.end or other.begin >= bar.end
    busiest = max(sum(begin <= moment < end for begin, end in times) for moment, _ in times)
    assert found.lanes == busiest


@settings(max_examples=50)
@given(spans)
def test_throughput_counts_every_trial_that_ended(drawn: list[tuple[int, int]]) -> None:
    times = [(begin, begin + lasting) for begin, lasting in drawn]
    found = timeline.compute(at(times), TIMELINE)
    assert found is not None
    hours = (found.end - found.begin).total_seconds() / 3600 / len(found.at)
    assert found.per_hour.sum() * hours == pytest.approx(len(times), rel=1e-3)  # windows end on microseconds


def test_a_running_trial_lasts_until_the_last_moment_on_record() -> None:
    found = timeline.compute(answered({"baseline": {0: Status.RUNNING, 3: 0.8}}), TIMELINE)
    assert found is not None
    running = next(bar for bar in found.bars if bar.status is Status.RUNNING)
    assert running.end == found.end == NOON + timedelta(minutes=3, seconds=13)
    assert (found.total, found.ended) == (2, 1)


def test_the_latest_of_very_many_trials_are_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timeline, "MOST_TRIALS", 3)
    found = timeline.compute(at([(place, place + 1) for place in range(10)]), TIMELINE)
    assert found is not None
    assert [(bar.begin - NOON).total_seconds() for bar in found.bars] == [7, 8, 9]
    assert (found.total, found.ended) == (10, 10)
    assert "the last 3 are drawn" in found.caption


@pytest.mark.parametrize("name", ["no trial", "nothing trained"])
def test_there_is_no_time_before_a_trial_begins(name: str) -> None:
    assert timeline.compute(answered(ODD[name]), TIMELINE) is None


@pytest.mark.parametrize(
    ("expect", "metric", "limits"),
    [
        ("better", "accuracy", (0.01,)),
        ("worse", "accuracy", (-0.01,)),
        ("not_worse", "accuracy", (-0.01,)),
        ("equivalent", "accuracy", (-0.01, 0.01)),
        ("better", "loss", (-0.01,)),
        ("worse", "loss", (0.01,)),
        ("not_worse", "train_seconds", (0.01,)),
    ],
)
def test_the_limit_is_where_the_claim_turns_from_true_to_false(
    expect: str, metric: str, limits: tuple[float, ...]
) -> None:
    asked = (claim(expect, margin=0.01, metric=metric), "reduction=2", "baseline")
    found = verdicts.compute(answered(FULL, [asked]), VERDICTS)
    assert found is not None
    assert found.claims[0].limits == limits


def test_the_verdicts_are_the_answers() -> None:
    answer = with_claim(FULL)
    found = verdicts.compute(answer, VERDICTS)
    assert found is not None
    assert [(each.id, each.verdict, each.found, each.p) for each in found.claims] == [
        (each.claim.id, each.verdict, each.difference, each.p) for each in answer.claims
    ]
    assert found.caption.startswith("1 supported.")


def test_without_claims_or_results_there_are_no_verdicts() -> None:
    assert verdicts.compute(answered(FULL), VERDICTS) is None
    assert verdicts.compute(with_claim(ODD["failed only"]), VERDICTS) is None
