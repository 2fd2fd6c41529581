"""Interactions: a heat map a pair of axes, blue below and orange above what the main effects add up to."""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go

from se_bench.analysis import interactions
from se_bench.analysis.factor_model import LevelEffect, Term
from se_bench.analysis.interactions import Interactions
from se_bench.figures import parts, style
from se_bench.figures.main_effects import between, probability
from se_bench.figures.style import Figure

MOST_PAIRS = 6
COLUMNS = 2
ROW = 360


def draw(value: Interactions) -> go.Figure:
    """The surest pairs, one scale of colours for all; an effect whose interval excludes zero has a star."""
    scale, unit = style.unit(value.y)
    shown = value.terms[:MOST_PAIRS]
    figure = parts.panels(
        [" x ".join(style.text(factor) for factor in term.factors) + probability(term) for term in shown],
        columns=COLUMNS,
        row=ROW,
        gap=0.16,
        between=110,
    )
    for place, term in enumerate(shown):
        figure.add_trace(_heat_map(term, scale, place))
        figure.update_layout(
            {
                parts.axis("xaxis", place): {"type": "category", "title": {"text": style.text(term.factors[1])}},
                parts.axis("yaxis", place): {"type": "category", "title": {"text": style.text(term.factors[0])}},
            }
        )
    most = max((abs(scale * effect.value) for term in shown for effect in term.effects), default=0) or 1
    figure.update_layout(
        coloraxis={
            "colorscale": style.DIVERGING,
            "cmin": -most,
            "cmax": most,
            "colorbar": {"title": {"text": f"interaction<br>({unit})"}},
        }
    )
    return figure


def _heat_map(term: Term, scale: float, place: int) -> dict[str, Any]:
    rows = list(dict.fromkeys(effect.levels[0] for effect in term.effects))
    columns = list(dict.fromkeys(effect.levels[1] for effect in term.effects))
    found = {effect.levels: effect for effect in term.effects}
    cells = [[found[one, other] for other in columns] for one in rows]
    return {
        "type": "heatmap",
        "x": [style.text(level) for level in columns],
        "y": [style.text(level) for level in rows],
        "z": [[scale * effect.value for effect in line] for line in cells],
        "coloraxis": "coloraxis",
        "text": [[f"{parts.signed(scale * effect.value, 2)}{_star(effect)}" for effect in line] for line in cells],
        "texttemplate": "%{text}",
        "customdata": [[between(effect.value, effect.low, effect.high, scale) for effect in line] for line in cells],
        "hovertemplate": "<b>%{y}, %{x}</b><br>%{customdata}<extra></extra>",
        "xgap": 2,
        "ygap": 2,
        "xaxis": parts.axis("x", place),
        "yaxis": parts.axis("y", place),
    }


def _star(effect: LevelEffect) -> str:
    return "*" if effect.low is not None and effect.high is not None and not effect.low <= 0 <= effect.high else ""


FIGURE = Figure(
    compute=interactions.compute,
    draw=draw,
    needs="two axes in every combination of their values, with completed trials",
)
