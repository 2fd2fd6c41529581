"""The metric against each axis: a point a candidate, and where the best are shaded."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go

from se_bench.analysis import metric_by_axis
from se_bench.analysis.metric_by_axis import AxisPanel, MetricByAxis
from se_bench.figures import parts, style
from se_bench.figures.style import Figure

COLUMNS = 3
ROW = 300
MOST_PANELS = 12
MOST_BARS = 60


def draw(value: MetricByAxis) -> go.Figure:
    """Axes in the order of the plan, one scale for all; the dotted line is the baseline."""
    shown = value.axes[:MOST_PANELS]
    figure = parts.panels([style.text(axis.name) for axis in shown], columns=COLUMNS, row=ROW)
    figure.add_traces([_points(value, axis, place) for place, axis in enumerate(shown)])
    shapes = [shape for place, axis in enumerate(shown) for shape in _shapes(value, axis, place)]
    layout: dict[str, Any] = {"shapes": shapes, "showlegend": False}
    for place, axis in enumerate(shown):
        layout[parts.axis("xaxis", place)] = _x_axis(axis)
        y = parts.y_axis(value.y)
        if place % COLUMNS:
            del y["title"]
        layout[parts.axis("yaxis", place)] = {**y, **({"matches": "y"} if place else {})}
    figure.update_layout(layout)
    return figure


def _points(value: MetricByAxis, axis: AxisPanel, place: int) -> dict[str, Any]:
    many = len(value.labels) > style.MANY
    look = style.look(0)
    trace: dict[str, Any] = {
        "type": "scattergl" if many else "scatter",
        "x": axis.x.astype(np.float32),
        "y": value.values.astype(np.float32),
        "mode": "markers",
        "marker": {"color": look.colour, "size": 4 if many else 7, "opacity": 0.45 if many else 0.8},
        "name": style.text(axis.name),
        "xaxis": parts.axis("x", place),
        "yaxis": parts.axis("y", place),
    }
    if many:
        return {**trace, "hovertemplate": "%{y:.4f}<extra></extra>"}
    if len(value.labels) <= MOST_BARS:
        trace["error_y"] = {**_bars(value), "color": look.colour}
    return {**trace, "text": _texts(value), "hovertemplate": "%{text}<extra></extra>"}


def _bars(value: MetricByAxis) -> dict[str, Any]:
    return parts.bars(value.values.tolist(), parts.known(value.low), parts.known(value.high))


def _texts(value: MetricByAxis) -> list[str]:
    ends = zip(parts.known(value.low), parts.known(value.high), strict=True)
    measured = zip(value.labels, value.values.tolist(), ends, value.n.tolist(), strict=True)
    return [
        f"<b>{style.text(label)}</b><br>{value.y} {style.interval(mean, low, high, n)}"
        for label, mean, (low, high), n in measured
    ]


def _shapes(value: MetricByAxis, axis: AxisPanel, place: int) -> list[dict[str, Any]]:
    x, y = parts.axis("x", place), parts.axis("y", place)
    shapes: list[dict[str, Any]] = [
        {
            "type": "rect",
            "x0": low,
            "x1": high,
            "y0": 0,
            "y1": 1,
            "xref": x,
            "yref": f"{y} domain",
            "fillcolor": style.COLOURS[4],
            "opacity": 0.22,
            "line": {"width": 0 if low < high else 3, "color": style.COLOURS[4]},
            "layer": "below",
        }
        for low, high in axis.region
    ]
    if value.baseline is not None:
        shapes.append(
            {
                "type": "line",
                "x0": 0,
                "x1": 1,
                "y0": value.baseline,
                "y1": value.baseline,
                "xref": f"{x} domain",
                "yref": y,
                "line": {"color": style.GREY, "width": 1.5, "dash": "dot"},
            }
        )
    return shapes


def _x_axis(axis: AxisPanel) -> dict[str, Any]:
    if axis.levels is None:
        return {"type": "log" if style.is_wide(axis.x) else "linear"}
    names = [style.text(level) for level in axis.levels]
    return {
        "tickvals": list(range(len(names))),
        "ticktext": names,
        "range": [-0.5, len(names) - 0.5],
        "zeroline": False,
    }


FIGURE = Figure(compute=metric_by_axis.compute, draw=draw, needs="an axis with two values that have completed trials")
