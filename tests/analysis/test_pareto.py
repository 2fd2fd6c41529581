"""The front against brute force, and which candidates the figure's value has."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from se_bench.analysis.pareto import compute, front
from se_bench.config.dashboard import Panel
from se_bench.records import Status
from tests.analysis.small_studies import FULL, ODD, answered

PANEL = Panel.read({"figure": "pareto", "x": ["macs", "params"]})
few = st.integers(0, 4).map(float)


def dominates(one: tuple[float, float], other: tuple[float, float], signs: tuple[int, int]) -> bool:
    gains = [sign * (mine - theirs) for mine, theirs, sign in zip(one, other, signs, strict=True)]
    return min(gains) >= 0 and max(gains) > 0


@given(
    st.lists(st.tuples(few, few), min_size=1, max_size=25),
    st.booleans(),
    st.booleans(),
)
def test_the_front_is_what_no_point_dominates_and_ties_stay(
    points: list[tuple[float, float]], maximize_x: bool, maximize_y: bool
) -> None:
    signs = (1 if maximize_x else -1, 1 if maximize_y else -1)
    expected = [
        place for place, point in enumerate(points) if not any(dominates(other, point, signs) for other in points)
    ]
    found = front([x for x, _ in points], [y for _, y in points], maximize_x=maximize_x, maximize_y=maximize_y)
    assert sorted(found) == expected
    assert [points[place] for place in found] == sorted(points[place] for place in found)


def test_numbers_that_differ_in_the_last_digit_are_not_a_tie() -> None:
    just_less = 1 - 2**-53
    assert front([1.0, 1.0], [1.0, just_less]) == (0,)
    assert front([1.0, just_less], [1.0, 1.0]) == (1,)


def test_the_value_has_means_intervals_and_costs() -> None:
    answer = answered(FULL)
    found = compute(answer, PANEL)
    assert found is not None
    assert (found.y, found.maximize) == ("accuracy", True)
    assert [axis.objective for axis in found.axes] == ["macs", "params"]
    assert [point.label for point in found.points] == list(FULL)
    for point, each in zip(found.points, answer.candidates, strict=True):
        assert point.y == pytest.approx(sum(FULL[point.label].values()) / 3)
        assert (point.low, point.high) == (each.metrics["accuracy"].low, each.metrics["accuracy"].high)
        assert point.x == (each.candidate.cost.macs, each.candidate.cost.params)
        assert point.n == 3
    assert [point.is_baseline for point in found.points] == [True, False, False]
    assert [axis.front for axis in found.axes] == [(0, 1), (0, 1)]
    assert found.missing == ()


def test_candidates_without_a_completed_trial_are_named() -> None:
    found = compute(answered({**FULL, "reduction=8": {0: Status.FAILED}, "reduction=32": {0: Status.PLANNED}}), PANEL)
    assert found is not None
    assert found.missing == ("reduction=8", "reduction=32")
    assert [point.label for point in found.points] == list(FULL)


@pytest.mark.parametrize("name", ["no trial", "nothing trained", "failed only"])
def test_there_is_nothing_to_show_before_a_trial_is_completed(name: str) -> None:
    assert compute(answered(ODD[name]), PANEL) is None


def test_one_seed_is_a_point_without_an_interval() -> None:
    found = compute(answered(ODD["one seed"]), PANEL)
    assert found is not None
    points = [(point.y, point.low, point.high, point.n) for point in found.points]
    assert points == [(0.8, None, None, 1), (0.9, None, None, 1)]


def test_without_costs_in_the_panel_the_other_objectives_are_the_axes() -> None:
    objectives = {"loss": "minimize", "train_seconds": "minimize", "params": "minimize"}
    found = compute(answered(FULL, objectives=objectives), Panel.read({"figure": "pareto"}))
    assert found is not None
    assert (found.y, found.maximize) == ("loss", False)
    assert [axis.objective for axis in found.axes] == ["train_seconds", "params"]
    assert [point.x for point in found.points] == [(11.0, 1000.0), (11.0, 1100.0), (11.0, 1200.0)]
    assert [axis.front for axis in found.axes] == [(1,), (0, 1)]


@pytest.mark.parametrize(("accuracy", "params"), list(product(["maximize", "minimize"], repeat=2)))
def test_the_directions_are_the_studys(accuracy: str, params: str) -> None:
    objectives = {"accuracy": accuracy, "params": params}
    found = compute(answered(FULL, objectives=objectives), Panel.read({"figure": "pareto"}))
    assert found is not None
    signs = tuple(1 if wanted == "maximize" else -1 for wanted in (params, accuracy))
    points = [(point.x[0], point.y) for point in found.points]
    expected = [
        place for place, point in enumerate(points) if not any(dominates(other, point, signs) for other in points)
    ]
    assert sorted(found.axes[0].front) == expected
