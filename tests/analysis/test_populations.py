"""Distributions of error, the metric against axes, and parallel coordinates: against counts by hand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from se_bench.analysis import edf, metric_by_axis, parallel_coordinates
from se_bench.analysis.edf import MOST_POINTS
from se_bench.analysis.metric_by_axis import POPULATION
from se_bench.analysis.parallel_coordinates import MOST_LINES
from se_bench.config.dashboard import Panel
from se_bench.records import Status
from tests.analysis.crossed_studies import FACTORS, crossed, noisy, of_candidates
from tests.analysis.small_studies import FULL, ODD, Measured, answered

EDF = Panel.read({"figure": "edf"})
AXES = Panel.read({"figure": "metric_by_axis"})
LINES = Panel.read({"figure": "parallel_coordinates"})
SPREAD: Measured = {f"c{place}": {0: value} for place, value in enumerate((0.9, 0.7, 0.8, 0.8, 0.6))}


def test_the_share_at_an_error_is_a_count_of_candidates() -> None:
    found = edf.compute(answered(SPREAD), EDF)
    assert found is not None
    (all_of_them,) = found.families
    assert all_of_them.n == 4
    assert all_of_them.error == pytest.approx([0.2, 0.2, 0.3, 0.4])
    assert all_of_them.share.tolist() == [0.25, 0.5, 0.75, 1.0]
    assert len(all_of_them.grid) == 0, "one seed has no band"


def test_each_family_has_a_curve_and_the_baseline_none() -> None:
    answer = crossed(FACTORS, noisy())
    found = edf.compute(answer, Panel.read({"figure": "edf", "by": "gate"}))
    assert found is not None
    assert [(each.family, each.n) for each in found.families] == [("gate=sigmoid", 3), ("gate=tanh", 3)]
    for each in found.families:
        expected = [1 - (one.metrics["accuracy"].mean or 0) for one in answer.candidates if each.family in one.label]
        assert each.error == pytest.approx(sorted(expected))


def test_a_candidate_that_only_failed_counts_and_reaches_nothing() -> None:
    failed: Measured = {
        **SPREAD,
        "lost": {0: Status.DIVERGED},
        "waiting": {0: Status.PLANNED},
        "half": {0: Status.RUNNING},
    }
    found = edf.compute(answered(failed), EDF)
    assert found is not None
    assert (found.families[0].n, found.families[0].failed) == (5, 1)
    assert found.families[0].share.max() == 0.8
    assert "5 candidates, 1 of them without a completed trial" in found.caption


def test_the_band_lies_around_the_curve_and_narrows_with_seeds() -> None:
    areas = []
    for seeds in (3, 12):
        found = edf.compute(crossed(FACTORS, noisy(), seeds=seeds), EDF)
        assert found is not None
        (family,) = found.families
        assert (family.low <= family.high).all()
        assert (np.diff(family.grid) > 0).all()
        inside = [(family.error <= e).mean() for e in family.grid]
        assert ((family.low - 1e-9 <= inside) & (inside <= family.high + 1e-9)).mean() > 0.95
        areas.append(np.trapezoid(family.high - family.low, family.grid))
    assert areas[1] < areas[0]


def test_a_minimised_metric_is_its_own_error() -> None:
    found = edf.compute(answered(SPREAD), Panel.read({"figure": "edf", "y": "loss"}))
    assert found is not None
    assert found.families[0].error == pytest.approx([0.2, 0.2, 0.3, 0.4])


def test_very_many_candidates_are_thinned_and_keep_their_ends() -> None:
    values = np.linspace(0.5, 0.9, 3 * MOST_POINTS)
    found = edf.compute(answered({"baseline": {0: 0.5}, **{f"c{i}": {0: float(v)} for i, v in enumerate(values)}}), EDF)
    assert found is not None
    (family,) = found.families
    assert len(family.error) == MOST_POINTS
    assert (family.error[0], family.share[-1]) == (pytest.approx(0.1), 1.0)
    assert family.n == 3 * MOST_POINTS


def test_every_candidate_stands_at_its_level() -> None:
    answer = crossed(FACTORS, noisy())
    found = metric_by_axis.compute(answer, AXES)
    assert found is not None
    assert found.labels == tuple(each.label for each in answer.candidates[1:])
    assert found.baseline == answer.candidates[0].metrics["accuracy"].mean
    squeeze, gate = found.axes
    assert squeeze.levels == ("avg", "max", "std")
    assert squeeze.x.tolist() == [0, 0, 1, 1, 2, 2]
    assert gate.x.tolist() == [0, 1, 0, 1, 0, 1]
    assert found.values == pytest.approx([each.metrics["accuracy"].mean for each in answer.candidates[1:]])


def test_the_best_region_is_where_the_best_surely_is() -> None:
    found = metric_by_axis.compute(crossed(FACTORS, noisy(spread=0.001)), AXES)
    assert found is not None
    squeeze, gate = found.axes
    assert squeeze.region == ((0.5, 1.5),), "max"
    assert gate.region == ((0.5, 1.5),), "tanh"
    unsure = metric_by_axis.compute(crossed(FACTORS, noisy(spread=0.1), seeds=2), AXES)
    assert unsure is not None
    assert sum(len(axis.region) for axis in unsure.axes) > 2


def test_a_candidate_with_failures_makes_no_best_region() -> None:
    measured: Measured = {
        "baseline": {0: 0.8, 1: 0.81},
        "a": {0: 0.95, 1: Status.DIVERGED},
        "b": {0: 0.85, 1: 0.86},
        "c": {0: 0.7, 1: 0.71},
    }  # fmt: skip
    found = metric_by_axis.compute(answered(measured), AXES)
    assert found is not None
    (axis,) = found.axes
    assert axis.region == ((0.5, 1.5),), "b"


def test_many_numbers_have_an_axis_of_their_own_and_a_region_around_the_best() -> None:
    """One seed, but a population: the best of random quarters lie near the top at 40."""

    def peaked(axes: Mapping[str, Any], seed: int) -> float:
        return 0.9 - abs(axes.get("reduction", 99) - 40) / 200

    found = metric_by_axis.compute(of_candidates([{"reduction": r} for r in range(1, 2 * POPULATION)], peaked, 1), AXES)
    assert found is not None
    (axis,) = found.axes
    assert axis.levels is None
    assert axis.x.tolist() == list(range(1, 2 * POPULATION))
    ((low, high),) = axis.region
    assert 25 < low <= 40 <= high < 55


def test_one_seed_of_few_candidates_has_no_region() -> None:
    found = metric_by_axis.compute(crossed(FACTORS, noisy(), seeds=1), AXES)
    assert found is not None
    assert [axis.region for axis in found.axes] == [(), ()]
    assert "No best region: one seed." in found.caption


@pytest.mark.parametrize("name", ["no trial", "nothing trained", "failed only", "one seed"])
def test_there_is_nothing_against_an_axis(name: str) -> None:
    assert metric_by_axis.compute(answered(ODD[name]), AXES) is None


def test_a_line_goes_through_axes_costs_and_metric() -> None:
    answer = crossed(FACTORS, noisy())
    found = parallel_coordinates.compute(answer, LINES)
    assert found is not None
    assert [each.name for each in found.coordinates] == ["squeeze", "gate", "macs", "params", "accuracy"]
    assert [each.less_is_better for each in found.coordinates] == [False, False, True, True, False]
    squeeze, *_, accuracy = found.coordinates
    assert squeeze.levels == ("avg", "max", "std", "–"), "the baseline has no squeeze"
    assert squeeze.values.tolist() == [3, 0, 0, 1, 1, 2, 2]
    assert accuracy.values == pytest.approx([each.metrics["accuracy"].mean for each in answer.candidates])
    assert found.total == len(found.labels) == 7


def test_of_many_candidates_the_best_and_a_sample_are_drawn() -> None:
    random = np.random.default_rng(0)
    values = random.uniform(0.5, 0.9, 3 * MOST_LINES)
    measured = {"baseline": {0: 0.4}, **{f"c{i}": {0: float(v)} for i, v in enumerate(values)}}
    found = parallel_coordinates.compute(answered(measured), LINES)
    assert found is not None
    assert (len(found.labels), found.total) == (MOST_LINES, len(measured))
    drawn = found.coordinates[-1].values
    assert set(np.sort(values)[-MOST_LINES // 2 :].tolist()) <= set(drawn.tolist())
    assert drawn.min() < 0.55
    assert f"{MOST_LINES:,} of {len(measured):,}" in found.caption


def test_candidates_without_a_result_have_no_line() -> None:
    found = parallel_coordinates.compute(answered({**FULL, "reduction=8": {0: Status.FAILED}}), LINES)
    assert found is not None
    assert found.labels == tuple(FULL)
    assert parallel_coordinates.compute(answered(ODD["failed only"]), LINES) is None
