"""What all figures share: colours, symbols, units, themes, and how they become HTML.

Colours are Okabe & Ito's (jfly.uni-koeln.de/color) and a violet, told apart by every kind of colour vision; a symbol
and a dash go with each, so that no figure needs colour to be read.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import ArrayLike
from plotly.colors import sample_colorscale

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
    "latency_ms": (1, "ms of a forward pass"),
    "train_step_ms": (1, "ms of a training step"),
    "gate_class_share": (1, "class share of gates in stage"),
    "gate_saturation": (1, "share of gates near an end in stage"),
    "gate_dynamics": (POINTS, "points of accuracy owed to dynamic gates"),
    "percent_of": (100, "percent of the other's"),
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


def as_html(figure: go.Figure, div_id: str) -> str:
    """The figure as an HTML fragment without plotly.js; the same bytes for the same figure."""
    return str(figure.to_html(full_html=False, include_plotlyjs=False, div_id=div_id, config=CONFIG))


def plotly_script() -> str:
    """plotly.js itself, to be put into a page once."""
    from plotly.offline import get_plotlyjs  # noqa: PLC0415 - several MB, only needed by a whole page

    return str(get_plotlyjs())
