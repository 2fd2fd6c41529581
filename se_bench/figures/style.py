"""What all figures share: colours, symbols, units, themes, and how they become HTML.

Colours are Okabe & Ito's (jfly.uni-koeln.de/color) and a violet, told apart by every kind of colour vision; a symbol
and a dash go with each, so that no figure needs colour to be read.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import ArrayLike
from plotly.colors import sample_colorscale
from plotly.subplots import make_subplots

from se_bench.analysis.arrays import Floats
from se_bench.analysis.estimates import Estimate
from se_bench.analysis.families import BASELINE, in_order

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#785EF0")
SYMBOLS = ("circle", "square", "triangle-up", "cross", "star", "hexagon", "triangle-down")
DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot", "9px,3px,2px,3px,2px,3px")
GREY = "#7f7f7f"
MINUS = "\N{MINUS SIGN}"
MOST_GROUPS = len(COLOURS)
"""Groups that have a colour; those after them are grey."""
MOST_NAMED = 2 * MOST_GROUPS
"""Groups that are told apart, the later ones by symbol and dash alone; more are one group, looked up by hovering."""
DIVERGING = ((0.0, "#0072B2"), (0.5, "#ffffff"), (1.0, "#E69F00"))
"""For what may be above or below zero, which is white."""
SEQUENTIAL = tuple(sample_colorscale("Viridis", [0.25, 0.35, 0.45, 0.55, 0.65, 0.75]))
"""Viridis without its ends, which are the colours of the papers."""
MANY = 2000
"""From this many points on they are drawn by WebGL."""

TITLES = {
    "accuracy": "test accuracy, last epoch (fraction)",
    "loss": "test loss, last epoch (nats)",
    "validation_accuracy": "validation accuracy, last epoch (fraction)",
    "train_seconds": "training time (s)",
    "macs": "MACs of one image (conv + linear)",
    "params": "trainable parameters",
    "elementwise": "elementwise operations of one image",
    "activations": "elements written for one image",
}

SHORT_TITLES = {"macs": "MACs", "params": "parameters", "train_seconds": "training time"}
"""What a button calls an axis, where its name is not good enough."""

FRACTIONS = ("accuracy", "validation_accuracy")
LONG_NAME = 22
"""Letters of a name for which a legend beside the figure would take too much of its width."""
ENTRY = 24
"""Pixels of an entry of a legend."""
ABREAST = 3
"""Entries beside each other in a legend below a figure."""
POINTS = 100
"""One of accuracy is a hundred points."""
UNITS = {
    "accuracy": (POINTS, "points of accuracy"),
    "validation_accuracy": (POINTS, "points of validation accuracy"),
    "loss": (1, "nats of loss"),
    "train_seconds": (1, "seconds of training"),
    "aulc": (POINTS, "points of area under the learning curve"),
    "epochs_to": (1, "epochs to the accuracy"),
    "seconds_to": (1, "seconds to the accuracy"),
}
"""What a difference is multiplied by to be shown, and its unit then."""

LEGEND = {"title": {"text": ""}, "font": {"size": 12}, "x": 1.02, "xanchor": "left", "y": 1}

CONFIG = {
    "showSendToCloud": False,  # plotly 7 offers to upload the data unless told not to
    "displaylogo": False,
    "responsive": True,
    "toImageButtonOptions": {"format": "svg"},
}

THEMES: dict[str, dict[str, str]] = {
    "light": {"ink": "#1c1e21", "grid": "#dfe2e6", "zero": "#9aa0a6", "paper": "#ffffff", "button": "#f1f3f4"},
    "dark": {"ink": "#e8eaed", "grid": "#3a3f45", "zero": "#80868b", "paper": "#1e2125", "button": "#2a2e33"},
}


@dataclass(frozen=True)
class Table:
    """A value as a table, in words; what is not known is an em dash."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Figure:
    """A registered figure: what is shown, and how it is drawn."""

    compute: Callable[..., Any]
    """(answer, panel) -> a value, or None where there is nothing to show yet. A value has a ``caption``."""
    draw: Callable[..., go.Figure]
    """A value -> the figure, in the light theme."""
    needs: str = "a completed trial"
    """What there must be for it to have a value, in words."""
    tabulate: Callable[..., Table] | None = None
    """A value -> what stands below the figure as a table, where one belongs to it."""


@dataclass(frozen=True)
class Look:
    """What tells one group from the others: colour with symbol, colour with dash."""

    colour: str
    symbol: str
    dash: str


BASELINE_LOOK = Look(GREY, "diamond", "solid")
OTHER_LOOK = Look(GREY, "circle", "dot")
"""Of all groups that are not told apart."""


def look(place: int) -> Look:
    """The look of the group at ``place`` of the sorted names."""
    turn, index = divmod(place, MOST_GROUPS)
    own = Look(COLOURS[index] if not turn else GREY, SYMBOLS[index], DASHES[index])
    return own if place < MOST_NAMED else OTHER_LOOK


def looks(names: Iterable[str]) -> dict[str, Look]:
    """The look of each group: by its place among all names, sorted, so that it is the same in every figure.

    The first :data:`MOST_GROUPS` have a colour, as many more are grey with their symbols and dashes.
    """
    ordered = in_order(name for name in names if name != BASELINE)
    return {BASELINE: BASELINE_LOOK, **{name: look(place) for place, name in enumerate(ordered)}}


