"""Parallel coordinates: a line a candidate through axes, costs and metric; better is up on each objective."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go

from se_bench.analysis import parallel_coordinates
from se_bench.analysis.parallel_coordinates import Coordinate, ParallelCoordinates
from se_bench.figures import style
from se_bench.figures.style import Figure

LETTER = 7
"""Pixels of a letter, to leave room for the names of the first axis."""
MOST_LEFT = 240


def draw(value: ParallelCoordinates) -> go.Figure:
    """Lines coloured by the metric."""
    metric = value.coordinates[-1]
    trace = {
        "type": "parcoords",
        "dimensions": [_dimension(each) for each in value.coordinates],
        "line": {
            "color": metric.values.astype(np.float32),
            "colorscale": style.SEQUENTIAL,
            "reversescale": metric.less_is_better,
            "showscale": True,
            "colorbar": {"title": {"text": style.short_title(value.y)}},
        },
    }
    first = value.coordinates[0].levels or ("0" * 8,)
    left = min(MOST_LEFT, 30 + LETTER * max(len(level) for level in first))
    return style.figure([trace], height=480, margin={"l": left, "r": 60, "t": 70, "b": 45})


def _dimension(each: Coordinate) -> dict[str, Any]:
    label = style.text(style.short_title(each.name))
    if each.levels is not None:
        names = [style.text(level) for level in each.levels]
        ends = [-0.2, max(len(names) - 0.8, 0.2)]
        return {
            "label": label,
            "values": each.values,
            "tickvals": list(range(len(names))),
            "ticktext": names,
            "range": ends,
        }
    low, high = float(np.nanmin(each.values)), float(np.nanmax(each.values))
    pad = 0.02 * (high - low) or 0.02 * abs(high) or 1.0
    ends = [low - pad, high + pad]
    turned = list(reversed(ends)) if each.less_is_better else ends
    return {"label": label, "values": each.values, "range": turned, "tickformat": "~s" if high >= 1000 else ""}


FIGURE = Figure(compute=parallel_coordinates.compute, draw=draw)
