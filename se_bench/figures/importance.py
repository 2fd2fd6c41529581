"""Importance: the share of each axis in the differences between candidates, with its interval."""

from __future__ import annotations

import plotly.graph_objects as go

from se_bench.analysis import importance
from se_bench.analysis.importance import AxisImportance, Importance
from se_bench.figures import parts, style
from se_bench.figures.style import Figure

NAMES = {"fanova": "fANOVA", "ped_anova": "PED-ANOVA"}


def draw(value: Importance) -> go.Figure:
    """A bar an axis, the most important on top."""
    rows = list(reversed(value.axes))
    shares = [axis.share for axis in rows]
    whiskers = parts.bars(shares, [axis.low for axis in rows], [axis.high for axis in rows])
    trace = {
        "type": "bar",
        "orientation": "h",
        "x": shares,
        "y": [style.text(axis.name) for axis in rows],
        "error_x": {**whiskers, "color": style.GREY},
        "marker": {"color": style.COLOURS[0]},
        "width": 0.6,
        "text": [_share(axis) for axis in rows],
        "textposition": "none",
        "hovertemplate": "<b>%{y}</b><br>%{text}<extra></extra>",
        "showlegend": False,
    }
    return style.figure(
        [trace],
        height=max(220, 120 + 40 * len(rows)),
        xaxis={
            "title": {"text": f"share of importance ({NAMES[value.method]}, {value.candidates:,} candidates)"},
            "range": [0, 1.02],
            "tickformat": ".0%",
        },
        yaxis={"type": "category", "showgrid": False},
    )


def _share(axis: AxisImportance) -> str:
    ends = "" if axis.low is None or axis.high is None else f" [{axis.low:.1%}, {axis.high:.1%}]"
    return f"{axis.share:.1%}{ends}"


FIGURE = Figure(
    compute=importance.compute,
    draw=draw,
    needs="two axes that differ between candidates with different results",
)