def legend_name(name: str, found: Mapping[str, Look]) -> str:
    """What the legend calls a group: those that are not told apart share an entry."""
    return "other" if found[name] is OTHER_LOOK else text(name)


def figure(traces: Sequence[Mapping[str, Any]] = (), *, height: int = 460, **layout: Any) -> go.Figure:
    """A figure of these traces, in the shared look; text and grid follow the page's theme.

    Built in one go: updating plotly's objects afterwards takes tens of milliseconds.
    """
    shared = {
        **theme("light"),
        "height": height,
        "margin": {"l": 70, "r": 20, "t": 30, "b": 55},
        "legend": LEGEND,
    }
    return go.Figure(data=list(traces), layout=shared | layout)


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
        figure=figure(height=high, margin={"l": left, "r": 20, "t": top, "b": bottom}),
    )
    found.update_annotations(font_size=13)
    return found


def axis(kind: str, place: int) -> str:
    """``xaxis``, ``xaxis2`` ...: the axis of the panel at ``place``, counted from 0; of kind x, y, xaxis or yaxis."""
    return kind if place == 0 else f"{kind}{place + 1}"


def theme(name: str) -> dict[str, Any]:
    """The layout entries that a theme sets, as Plotly.relayout takes them: a template, which holds for all axes."""
    colours = THEMES[name]
    axis = {
        "gridcolor": colours["grid"],
        "linecolor": colours["zero"],
        "zerolinecolor": colours["zero"],
        "tickcolor": colours["zero"],
        "automargin": True,
        "title": {"standoff": 10},
    }
    return {
        "template": {
            "layout": {
                "paper_bgcolor": "rgba(0,0,0,0)",
                "plot_bgcolor": "rgba(0,0,0,0)",
                "font": {"color": colours["ink"], "family": "system-ui, sans-serif", "size": 13},
                "modebar": {
                    "bgcolor": "rgba(0,0,0,0)",
                    "color": colours["zero"],
                    "activecolor": colours["ink"],
                },
                "hoverlabel": {
                    "align": "left",
                    "bgcolor": colours["paper"],
                    "bordercolor": colours["zero"],
                    "font": {"color": colours["ink"]},
                },
                "xaxis": axis,
                "yaxis": axis,
            }
        }
    }


def theme_changes() -> str:
    """Both themes as JSON, theme -> Plotly.relayout argument; for the script of a page."""
    return json.dumps({name: theme(name) for name in THEMES}, sort_keys=True)


def title(objective: str) -> str:
    """The title of an objective's axis."""
    return TITLES.get(objective, objective.replace("_", " "))


def short_title(objective: str) -> str:
    """What a button or a column calls an objective."""
    return SHORT_TITLES.get(objective, objective.replace("_", " "))


def unit(objective: str) -> tuple[float, str]:
    """What a difference of an objective is multiplied by to be shown, and its unit then."""
    name, _, about = objective.partition(" ")
    scale, words = UNITS.get(name, (1, short_title(name)))
    return scale, f"{words} {about}".strip()


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
    return {"title": {"text": title(objective)}, **clipped}


def is_wide(values: ArrayLike) -> bool:
    """Whether positive values span so much that a logarithmic axis shows them better."""
    found = np.asarray(values, dtype=np.float64)
    found = found[found > 0]
    return bool(found.size) and bool(found.max() > 4 * found.min())


def text(label: str) -> str:
    """A name from a file or database as text: Plotly reads HTML in labels."""
    return escape(label, quote=False)


def interval(mean: float, low: float | None, high: float | None, n: int, *, scale: float = 1.0) -> str:
    """``0.8921 [0.8810, 0.9032], n=5``, for hovering."""
    ends = f" [{scale * low:.4f}, {scale * high:.4f}]" if low is not None and high is not None else ""
    return f"{scale * mean:.4f}{ends}, n={n}"


def _zero_if_none(value: float | None) -> float:
    return 0.0 if value is None else value


def signed(value: float, digits: int = 3) -> str:
    """``+0.512`` or ``−0.512``, to this many digits."""
    return f"{value:+.{digits}g}".replace("-", MINUS)


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
        "text": [interval(_zero_if_none(each.mean), each.low, each.high, each.n, scale=scale) for each in found],
        "hovertemplate": "<b>%{y}</b><br>%{text}<extra></extra>",
    }


def zero_line(axis: str = "") -> dict[str, Any]:
    """A shape: a dashed upright line at zero, over the whole height of the axes x and y with this number."""
    line = {"color": GREY, "width": 1.5, "dash": "dash"}
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
        "font": {"color": THEMES["light"]["ink"]},
        "bgcolor": THEMES["light"]["button"],
    }


def as_html(figure: go.Figure, div_id: str) -> str:
    """The figure as an HTML fragment without plotly.js; the same bytes for the same figure."""
    return str(figure.to_html(full_html=False, include_plotlyjs=False, div_id=div_id, config=CONFIG))


def plotly_script() -> str:
    """plotly.js itself, to be put into a page once."""
    from plotly.offline import get_plotlyjs  # noqa: PLC0415 - several MB, only needed by a whole page

    return str(get_plotlyjs())
