"""Main effects: a panel an axis, each level's deviation from the mean over all levels, with its interval."""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go

from se_bench.analysis import main_effects
from se_bench.analysis.factor_model import Term
from se_bench.analysis.main_effects import MainEffects
from se_bench.figures import parts, style
from se_bench.figures.style import Figure

COLUMNS = 4
ROW = 300


def draw(value: MainEffects) -> go.Figure:
    """Axes in the order of the plan, one scale for all."""
    scale, unit = style.unit(value.y)
    figure = parts.panels(
        [f"{style.text(term.factors[0])}{probability(term)}" for term in value.terms], columns=COLUMNS, row=ROW
    )
    for place, term in enumerate(value.terms):
        figure.add_trace(_trace(term, scale, style.look(place), place + 1))
        figure.update_layout({parts.axis("xaxis", place): {"type": "category"}})
    figure.update_yaxes(matches="y", zeroline=True, zerolinewidth=2)
    for place in range(0, len(value.terms), COLUMNS):
        figure.update_layout({parts.axis("yaxis", place): {"title": {"text": f"effect ({unit})"}}})
    figure.update_layout(showlegend=False)
    return figure


def probability(term: Term) -> str:
    """The corrected p-value beside a title."""
    if term.p is None:
        return ""
    return " (p &lt; 0.001)" if term.p < 0.001 else f" (p = {term.p:.3f})"


def _trace(term: Term, scale: float, look: style.Look, number: int) -> dict[str, Any]:
    values = [scale * effect.value for effect in term.effects]
    low, high = (
        [None if end is None else scale * end for end in ends]
        for ends in ([effect.low for effect in term.effects], [effect.high for effect in term.effects])
    )
    return {
        "type": "scatter",
        "x": [style.text(effect.levels[0]) for effect in term.effects],
        "y": values,
        "error_y": {**parts.bars(values, low, high), "color": look.colour},
        "mode": "lines+markers",
        "line": {"color": look.colour, "dash": look.dash, "width": 1},
        "marker": {"color": look.colour, "symbol": look.symbol, "size": 9},
        "name": style.text(term.factors[0]),
        "text": [between(effect.value, effect.low, effect.high, scale) for effect in term.effects],
        "hovertemplate": "<b>%{x}</b><br>%{text}<extra></extra>",
        "xaxis": parts.axis("x", number - 1),
        "yaxis": parts.axis("y", number - 1),
    }


def between(value: float, low: float | None, high: float | None, scale: float) -> str:
    """``+0.51 [+0.12, +0.90]``."""
    if low is None or high is None:
        return parts.signed(scale * value)
    return f"{parts.signed(scale * value)} [{parts.signed(scale * low)}, {parts.signed(scale * high)}]"


FIGURE = Figure(compute=main_effects.compute, draw=draw, needs="an axis with two values that have completed trials")
