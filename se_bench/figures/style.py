"""What all figures share: colours, symbols, units, themes, and how they become HTML.

Colours are Okabe & Ito's (jfly.uni-koeln.de/color), told apart by every kind of colour vision; a symbol and a
dash go with each, so that no figure needs colour to be read.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from html import escape
from typing import Any

import plotly.graph_objects as go

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
SYMBOLS = ("circle", "square", "triangle-up", "cross", "star", "hexagon")
DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")
GREY = "#7f7f7f"
MOST_GROUPS = 2 * len(COLOURS)
"""More groups than this are not told apart by their looks, but looked up by hovering."""

TITLES = {
    "accuracy": "test accuracy, last epoch (fraction)",
    "loss": "test loss, last epoch (nats)",
    "train_seconds": "training time (s)",
    "macs": "MACs of one image (conv + linear)",
    "params": "trainable parameters",
    "elementwise": "elementwise operations of one image",
    "activations": "elements written for one image",
}

SHORT_TITLES = {"macs": "MACs", "params": "parameters", "train_seconds": "training time"}
"""What a button calls an axis, where its name is not good enough."""

CONFIG = {
    "showSendToCloud": False,  # plotly 7 offers to upload the data unless told not to
    "displaylogo": False,
    "responsive": True,
    "toImageButtonOptions": {"format": "svg"},
}

THEMES: dict[str, dict[str, str]] = {
    "light": {"ink": "#1c1e21", "grid": "#dfe2e6", "zero": "#9aa0a6", "paper": "#ffffff"},
    "dark": {"ink": "#e8eaed", "grid": "#3a3f45", "zero": "#80868b", "paper": "#1e2125"},
}


@dataclass(frozen=True)
class Figure:
    """A registered figure: what is shown, and how it is drawn."""

    compute: Callable[..., Any]
    """(answer, panel) -> a value, or None where there is nothing to show yet."""
    draw: Callable[..., go.Figure]
    """A value -> the figure, in the light theme."""


@dataclass(frozen=True)
class Look:
    """What tells one group from the others: colour with symbol, colour with dash; no pair comes twice."""

    colour: str
    symbol: str
    dash: str


def look(place: int) -> Look:
    """The look of the group at ``place``; a colour that comes again has an open symbol and another dash."""
    turn, index = divmod(place, len(COLOURS))
    return Look(
        colour=COLOURS[index],
        symbol=SYMBOLS[index] + ("-open" if turn else ""),
        dash=DASHES[(index + 2 * turn) % len(DASHES)],
    )


def empty(height: int = 460) -> go.Figure:
    """A figure without traces, in the shared look; text and grid follow the page's theme."""
    figure = go.Figure()
    figure.update_layout(
        template="none",
        height=height,
        margin={"l": 70, "r": 20, "t": 30, "b": 55},
        font={"family": "system-ui, sans-serif", "size": 13},
        hoverlabel={"align": "left"},
        legend={"title": {"text": ""}},
    )
    figure.update_layout(theme("light"))
    figure.update_xaxes(automargin=True)
    figure.update_yaxes(automargin=True)
    return figure


def theme(name: str) -> dict[str, str]:
    """The layout entries that a theme sets, by their dotted paths: also what Plotly.relayout takes."""
    colours = THEMES[name]
    changes = {
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font.color": colours["ink"],
        "modebar.bgcolor": "rgba(0,0,0,0)",
        "modebar.color": colours["zero"],
        "modebar.activecolor": colours["ink"],
        "hoverlabel.bgcolor": colours["paper"],
        "hoverlabel.font.color": colours["ink"],
    }
    for axis in ("xaxis", "yaxis"):
        changes |= {
            f"{axis}.gridcolor": colours["grid"],
            f"{axis}.linecolor": colours["zero"],
            f"{axis}.zerolinecolor": colours["zero"],
            f"{axis}.tickcolor": colours["zero"],
        }
    return changes


def theme_changes() -> str:
    """Both themes as JSON, theme -> Plotly.relayout argument; for the script of a page."""
    return json.dumps({name: theme(name) for name in THEMES}, sort_keys=True)


def button_row(buttons: list[dict[str, Any]]) -> dict[str, Any]:
    """A menu of buttons above a figure."""
    return {
        "type": "buttons",
        "direction": "right",
        "buttons": buttons,
        "x": 0,
        "xanchor": "left",
        "y": 1.02,
        "yanchor": "bottom",
        "showactive": True,
        "pad": {"b": 4},
        "font": {"color": "#1c1e21"},
        "bgcolor": "#f1f3f4",
    }


def is_wide(values: Iterable[float]) -> bool:
    """Whether positive values span so much that a logarithmic axis shows them better."""
    found = [value for value in values if value > 0]
    return bool(found) and max(found) > 4 * min(found)


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
