"""Learning curves: test accuracy after each epoch, a line for the mean and a band for its interval."""

from __future__ import annotations

import math
from typing import Any

import plotly.graph_objects as go

from se_bench.analysis import curves
from se_bench.analysis.curves import Curve, Curves
from se_bench.analysis.families import BASELINE
from se_bench.figures import parts, style
from se_bench.figures.style import Figure, Look

MOST_TICKS = 12
MOST_BANDS = style.MOST_NAMED + 1
"""With more lines, bands would hide them."""


def draw(value: Curves) -> go.Figure:
    """One line and one band a candidate or family; a click on the legend hides both."""
    found = style.looks(curve.label for curve in value.curves if not curve.is_baseline)
    traces = []
    seen: set[str] = set()
    for curve in value.curves:
        look = style.BASELINE_LOOK if curve.is_baseline else found[curve.label]
        name = style.text(curve.label) if curve.is_baseline else style.legend_name(curve.label, found)
        if len(value.curves) <= MOST_BANDS:
            traces += _band(curve, look, name)
        traces.append({**_line(curve, look, name), "showlegend": name not in seen})
        seen.add(name)
    last = max(curve.epochs[-1] for curve in value.curves)
    ticks = {"tick0": 1 if last <= MOST_TICKS else 0, "dtick": math.ceil(last / MOST_TICKS)}
    names = list(seen)
    return style.figure(
        traces,
        height=460 + parts.legend_height(names),
        legend={**style.LEGEND, **parts.legend(names)},
        xaxis={"title": {"text": "epoch"}, **ticks},
        yaxis={**parts.y_axis("accuracy"), "title": {"text": "test accuracy (fraction)"}},
        hovermode="x" if len(value.curves) <= MOST_BANDS else "closest",
    )


def _band(curve: Curve, look: Look, name: str) -> list[dict[str, Any]]:
    banded = [
        (epoch, found.low, found.high)
        for epoch, found in zip(curve.epochs, curve.accuracy, strict=True)
        if found.low is not None and found.high is not None
    ]
    if not banded:
        return []
    epochs, low, high = zip(*banded, strict=True)
    return [parts.band(epochs, low, high, look.colour, name)]


def _line(curve: Curve, look: Look, name: str) -> dict[str, Any]:
    texts = [
        f"{style.text(curve.label)}: {style.interval(found.mean, found.low, found.high, found.n)}"
        for found in curve.accuracy
        if found.mean is not None
    ]
    return {
        "type": "scatter",
        "x": list(curve.epochs),
        "y": [found.mean for found in curve.accuracy],
        "mode": "lines" if len(curve.epochs) > 1 else "markers",
        "line": {"color": look.colour, "dash": look.dash, "width": 3 if curve.label == BASELINE else 2},
        "marker": {"color": look.colour, "symbol": look.symbol, "size": 9},
        "name": name,
        "legendgroup": name,
        "text": texts,
        "hovertemplate": "%{text}<extra></extra>",
    }


FIGURE = Figure(compute=curves.compute, draw=draw, needs="an epoch on record")
