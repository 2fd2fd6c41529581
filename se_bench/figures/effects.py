"""The forest plot: accuracy minus the baseline's, of each candidate or each value of an axis, with its interval."""

from __future__ import annotations

import plotly.graph_objects as go

from se_bench.analysis import effects
from se_bench.analysis.effects import Effect, Effects
from se_bench.figures import parts, style
from se_bench.figures.style import POINTS, Figure


def draw(value: Effects) -> go.Figure:
    """A row a candidate, the plan's first on top; zero is the baseline. Hollow: known by its survivors only."""
    rows = list(reversed(value.effects))
    colour = style.COLOURS[0]
    trace = {
        "type": "scatter",
        **parts.forest([_name(effect) for effect in rows], [effect.difference for effect in rows], POINTS, colour),
        "marker": {
            "color": colour,
            "size": 10,
            "symbol": ["square-open" if effect.unsuccessful else "square" for effect in rows],
            "line": {"width": 2},
        },
        "showlegend": False,
    }
    return style.figure(
        [trace],
        height=max(220, 120 + 34 * len(rows)),
        xaxis={
            "title": {"text": "difference, same seeds (points of accuracy)"},
            "zeroline": False,
            "autorangeoptions": {"include": [-0.1, 0.1]},
        },
        yaxis={"type": "category", "showgrid": False, "range": parts.rows(len(rows))},
        shapes=[parts.zero_line()],
    )


def _name(effect: Effect) -> str:
    lost = f" ({effect.unsuccessful} unsuccessful)" if effect.unsuccessful else ""
    return style.text(effect.label) + lost


FIGURE = Figure(
    compute=effects.compute,
    draw=draw,
    needs="a seed that a candidate and its baseline have both completed",
)
