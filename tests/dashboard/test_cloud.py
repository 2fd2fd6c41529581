"""Points one by one, or counted."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from se_bench.analysis.density import FEW, FEW_ZOOMED
from se_bench.dashboard.cloud import Window, one_by_one


def cloud(points: int) -> tuple[Any, Any, Any]:
    values = np.arange(points, dtype=np.float64)
    return values, values, np.random.default_rng(0).permutation(points)


def test_few_points_are_drawn_whatever_is_in_sight() -> None:
    x, y, places = cloud(FEW)
    assert one_by_one(x, y, places, None) is places
    assert one_by_one(x, y, places, Window(x=(0, 1), y=(0, 1))) is places


def test_more_are_counted_until_few_enough_are_in_sight() -> None:
    x, y, places = cloud(FEW + 1)
    assert one_by_one(x, y, places, None) is None
    assert one_by_one(x, y, places, Window(x=(0, FEW_ZOOMED), y=(0, FEW))) is None
    found = one_by_one(x, y, places, Window(x=(1, FEW_ZOOMED), y=(0, FEW)))
    assert found is not None
    assert sorted(found) == list(range(1, FEW_ZOOMED + 1))
    assert list(found) == [place for place in places if 1 <= place <= FEW_ZOOMED]


@pytest.mark.parametrize(
    "said", [None, {}, {"x": [1, 2]}, {"x": [1], "y": [1, 2]}, {"x": [1, None], "y": [1, 2]}, {"x": "ab", "y": [1, 2]}]
)
def test_what_is_no_rectangle_is_the_whole(said: Any) -> None:
    assert Window.of(said) is None


def test_a_rectangle_may_be_drawn_from_any_corner() -> None:
    assert Window.of({"x": [2, 1], "y": [3.5, 4]}) == Window(x=(1.0, 2.0), y=(3.5, 4.0))
