"""Cells are drawn where they lie, as dark as they are full, and not where they are empty."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from se_bench.analysis.density import density
from se_bench.figures.binned import cells


def test_a_cell_is_drawn_where_its_points_are():
    found = density([1, 1, 100, 100, 100], [0.5, 0.5, 0.9, 0.9, 0.9], log_x=True, cells=2)
    assert found is not None
    trace = cells(found, "5 trials")
    assert trace["x"].tolist() == [1, 10, 100]
    assert np.array_equal(trace["z"], np.log10([[2, np.nan], [np.nan, 3]]).astype(np.float32), equal_nan=True)
    assert trace["customdata"].tolist() == [[2, 0], [0, 3]]
    assert trace["colorbar"]["ticktext"] == ["1"]


def test_it_is_a_trace_that_plotly_takes_and_sends_as_arrays():
    rng = np.random.default_rng(0)
    found = density(rng.lognormal(15, 1, 300_000), rng.normal(0.9, 0.01, 300_000), log_x=True)
    assert found is not None
    figure = go.Figure(cells(found, "300,000 trials"))
    assert figure.data[0].z.shape == (256, 256)
    assert 100_000 < len(figure.to_json()) < 800_000
