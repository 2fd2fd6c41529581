"""Fidelity: how well the ranking after each epoch agrees with the last one's, with its interval."""

from __future__ import annotations

import math

import plotly.graph_objects as go

from se_bench.analysis import fidelity
from se_bench.analysis.fidelity import Fidelity
from se_bench.figures import parts, style
from se_bench.figures.style import Figure

MOST_TICKS = 12


def draw(value: Fidelity) -> go.Figure:
    """A line through the epochs that were looked at; 1 is the same ranking, 0 none."""
    look = style.look(0)
    taus = [each.tau for each in value.epochs]
    trace = {
        "type": "scatter",
        "x": [each.epoch for each in value.epochs],
        "y": taus,
        "error_y": {
            **parts.bars(taus, [each.low for each in value.epochs], [each.high for each in value.epochs]),
            "color": look.colour,
        },
        "mode": "lines+markers",
        "line": {"color": look.colour, "width": 2},
        "marker": {"color": look.colour, "symbol": look.symbol, "size": 8},
        "text": [
            f"epoch {each.epoch}: {each.tau:.2f}"
            + (f" [{each.low:.2f}, {each.high:.2f}]" if each.low is not None else "")
            for each in value.epochs
        ],
        "hovertemplate": "%{text}<extra></extra>",
        "showlegend": False,
    }
    least = min([0.0, *taus, *(each.low for each in value.epochs if each.low is not None)])
    return style.figure(
        [trace],
        height=380,
        xaxis={
            "title": {"text": f"epoch (of {value.last})"},
            "range": [0, value.last + 0.5],
            "tick0": 0,
            "dtick": math.ceil(value.last / MOST_TICKS),
        },
        yaxis={
            "title": {"text": f"Kendall's tau, n={value.candidates:,} candidates"},
            "range": [least - 0.05, 1.05],
        },
    )


FIGURE = Figure(compute=fidelity.compute, draw=draw, needs="two candidates with different results, and two epochs")
