"""Learning curves and differences from the baseline, by hand."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pytest

from se_bench.analysis import curves, effects
from se_bench.analysis.estimates import difference, estimate
from se_bench.config.dashboard import Panel
from se_bench.records import Status
from tests.analysis.crossed_studies import FACTORS, crossed, noisy
from tests.analysis.small_studies import FULL, ODD, answered

CURVES = Panel.read({"figure": "curves"})
EFFECTS = Panel.read({"figure": "effects"})


def test_a_curve_is_the_mean_over_seeds_after_each_epoch() -> None:
    found = curves.compute(answered(FULL), CURVES)
    assert found is not None
    assert [curve.label for curve in found.curves] == list(FULL)
    assert [curve.is_baseline for curve in found.curves] == [True, False, False]
    for curve in found.curves:
        values = list(FULL[curve.label].values())
        assert curve.epochs == (1, 2)
        assert curve.accuracy == (estimate([value / 2 for value in values]), estimate(values))


def test_a_running_trial_counts_as_far_as_it_came() -> None:
    found = curves.compute(answered({"baseline": {0: 0.8, 1: Status.RUNNING}, "reduction=2": {0: 0.9}}), CURVES)
    assert found is not None
    baseline = found.curves[0]
    assert [each.n for each in baseline.accuracy] == [2, 1]
    assert baseline.accuracy[0].mean == pytest.approx((0.4 + 0.5) / 2)
    assert baseline.accuracy[1].mean == 0.8


def test_epochs_that_are_not_finite_are_left_out() -> None:
    found = curves.compute(answered(ODD["one diverged"]), CURVES)
    assert found is not None
    assert [each.n for each in found.curves[1].accuracy] == [1, 1]
    assert all(
        math.isfinite(value)
        for curve in found.curves
        for each in curve.accuracy
        for value in (each.mean, each.low, each.high)
        if value is not None
    )


def test_a_candidate_of_which_every_epoch_diverged_has_no_curve() -> None:
    found = curves.compute(answered({"baseline": {0: 0.8}, "reduction=2": {0: Status.DIVERGED}}), CURVES)
    assert found is not None
    assert [curve.label for curve in found.curves] == ["baseline"]


def test_a_family_is_averaged_over_its_candidates_before_it_is_over_seeds() -> None:
    answer = crossed(FACTORS, noisy(), seeds=3)
    found = curves.compute(answer, Panel.read({"figure": "curves", "by": "gate"}))
    assert found is not None
    assert [curve.label for curve in found.curves] == ["baseline", "gate=sigmoid", "gate=tanh"]
    of_tanh = [each.candidate.architecture_id for each in answer.candidates if "tanh" in each.label]
    by_seed = [
        sum(
            trial.accuracy or 0
            for trial in answer.records.trials
            if trial.seed == seed and trial.architecture_id in of_tanh
        )
        / len(of_tanh)
        for seed in range(3)
    ]
    expected = estimate(by_seed)
    last = found.curves[2].accuracy[-1]
    assert last.n == 3
    assert (last.mean, last.low, last.high) == pytest.approx((expected.mean, expected.low, expected.high))


def test_of_very_many_candidates_the_best_and_the_baseline_have_curves() -> None:
    number = 2 * curves.MOST_CURVES
    found = curves.compute(
        answered({"baseline": {0: 0.1}, **{f"c{i}": {0: 0.2 + i / 1000} for i in range(number)}}), CURVES
    )
    assert found is not None
    assert found.total == number + 1
    assert [curve.label for curve in found.curves] == ["baseline", *(f"c{i}" for i in range(number // 2, number))]
    assert f"The best {curves.MOST_CURVES + 1} of {number + 1} are shown." in found.caption


@pytest.mark.parametrize("name", ["no trial", "nothing trained"])
def test_there_are_no_curves_before_an_epoch(name: str) -> None:
    assert curves.compute(answered(ODD[name]), CURVES) is None


def test_an_effect_is_the_paired_difference_from_the_baseline() -> None:
    found = effects.compute(answered(FULL), EFFECTS)
    assert found is not None
    assert [each.label for each in found.effects] == ["reduction=2", "reduction=16"]
    for each in found.effects:
        assert each.difference == difference(FULL[each.label], FULL["baseline"])  # type: ignore[arg-type]
    assert found.effects[0].difference.mean == pytest.approx((0.05 + 0.04 + 0.03) / 3)


def test_a_level_is_the_mean_of_its_candidates_seed_by_seed() -> None:
    answer = crossed(FACTORS, noisy(), seeds=3)
    found = effects.compute(answer, Panel.read({"figure": "effects", "by": "gate"}))
    assert found is not None
    assert [(each.label, each.candidates) for each in found.effects] == [("gate=sigmoid", 3), ("gate=tanh", 3)]
    for each in found.effects:
        members = [one.difference for one in answer.candidates if each.label in one.label and one.difference]
        assert each.difference.mean == pytest.approx(sum(one.mean or 0 for one in members) / 3)
        assert each.difference.n == 3


def test_a_level_counts_the_seeds_in_which_all_its_candidates_are_completed() -> None:
    def gap(axes: Mapping[str, Any], seed: int) -> float:
        return math.nan if seed == 2 and axes == {"squeeze": "max", "gate": "tanh"} else noisy()(axes, seed)

    found = effects.compute(crossed(FACTORS, gap, seeds=3), Panel.read({"figure": "effects", "by": "gate"}))
    assert found is not None
    assert [each.difference.n for each in found.effects] == [3, 2]


def test_failures_are_counted_beside_the_effect() -> None:
    found = effects.compute(answered(ODD["one diverged"]), EFFECTS)
    assert found is not None
    assert found.effects[0].unsuccessful == 1
    assert "1 trials diverged or failed" in found.caption


def test_of_very_many_effects_the_best_and_the_worst_are_shown() -> None:
    number = 2 * effects.MOST_EFFECTS
    found = effects.compute(
        answered({"baseline": {0: 0.1}, **{f"c{i}": {0: 0.2 + i / 1000} for i in range(number)}}), EFFECTS
    )
    assert found is not None
    half = effects.MOST_EFFECTS // 2
    assert [each.label for each in found.effects] == [f"c{i}" for i in (*range(half), *range(number - half, number))]
    assert "the best and the worst" in found.caption


def test_a_candidate_that_shares_no_seed_with_the_baseline_has_no_effect() -> None:
    found = effects.compute(
        answered({"baseline": {0: 0.8, 1: 0.7}, "reduction=2": {2: 0.9}, "reduction=4": {1: 0.9}}), EFFECTS
    )
    assert found is not None
    assert [(each.label, each.difference.n) for each in found.effects] == [("reduction=4", 1)]


@pytest.mark.parametrize("name", ["no trial", "nothing trained", "failed only", "half way"])
def test_there_are_no_effects_before_a_seed_has_both_sides(name: str) -> None:
    assert effects.compute(answered(ODD[name]), EFFECTS) is None
