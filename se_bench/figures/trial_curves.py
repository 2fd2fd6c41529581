"""A trial's learning curves: its own in colour, those of its other seeds and its baseline in grey behind them."""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go

from se_bench.analysis.trial_curves import Line, Role, TrialCurves
from se_bench.figures import style

_LOOKS: dict[Role, dict[str, Any]] = {
    "other": {"color": style.GREY, "width": 1, "dash": "solid"},
    "baseline": {"color": style.GREY, "width": 2, "dash": "dash"},
    "train": {"color": style.COLOURS[1], "width": 2, "dash": "dot"},
    "test": {"color": style.COLOURS[0], "width": 3, "dash": "solid"},
}
_UNITS = {"accuracy": "accuracy (fraction)", "loss": "loss (nats)"}
_MOST_TICKS = 10
_HEIGHT = 390
_BELOW_BUTTONS = 1 - 28 / _HEIGHT
_MARGIN = {"l": 70, "r": 20, "t": 76, "b": 55}
"""Pixels. Above, room for the buttons and below them a legend of two lines: one that pushes the plot down was seen to
lie on its lines instead."""


def draw(value: TrialCurves) -> go.Figure:
    """A line each; the other seeds share one entry of the legend."""
    others = [line for line in value.lines if line.role == "other"]
    last = max((line.epochs[-1] for line in value.lines), default=1)
    return style.figure(
        [_trace(line, named=line.role != "other" or line is others[0]) for line in value.lines],
        height=_HEIGHT,
        hovermode="x",
        legend={
            "orientation": "h",
            "x": 0,
            "xanchor": "left",
            "y": _BELOW_BUTTONS,
            "yanchor": "top",
            "yref": "container",
        },
        margin=_MARGIN,
        xaxis={"title": {"text": "epoch"}, "dtick": max(1, round(last / _MOST_TICKS))},
        yaxis={"title": {"text": _UNITS[value.metric]}},
    )


def _trace(line: Line, *, named: bool) -> dict[str, Any]:
    is_other = line.role == "other"
    return {
        "type": "scatter",
        "x": list(line.epochs),
        "y": list(line.values),
        "mode": "lines+markers",
        "line": _LOOKS[line.role],
        "marker": {"size": 4 if is_other else 6},
        "opacity": 0.45 if is_other else 1,
        "name": "other seeds" if is_other else line.name,
        "legendgroup": line.role,
        "showlegend": named,
        "hovertemplate": f"{style.text(line.name)}: %{{y:.4f}}<extra></extra>",
    }
