"""Learning curves: test accuracy after each epoch, a line for the mean and a band for its interval."""

from __future__ import annotations

import math

import plotly.graph_objects as go

from se_bench.analysis import curves
from se_bench.analysis.curves import Curve, Curves
from se_bench.figures import style
from se_bench.figures.style import Figure

MOST_TICKS = 12


def draw(value: Curves) -> go.Figure:
    """One line and one band a candidate; a click on the legend hides both."""
    figure = style.empty()
    others = [curve for curve in value.curves if not curve.is_baseline]
    for curve in value.curves:
        if curve.is_baseline:
            colour, dash = style.GREY, "solid"
        else:
            place = others.index(curve)
            look = style.look(place) if place < style.MOST_GROUPS else None
            colour, dash = (look.colour, look.dash) if look else (style.GREY, "dot")
        _add(figure, curve, colour, dash)
    figure.update_layout(hovermode="x", legend={"x": 1.02, "xanchor": "left", "y": 1})
    last = max(curve.epochs[-1] for curve in value.curves)
    figure.update_xaxes(title_text="epoch", tick0=1 if last <= MOST_TICKS else 0, dtick=math.ceil(last / MOST_TICKS))
    figure.update_yaxes(title_text="test accuracy (fraction)")
    return figure


def _add(figure: go.Figure, curve: Curve, colour: str, dash: str) -> None:
    label = style.text(curve.label)
    banded = [
        (epoch, found.low, found.high)
        for epoch, found in zip(curve.epochs, curve.accuracy, strict=True)
        if found.low is not None and found.high is not None
    ]
    if banded:
        epochs = [epoch for epoch, _, _ in banded]
        figure.add_trace(
            go.Scatter(
                x=[*epochs, *reversed(epochs)],
                y=[*(high for _, _, high in banded), *(low for _, low, _ in reversed(banded))],
                fill="toself",
                mode="none",
                fillcolor=colour,
                opacity=0.13,
                legendgroup=label,
                showlegend=False,
                hoverinfo="skip",
            )
        )
    figure.add_trace(
        go.Scatter(
            x=list(curve.epochs),
            y=[found.mean for found in curve.accuracy],
            mode="lines" if len(curve.epochs) > 1 else "markers",
            line={"color": colour, "dash": dash, "width": 2},
            name=label,
            legendgroup=label,
            text=[
                style.interval(found.mean, found.low, found.high, found.n)
                for found in curve.accuracy
                if found.mean is not None
            ],
            hovertemplate="%{text}",
        )
    )


FIGURE = Figure(compute=curves.compute, draw=draw)
