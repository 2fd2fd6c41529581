"""The parts that pages are made of: a figure in its frame, tables, choices with their labels, the stores of a page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dash import dcc, html

from se_bench.dashboard.state import LONGEST, Key, write
from se_bench.figures import style

Row = Sequence[Any]


def figure_frame(place: str, title: str, *, height: int = 460) -> Any:
    """A figure with what Plotly's own has not: a caption that is read out, its data as a table, buttons for the view.

    It is filled through the stores and parts that are called by ``place``: ``drawn`` (the figure), ``caption`` and
    ``rows`` (the table).
    """
    view = html.Div(
        [
            html.Button(words, type="button", className="view", **{"data-view": what, "data-place": place, "title": tip})
            for what, words, tip in (
                ("in", "+", "Zoom in"),
                ("out", "−", "Zoom out"),
                ("reset", "Reset", "The whole figure"),
            )
        ],
        className="views",
        role="group",
        **{"aria-label": f"View of {title}"},
    )
    return html.Figure(
        [
            html.Div(
                [
                    dcc.Graph(
                        id={"part": "graph", "of": place},
                        config=style.CONFIG,
                        figure={"data": [], "layout": {"height": height, "xaxis": {"visible": False}}},
                        style={"height": f"{height}px"},
                    ),
                    view,
                ],
                id={"part": "stage", "of": place},
                className="stage waiting",
            ),
            dcc.Store(id={"part": "drawn", "of": place}),
            html.Figcaption("Loading…", id={"part": "caption", "of": place}, **{"aria-live": "polite"}),
            html.Details(
                [html.Summary("Show as table"), html.Div(id={"part": "rows", "of": place}, className="scroll")], className="as-table"
            ),
        ],
        className="figure",
        **{"aria-label": title},
    )


def table(columns: Sequence[str], rows: Sequence[Row], *, label: str, words: Sequence[str] = ()) -> Any:
    """A table in a frame that scrolls; columns named in ``words`` hold text and are set to the left."""
    left = {place for place, column in enumerate(columns) if column in words or place == 0}

    def look(place: int) -> str:
        return "words" if place in left else ""

    head = html.Tr([html.Th(column, scope="col", className=look(place)) for place, column in enumerate(columns)])
    body = [html.Tr([html.Td(cell, className=look(place)) for place, cell in enumerate(row)]) for row in rows]
    return html.Div(
        html.Table([html.Thead(head), html.Tbody(body)]),
        className="scroll",
        tabIndex=0,
        role="region",
        **{"aria-label": label},
    )


def facts(entries: Mapping[str, Any]) -> Any:
    """Names with what they stand for, two columns."""
    return html.Dl(
        [part for name, value in entries.items() for part in (html.Dt(name), html.Dd(value))], className="facts"
    )


def labelled(label: str, control: Any, *, wide: bool = False) -> Any:
    """A control under its label; the label is tied to it by its place."""
    return html.Label([html.Span(label, className="label"), control], className="control wide" if wide else "control")


def choices(key: str, label: str, options: Mapping[str, str], value: str) -> Any:
    """A list to choose from, value -> words. ``key`` is its name in the address."""
    return labelled(
        label,
        dcc.RadioItems(id={"control": key}, options=dict(options), value=value, className="choices"),
    )


def stores(
    *, subject: Mapping[str, Any], mark: str | None, keys: Sequence[Key] = (), values: Mapping[str, str] | None = None
) -> list[Any]:
    """What every page keeps in the browser.

    Args:
        subject: what the page is about, for its callbacks.
        mark: the state of the database that it shows; live refresh replaces it.
        keys: what the reader can choose on the page.
        values: what the address says of it.
    """
    said = {key.name: (values or {}).get(key.name, key.default) for key in keys}
    asking = [key for key in keys if key.asks]
    known = {
        "defaults": {key.name: key.default for key in keys},
        "asks": [key.name for key in asking],
        "longest": LONGEST,
    }
    return [
        dcc.Store(id="subject", data=dict(subject)),
        dcc.Store(id="mark", data=mark),
        dcc.Store(id="known", data=known),
        dcc.Store(id="query", data=write(said, keys)),
        dcc.Store(id="question", data=write(said, asking)),
    ]
