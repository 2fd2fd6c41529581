"""Parts of traces and layouts that several figures share: intervals, bands, forests, panels, legends, menus."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from se_bench.analysis.arrays import Floats
from se_bench.analysis.estimates import Estimate
from se_bench.figures import style

FRACTIONS = ("accuracy", "validation_accuracy")
LONG_NAME = 22
"""Letters of a name for which a legend beside the figure would take too much of its width."""
ENTRY = 24
"""Pixels of an entry of a legend."""
ABREAST = 3
"""Entries beside each other in a legend below a figure."""


def panels(titles: Sequence[str], *, columns: int, row: int = 300, gap: float = 0.06, between: int = 80) -> go.Figure:
    """An empty figure of several panels, row by row, with a title above each; titles are safe already.

    Args:
        row: height of a row in pixels.
        gap: share of the width between two columns.
        between: pixels between two rows.
    """
    across = min(columns, len(titles))
    down = math.ceil(len(titles) / across)
    left, top, bottom = 70, 50, 60
    high = down * row + top + bottom
    found = make_subplots(
        rows=down,
        cols=across,
        subplot_titles=list(titles),
        horizontal_spacing=gap if across > 1 else 0,
        vertical_spacing=min(0.9 / down, between / (high - top - bottom)),
        figure=style.figure(height=high, margin={"l": left, "r": 20, "t": top, "b": bottom}),
    )
    found.update_annotations(font_size=13)
    return found


def axis(kind: str, place: int) -> str:
    """``xaxis``, ``xaxis2`` ...: the axis of the panel at ``place``, counted from 0; of kind x, y, xaxis or yaxis."""
    return kind if place == 0 else f"{kind}{place + 1}"


def legend(names: Sequence[str]) -> dict[str, Any]:
    """A legend beside the figure, or below it where its names are long; they are as the legend shows them."""
    if max((len(name) for name in names), default=0) <= LONG_NAME:
        return {}
    return {"orientation": "h", "x": 0, "xanchor": "left", "y": -0.16, "yanchor": "top"}


def legend_height(names: Sequence[str]) -> int:
    """The pixels that a figure must be higher for a legend of these names below it; 0 for one beside it."""
    return ENTRY * math.ceil(len(names) / ABREAST) if legend(names) else 0


def y_axis(objective: str) -> dict[str, Any]:
    """The entries of the axis of an objective: its title, and no further than it can go."""
    clipped = {"autorangeoptions": {"clipmin": 0, "clipmax": 1}} if objective in FRACTIONS else {}
    return {"title": {"text": style.title(objective)}, **clipped}


def _zero_if_none(value: float | None) -> float:
    return 0.0 if value is None else value


def signed(value: float, digits: int = 3) -> str:
    """``+0.512`` or ``−0.512``, to this many digits."""
    return f"{value:+.{digits}g}".replace("-", style.MINUS)


def known(values: Floats) -> list[float | None]:
    """Numbers as a figure takes them: None for what is not known."""
    return [value if math.isfinite(value) else None for value in values.tolist()]


def bars(values: Sequence[float], low: Sequence[float | None], high: Sequence[float | None]) -> dict[str, Any]:
    """The entries of an error bar: how far the ends of an interval are from the value; None where there is none."""
    return {
        "type": "data",
        "symmetric": False,
        "array": [None if end is None else end - value for value, end in zip(values, high, strict=True)],
        "arrayminus": [None if end is None else value - end for value, end in zip(values, low, strict=True)],
        "thickness": 1.5,
        "width": 5,
    }


def forest(names: Sequence[str], found: Sequence[Estimate], scale: float, colour: str) -> dict[str, Any]:
    """The entries of a trace of estimates with their intervals, a row each; names are safe already."""
    means = [scale * _zero_if_none(each.mean) for each in found]
    ends = [[None if end is None else scale * end for end in (each.low, each.high)] for each in found]
    return {
        "x": means,
        "y": list(names),
        "error_x": {**bars(means, [low for low, _ in ends], [high for _, high in ends]), "color": colour},
        "mode": "markers",
        "text": [style.interval(_zero_if_none(each.mean), each.low, each.high, each.n, scale=scale) for each in found],
        "hovertemplate": "<b>%{y}</b><br>%{text}<extra></extra>",
    }


def rows(number: int) -> list[float]:
    """The range of an upright axis of so many categories, with half a row above and below."""
    return [-0.6, number - 0.4]


def zero_line(axis: str = "") -> dict[str, Any]:
    """A shape: a dashed upright line at zero, over the whole height of the axes x and y with this number."""
    line = {"color": style.GREY, "width": 1.5, "dash": "dash"}
    upright = {"type": "line", "x0": 0, "x1": 0, "y0": 0, "y1": 1, "line": line}
    return {**upright, "xref": f"x{axis}", "yref": f"y{axis} domain"}


def band(x: Sequence[Any], low: Sequence[float], high: Sequence[float], colour: str, group: str) -> dict[str, Any]:
    """A trace: the area between two lines over ``x``, which the legend hides together with its group."""
    return {
        "type": "scatter",
        "x": [*x, *reversed(x)],
        "y": [*high, *reversed(low)],
        "fill": "toself",
        "mode": "none",
        "fillcolor": colour,
        "opacity": 0.15,
        "legendgroup": group,
        "showlegend": False,
        "hoverinfo": "skip",
    }


def note(words: str) -> dict[str, Any]:
    """An annotation: a line of text above the upper left corner of the figure."""
    return {
        "text": words,
        "x": 0,
        "y": 1,
        "xref": "paper",
        "yref": "paper",
        "xanchor": "left",
        "yanchor": "bottom",
        "showarrow": False,
        "font": {"size": 12},
    }


def menu(labels: Sequence[str], arguments: Sequence[list[Any]]) -> dict[str, Any]:
    """Buttons above the figure, each of which updates it with its arguments (traces, layout)."""
    return {
        "type": "buttons",
        "direction": "right",
        "buttons": [
            {"label": label, "method": "update", "args": given} for label, given in zip(labels, arguments, strict=True)
        ],
        "x": 0,
        "xanchor": "left",
        "y": 1.04,
        "yanchor": "bottom",
        "showactive": True,
        "pad": {"b": 4},
        "font": {"color": style.THEMES["light"]["ink"]},
        "bgcolor": style.THEMES["light"]["button"],
    }
