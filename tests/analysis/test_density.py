"""Counts in cells are those of a loop over points and cells, and NumPy's own where it has them."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from se_bench.analysis.density import FEW, FEW_ZOOMED, density, is_dense, within

coordinates = st.floats(-1e3, 1e9) | st.sampled_from([0.0, 1.0, 1e6, math.nan, math.inf, -math.inf])


@given(
    st.lists(st.tuples(coordinates, coordinates), min_size=1, max_size=40),
    st.booleans(),
    st.integers(1, 7),
)
def test_every_point_is_in_the_cell_whose_edges_hold_it(points: list[tuple[float, float]], log_x: bool, cells: int):
    x, y = np.array(points).T
    placed = [(a, b) for a, b in points if math.isfinite(a) and math.isfinite(b) and (a > 0 or not log_x)]
    found = density(x, y, log_x=log_x, cells=cells)
    if not placed:
        assert found is None
        return
    assert found is not None
    expected = np.zeros_like(found.counts)
    assert expected.shape <= (cells, cells)
    for a, b in placed:
        for row in range(expected.shape[0]):
            for column in range(expected.shape[1]):
                expected[row, column] += holds(found.x_edges, column, a) and holds(found.y_edges, row, b)
    assert found.counts.tolist() == expected.tolist()
    assert found.counts.sum() == len(placed)
    assert (found.skipped, found.outside) == (len(points) - len(placed), 0)


def holds(edges: np.ndarray, cell: int, value: float) -> bool:
    is_last = cell == len(edges) - 2
    return bool(edges[cell] <= value < edges[cell + 1] or (is_last and value == edges[-1]))


def test_the_counts_are_numpys():
    rng = np.random.default_rng(0)
    x, y = rng.lognormal(15, 1, 5_000), rng.normal(0.9, 0.02, 5_000)
    found = density(x.astype(np.float32), y.astype(np.float32), log_x=True)
    assert found is not None
    expected, *_ = np.histogram2d(y.astype(np.float32), x.astype(np.float32), bins=(found.y_edges, found.x_edges))
    assert found.counts.tolist() == expected.tolist()
    ratios = found.x_edges[1:] / found.x_edges[:-1]
    assert ratios == pytest.approx(ratios[0])
    assert np.diff(found.y_edges) == pytest.approx(np.diff(found.y_edges)[0])


@pytest.mark.parametrize("images", [100, 2_000, 1_797])
def test_accuracies_are_binned_in_step_with_the_test_split(images: int):
    """Else every fifth row, or so, is empty or double."""
    right = np.random.default_rng(0).integers(round(0.8 * images), round(0.95 * images), 50_000)
    found = density(np.ones(len(right)), right / images, log_x=False)
    assert found is not None
    rows = found.counts.sum(axis=1)
    a_row = np.diff(found.y_edges) * images
    assert a_row == pytest.approx(round(a_row[0]))
    assert rows[:-1].min() > 0.6 * rows[:-1].max()


def test_a_part_of_the_picture():
    x, y = np.arange(1, 101.0), np.arange(1, 101.0)
    found = density(x, y, log_x=False, x_range=(11, 20), y_range=(0, 15.5), cells=3)
    assert found is not None
    assert found.counts.tolist() == [[0, 0, 0], [0, 0, 0], [3, 2, 0]]
    assert (found.counts.sum(), found.outside) == (within(x, y, (11, 20), (0, 15.5)).sum(), 95)


@pytest.mark.parametrize(("value", "log_x"), [(5.0, True), (5.0, False), (0.0, False), (-3.0, False)])
def test_one_value_alone_has_a_cell(value: float, log_x: bool):
    found = density([value] * 3, [value] * 3, log_x=log_x)
    assert found is not None
    assert found.counts.max() == found.counts.sum() == 3
    assert found.x_edges[0] < value < found.x_edges[-1]


def test_bins_come_late_and_go_late():
    assert [is_dense(FEW), is_dense(FEW + 1)] == [False, True]
    assert [is_dense(FEW_ZOOMED, zoomed=True), is_dense(FEW_ZOOMED + 1, zoomed=True)] == [False, True]
