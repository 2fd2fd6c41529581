"""Learning curves and differences from the baseline, by hand."""

from __future__ import annotations

import math

import pytest

from se_bench.analysis import curves, effects
from se_bench.analysis.estimates import difference, estimate
from se_bench.config.dashboard import Panel
from se_bench.records import Status
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


def test_a_candidate_that_shares_no_seed_with_the_baseline_has_no_effect() -> None:
    found = effects.compute(
        answered({"baseline": {0: 0.8, 1: 0.7}, "reduction=2": {2: 0.9}, "reduction=4": {1: 0.9}}), EFFECTS
    )
    assert found is not None
    assert [(each.label, each.difference.n) for each in found.effects] == [("reduction=4", 1)]


@pytest.mark.parametrize("name", ["no trial", "nothing trained", "failed only", "half way"])
def test_there_are_no_effects_before_a_seed_has_both_sides(name: str) -> None:
    assert effects.compute(answered(ODD[name]), EFFECTS) is None
