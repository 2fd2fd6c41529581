"""The forest plot: each candidate's accuracy minus the baseline's, with its interval, in points."""

from __future__ import annotations

import plotly.graph_objects as go

from se_bench.analysis import effects
from se_bench.analysis.effects import Effects
from se_bench.figures import style
from se_bench.figures.style import Figure

POINTS = 100
"""One of accuracy is a hundred points."""


def draw(value: Effects) -> go.Figure:
    """A row a candidate, the plan's first on top; zero is the baseline."""
    rows = list(reversed(value.effects))
    figure = style.empty(height=max(220, 120 + 34 * len(rows)))
    known = [effect.difference for effect in rows]
    means = [POINTS * found.mean for found in known if found.mean is not None]
    figure.add_trace(
        go.Scatter(
            x=means,
            y=[style.text(effect.label) for effect in rows],
            error_x={
                "type": "data",
                "symmetric": False,
                "array": [_reach(found.high, found.mean) for found in known],
                "arrayminus": [_reach(found.mean, found.low) for found in known],
                "color": style.COLOURS[0],
                "thickness": 2,
                "width": 6,
            },
            mode="markers",
            marker={"color": style.COLOURS[0], "size": 10, "symbol": "square"},
            text=[
                style.interval(found.mean, found.low, found.high, found.n, scale=POINTS)
                for found in known
                if found.mean is not None
            ],
            hovertemplate="<b>%{y}</b><br>%{text}<extra></extra>",
            showlegend=False,
        )
    )
    figure.add_vline(x=0, line={"color": style.GREY, "width": 1.5, "dash": "dash"})
    figure.update_xaxes(
        title_text="difference from the baseline, same seeds (points of accuracy)",
        zeroline=False,
        autorangeoptions={"include": [-0.1, 0.1]},
    )
    figure.update_yaxes(type="category", showgrid=False)
    return figure


def _reach(upper: float | None, lower: float | None) -> float | None:
    return None if upper is None or lower is None else POINTS * (upper - lower)


FIGURE = Figure(compute=effects.compute, draw=draw)
