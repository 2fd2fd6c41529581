"""The front at fixed costs: what the best candidate for a cost gains over the best baseline, and a table of both."""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go

from se_bench.analysis import front_at_costs
from se_bench.analysis.front_at_costs import AtCost, AxisAtCosts, FrontAtCosts
from se_bench.figures import parts, style
from se_bench.figures.style import Figure, Table

COLUMNS = 2
ROW = 320
DASH = "—"


def draw(value: FrontAtCosts) -> go.Figure:
    """A panel for each cost; no point where the baseline itself is the best, or nothing is known."""
    scale, unit = style.unit(value.y)
    figure = parts.panels([style.title(axis.objective) for axis in value.axes], columns=COLUMNS, row=ROW)
    figure.add_traces([_gains(axis, scale, place) for place, axis in enumerate(value.axes)])
    layout: dict[str, Any] = {"showlegend": False}
    for place, axis in enumerate(value.axes):
        most = "at least" if axis.at_least else "at most"
        layout[parts.axis("xaxis", place)] = {
            "title": {"text": f"{most} this"},
            "type": "category",
            "categoryorder": "array",
            "categoryarray": [number(row.cost) for row in axis.rows],
            "range": [-0.5, len(axis.rows) - 0.5],
        }
        gained = any(row.gain is not None for row in axis.rows)
        layout[parts.axis("yaxis", place)] = {
            "zeroline": True,
            "zerolinewidth": 2,
            **({} if gained else {"range": [-1, 1]}),
        }
        if not gained:
            figure.add_annotation(_no_gain(place))
        if place % COLUMNS == 0:
            layout[parts.axis("yaxis", place)]["title"] = {"text": f"gain ({unit})"}
    figure.update_layout(layout)
    return figure


def tabulate(value: FrontAtCosts) -> Table:
    """A row for each cost; what lies outside the front's range is an em dash."""
    scale, unit = style.unit(value.y)
    return Table(
        columns=(
            "cost",
            "at",
            "best candidate",
            f"{style.short_title(value.y)} [95 %]",
            f"gain, {unit} [95 %]",
            "often",
        ),
        rows=tuple(
            (style.short_title(axis.objective), number(row.cost), *_cells(row, scale))
            for axis in value.axes
            for row in axis.rows
        ),
    )


def _cells(row: AtCost, scale: float) -> tuple[str, str, str, str]:
    if row.label is None or row.value is None or row.value.mean is None:
        return DASH, DASH, DASH, DASH
    often = DASH if row.often is None else f"{row.often:.0%}"
    value = _between(row.value.mean, row.value.low, row.value.high, 1.0, "")
    gain = DASH
    if row.gain is not None and row.gain.mean is not None:
        gain = _between(row.gain.mean, row.gain.low, row.gain.high, scale, "+")
    return row.label, value, gain, often


def _between(value: float, low: float | None, high: float | None, scale: float, sign: str) -> str:
    digits = 4 if scale == 1 else 2
    ends = "" if low is None or high is None else f" [{scale * low:{sign}.{digits}f}, {scale * high:{sign}.{digits}f}]"
    return f"{scale * value:{sign}.{digits}f}{ends}".replace("-", style.MINUS)


def number(cost: float) -> str:
    """A cost as it is read: in full, with thousands apart, where that is short enough."""
    return f"{cost:,.0f}" if cost >= 1000 else f"{cost:.4g}"


def _gains(axis: AxisAtCosts, scale: float, place: int) -> dict[str, Any]:
    rows = [row for row in axis.rows if row.gain is not None and row.gain.mean is not None]
    look = style.look(0)
    means = [scale * row.gain.mean for row in rows if row.gain is not None and row.gain.mean is not None]
    low, high = (
        [None if end is None else scale * end for end in ends]
        for ends in ([row.gain.low for row in rows if row.gain], [row.gain.high for row in rows if row.gain])
    )
    return {
        "type": "scatter",
        "x": [number(row.cost) for row in rows],
        "y": means,
        "error_y": {**parts.bars(means, low, high), "color": look.colour},
        "mode": "lines+markers",
        "line": {"shape": "hv", "color": look.colour, "width": 1},
        "marker": {"color": look.colour, "size": 9},
        "name": "gain over the baseline",
        "text": [f"<b>{style.text(row.label or '')}</b><br>{_cells(row, scale)[2]}" for row in rows],
        "hovertemplate": "%{text}<extra></extra>",
        "xaxis": parts.axis("x", place),
        "yaxis": parts.axis("y", place),
    }


def _no_gain(place: int) -> dict[str, Any]:
    return {
        "text": "no candidate is better than the baseline",
        "x": 0.5,
        "y": 0.6,
        "xref": f"{parts.axis('x', place)} domain",
        "yref": f"{parts.axis('y', place)} domain",
        "showarrow": False,
    }


FIGURE = Figure(compute=front_at_costs.compute, draw=draw, tabulate=tabulate)
