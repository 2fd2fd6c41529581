"""The table of the front: the best for a cost, nothing outside the range, gains paired with the baseline."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from se_bench.analysis.estimates import difference, estimate
from se_bench.analysis.front_at_costs import best_at, cheapest_within, compute, round_numbers
from se_bench.config.dashboard import Panel
from se_bench.records import Status
from tests.analysis.small_studies import FULL, ODD, Measured, answered

BASELINE = FULL["baseline"]
# macs: baseline 10,000, then 10,050 a candidate
STUDY: Measured = {
    "baseline": {0: 0.80, 1: 0.82, 2: 0.81},
    "reduction=2": {0: 0.85, 1: 0.86, 2: 0.84},
    "reduction=4": {0: 0.84, 1: 0.84, 2: 0.83},
    "reduction=8": {0: 0.90, 1: 0.91, 2: 0.92},
}


def panel(**options: object) -> Panel:
    return Panel.read({"figure": "front_at_costs", "x": ["macs"], **options})


def test_each_row_is_the_best_that_costs_no_more_against_the_baseline() -> None:
    found = compute(answered(STUDY), panel(costs=[9_000.0, 10_000.0, 10_049.0, 10_050.0, 10_100.0, 10_150.0, 11_000.0]))
    assert found is not None
    rows = found.axes[0].rows
    assert [row.label for row in rows] == [
        None, "baseline", "baseline", "reduction=2", "reduction=2", "reduction=8", None,
    ]  # fmt: skip
    assert [row.gain for row in rows[:3]] == [None, None, None]
    assert rows[3].gain == difference(STUDY["reduction=2"], BASELINE)  # type: ignore[arg-type]
    assert rows[5].gain == difference(STUDY["reduction=8"], BASELINE)  # type: ignore[arg-type]
    assert rows[5].value == estimate(list(STUDY["reduction=8"].values()))  # type: ignore[arg-type]
    assert rows[5].often is not None
    assert rows[5].often > 0.95
    assert rows[4].often is not None
    assert 0.5 < rows[4].often <= 1.0


def test_without_costs_the_rows_are_round_numbers_and_the_ends_of_the_front() -> None:
    found = compute(answered(STUDY), panel())
    assert found is not None
    costs = [row.cost for row in found.axes[0].rows]
    assert costs[0] == 10_000
    assert costs[-1] == 10_150
    assert costs == sorted(costs)
    assert {10_050.0, 10_100.0} <= set(costs)
    assert all(row.label for row in found.axes[0].rows)


def test_a_candidate_with_a_failure_is_not_the_best_for_a_cost() -> None:
    found = compute(answered({**STUDY, "reduction=8": {0: 0.9, 1: Status.DIVERGED, 2: 0.92}}), panel(costs=[10_050.0]))
    assert found is not None
    assert found.axes[0].rows[0].label == "reduction=2"
    assert max(row.cost for row in found.axes[0].rows) < 10_150


def test_a_cost_that_is_maximised_is_a_floor() -> None:
    objectives = {"accuracy": "maximize", "macs": "maximize"}
    found = compute(answered(STUDY, objectives=objectives), panel(costs=[10_000.0, 10_150.0, 10_151.0]))
    assert found is not None
    assert found.axes[0].at_least
    assert [row.label for row in found.axes[0].rows] == [None, "reduction=8", None]


def test_one_seed_is_not_asked_how_often() -> None:
    found = compute(answered(ODD["one seed"]), panel())
    assert found is not None
    assert {row.often for row in found.axes[0].rows} == {None}


@pytest.mark.parametrize("name", ["no trial", "nothing trained", "failed only"])
def test_there_is_no_table_before_a_trial_is_completed(name: str) -> None:
    assert compute(answered(ODD[name]), panel()) is None


points = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=12)


@given(points, st.integers(0, 9), st.booleans(), st.booleans())
def test_the_best_for_a_cost_is_found_by_looking_at_all(
    drawn: list[tuple[int, int]], cost: int, at_least: bool, maximize: bool
) -> None:
    x, y = (np.array(each, dtype=float) for each in zip(*drawn, strict=True))
    may = [place for place, (one, _) in enumerate(drawn) if (one >= cost if at_least else one <= cost)]
    found = best_at(x, y, float(cost), at_least=at_least, maximize=maximize)
    if not may:
        assert found is None
        return
    assert found in may
    best = (max if maximize else min)(drawn[place][1] for place in may)
    assert drawn[found][1] == best
    costs = [drawn[place][0] for place in may if drawn[place][1] == best]
    assert drawn[found][0] == (max if at_least else min)(costs)


@given(points, st.integers(0, 9), st.booleans())
def test_the_cheapest_within_a_distance_of_the_best(
    drawn: list[tuple[int, int]], distance: int, maximize: bool
) -> None:
    x, y = (np.array(each, dtype=float) for each in zip(*drawn, strict=True))
    found = cheapest_within(x, y, float(distance), maximize=maximize)
    assert found is not None
    best = y.max() if maximize else y.min()
    may = [place for place in range(len(y)) if abs(best - y[place]) <= distance]
    assert found in may
    assert x[found] == min(x[place] for place in may)


def test_missing_values_are_never_the_best_nor_the_cheapest() -> None:
    x, y = np.array([1.0, np.nan, 3.0]), np.array([np.nan, 0.9, 0.5])
    assert best_at(x, y, 5.0) == 2
    assert cheapest_within(x, y, 1.0) == 2
    assert cheapest_within(x[:1], y[:1], 1.0) is None


@given(st.floats(1, 1e9), st.floats(1, 1e6))
def test_round_numbers_lie_in_the_range_and_are_few(low: float, factor: float) -> None:
    found = round_numbers(low, low * factor)
    assert found == sorted(found)
    assert all(low * (1 - 1e-12) <= each <= low * factor * (1 + 1e-12) for each in found)
    assert len(found) <= 12


def test_round_numbers_by_hand() -> None:
    assert round_numbers(3.06e6, 3.10e6) == pytest.approx([3.06e6, 3.07e6, 3.08e6, 3.09e6, 3.10e6])
    assert round_numbers(1.0, 100.0) == [1, 2, 5, 10, 20, 50, 100]
    assert round_numbers(7.0, 7.0) == [7.0]
