"""How long a study takes: known times are used as they are, unknown ones are tried, slots fill greedily."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from se_bench.search.estimate import trial_seconds, wall_seconds
from se_bench.search.plan import Plan

durations = st.lists(st.integers(0, 10**6), min_size=1, max_size=40)  # whole numbers add up exactly


def test_known_durations_are_used_as_they_are(small_plan: Plan) -> None:
    known = {trial.trial_id: 10.0 + number for number, trial in enumerate(small_plan.trials)}
    assert trial_seconds(small_plan.trials, small_plan.candidates, known) == known


def test_only_unknown_candidates_are_tried(small_plan: Plan) -> None:
    unknown = small_plan.candidates[0].architecture_id
    known = {trial.trial_id: 1e6 for trial in small_plan.trials if trial.architecture_id != unknown}
    threads = torch.get_num_threads()
    expected = trial_seconds(small_plan.trials, small_plan.candidates, known)
    assert {name: expected[name] for name in known} == known
    tried = [expected[trial.trial_id] for trial in small_plan.trials if trial.architecture_id == unknown]
    assert len(tried) == 2
    assert tried[0] == tried[1]  # once for both seeds
    assert 0 < tried[0] < 1e6
    assert torch.get_num_threads() == threads


def test_every_trial_has_an_expected_time(small_plan: Plan) -> None:
    expected = trial_seconds(small_plan.trials, small_plan.candidates, {})
    assert set(expected) == {trial.trial_id for trial in small_plan.trials}
    assert all(0 < seconds < math.inf for seconds in expected.values())


def test_a_trial_that_cannot_be_trained_says_so_itself_and_not_the_estimate(small_plan: Plan) -> None:
    broken, *others = small_plan.trials
    broken = replace(broken, architecture={**broken.architecture, "backbone": "gone"})
    expected = trial_seconds([broken, others[0]], small_plan.candidates, {})
    assert expected[broken.trial_id] == 0.0
    assert expected[others[0].trial_id] > 0


def test_nothing_to_train_takes_no_time(small_plan: Plan) -> None:
    assert trial_seconds((), small_plan.candidates, {}) == {}
    assert wall_seconds((), 3) == 0.0


@pytest.mark.parametrize(
    ("seconds", "slots", "wall"),
    [
        ((3, 1, 2), 1, 6),
        ((3, 1, 2), 2, 3),  # 3 | 1 + 2
        ((2, 2, 3), 2, 5),  # 2 + 3 | 2
        ((1, 1, 1, 5), 3, 6),  # 1 + 5 | 1 | 1: in their order, not the longest first
        ((4,), 8, 4),
    ],
)
def test_each_trial_goes_to_the_slot_that_is_free_first(seconds: tuple[float, ...], slots: int, wall: float) -> None:
    assert wall_seconds(seconds, slots) == wall


@given(durations, st.integers(1, 8))
def test_wall_time_lies_between_its_bounds(seconds: list[int], slots: int) -> None:
    """Graham 1969: at least the work and the longest trial, and at most both of them."""
    wall = wall_seconds(seconds, slots)
    assert wall >= max(seconds)
    assert sum(seconds) <= slots * wall <= sum(seconds) + (slots - 1) * max(seconds)


@given(durations)
def test_one_slot_takes_the_sum(seconds: list[int]) -> None:
    assert wall_seconds(seconds, 1) == sum(seconds)
