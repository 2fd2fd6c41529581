"""Fronts against brute force, many at once against one by one; hypervolume against a count of cells."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from se_bench.analysis.front import front, on_fronts, reference

few = st.integers(0, 4).map(float)
gaps = st.one_of(few, st.just(np.nan))
directions = {"maximize_x": st.booleans(), "maximize_y": st.booleans()}


def dominates(one: tuple[float, float], other: tuple[float, float], signs: tuple[int, int]) -> bool:
    gains = [sign * (mine - theirs) for mine, theirs, sign in zip(one, other, signs, strict=True)]
    return min(gains) >= 0 and max(gains) > 0


@given(st.lists(st.tuples(few, few), min_size=1, max_size=25), st.booleans(), st.booleans())
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


def test_a_point_with_a_missing_value_is_on_no_front_and_dominates_nothing() -> None:
    nan = np.nan
    assert front([1.0, nan, 0.5], [0.5, 0.9, nan]) == (0,)
    assert front([nan], [nan]) == ()
    assert on_fronts(np.array([1.0, nan, 0.5]), np.array([[0.5, 0.9, nan]])).tolist() == [[True, False, False]]


@given(
    st.integers(1, 8).flatmap(
        lambda k: st.tuples(
            st.lists(st.lists(gaps, min_size=k, max_size=k), min_size=1, max_size=4),
            st.lists(gaps, min_size=k, max_size=k),
            st.booleans(),
        )
    ),
    st.booleans(),
    st.booleans(),
)
def test_many_fronts_at_once_are_each_the_front(
    drawn: tuple[list[list[float]], list[float], bool], maximize_x: bool, maximize_y: bool
) -> None:
    rows, costs, fixed = drawn
    y, cost = np.array(rows), np.array(costs)
    x = cost if fixed else np.array([np.roll(cost, shift) for shift in range(len(y))])
    up = {"maximize_x": maximize_x, "maximize_y": maximize_y}
    for row, found in enumerate(on_fronts(x, y, **up)):
        assert np.flatnonzero(found).tolist() == sorted(front(x if fixed else x[row], y[row], **up))


@given(st.lists(st.tuples(st.integers(1, 9), st.integers(1, 9)), min_size=1, max_size=12), st.booleans(), st.booleans())
def test_the_hypervolume_is_the_share_of_cells_that_are_dominated(
    points: list[tuple[int, int]], maximize_x: bool, maximize_y: bool
) -> None:
    """On a linear scale, by counting the cells of a fine grid between the best values and the reference."""
    x, y = (np.array(each, dtype=float) for each in zip(*points, strict=True))
    limits = reference([x], [y], "accuracy", maximize_x=maximize_x, maximize_y=maximize_y)
    assert limits is not None
    assert not limits.log_x
    cells = 110
    ends = [np.linspace(limits.worst[axis], limits.best[axis], cells + 1) for axis in (0, 1)]
    across, up = ((each[1:] + each[:-1]) / 2 for each in ends)
    reached = np.zeros((cells, cells), dtype=bool)
    for one, other in zip(x, y, strict=True):
        sides = ((across <= one) if maximize_x else (across >= one), (up <= other) if maximize_y else (up >= other))
        reached |= sides[0][:, None] & sides[1][None, :]
    assert limits.share(x, y) == pytest.approx(reached.mean(), abs=2 / cells)


def test_the_reference_is_the_worst_of_all_sets_moved_a_tenth_of_the_range() -> None:
    x, y = [np.array([1.0, 3.0]), np.array([11.0])], [np.array([0.5, 0.9]), np.array([0.7])]
    limits = reference(x, y, "loss", maximize_x=False, maximize_y=True)
    assert limits is not None
    assert limits.worst == pytest.approx((12.0, 0.46))
    assert limits.best == (1.0, 0.9)


def test_costs_count_by_their_ratios() -> None:
    y = np.array([0.5, 0.6, 0.7])
    one, other = (
        reference([x], [y], "macs", maximize_x=False, maximize_y=True)
        for x in (np.array([1e6, 1e7, 1e8]), np.array([5e6, 5e7, 5e8]))
    )
    assert one is not None
    assert other is not None
    assert one.log_x
    assert one.share(np.array([1e6, 1e7, 1e8]), y) == pytest.approx(other.share(np.array([5e6, 5e7, 5e8]), y))


def test_points_beyond_the_reference_add_nothing_and_equal_points_have_a_volume() -> None:
    limits = reference([np.array([1.0, 2.0])], [np.array([0.5, 0.6])], "loss", maximize_x=False, maximize_y=True)
    assert limits is not None
    assert limits.share(np.array([5.0]), np.array([0.9])) == 0
    assert limits.share(np.array([np.nan]), np.array([0.9])) == 0
    alone = reference([np.array([1.0])], [np.array([0.5])], "macs", maximize_x=False, maximize_y=True)
    assert alone is not None
    assert alone.share(np.array([1.0]), np.array([0.5])) == pytest.approx(1.0)
    assert reference([np.array([np.nan])], [np.array([0.5])], "macs", maximize_x=False, maximize_y=True) is None
