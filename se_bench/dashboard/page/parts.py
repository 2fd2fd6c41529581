"""The parts that pages are made of: a figure in its frame, tables, choices with their labels, the stores of a page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dash import dcc, html

from se_bench.dashboard.state import LONGEST, Key, write
from se_bench.figures import style

Row = Sequence[Any]


FILLED = (("drawn", "data"), ("caption", "children"), ("rows", "data"), ("table", "children"))
"""The parts of a figure's frame that a callback fills, with the property that it sets."""


def part(name: str, by: Any, of: Any) -> dict[str, Any]:
    """The id of a part of a figure's frame: ``by`` says whose callback fills it, ``of`` which of those it is."""
    return {"part": name, "by": by, "of": of}


def figure_frame(by: str, of: str, title: str, *, height: int = 460) -> Any:
    """A figure with what Plotly's own has not: a caption that is read out, its data as a table, buttons for the view.

    It is filled through :data:`FILLED`: the drawing, the caption, its points as rows, the table that belongs to it.
    """
    view = html.Div(
        [
            html.Button(words, type="button", className="view", **{"data-view": what, "title": tip})
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
                        id=part("graph", by, of),
                        config={**style.CONFIG, "modeBarButtonsToRemove": ["lasso2d", "autoScale2d"]},
                        figure={"data": [], "layout": {"height": height, "xaxis": {"visible": False}}},
                        style={"height": f"{height}px"},
                    ),
                    view,
                ],
                id=part("stage", by, of),
                className="stage waiting",
            ),
            dcc.Store(id=part("drawn", by, of)),
            dcc.Store(id=part("look", by, of)),
            html.Figcaption("Loading…", id=part("caption", by, of), **{"aria-live": "polite"}),
            html.Div(id=part("table", by, of)),
            html.Details(
                [html.Summary("Show as table"), html.Div(id=part("listed", by, of), className="listed")],
                className="as-table",
            ),
            dcc.Store(id=part("rows", by, of)),
        ],
        className="figure",
        **{"aria-label": title},
    )


def table(
    columns: Sequence[Any], rows: Sequence[Row], *, label: str, words: Sequence[str] = (), left: Sequence[int] = (0,)
) -> Any:
    """A table in a frame that scrolls; columns named in ``words``, or at places in ``left``, hold text."""
    texts = {place for place, column in enumerate(columns) if place in left or column in words}

    def look(place: int) -> str:
        return "words" if place in texts else ""

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


def notices(sentences: Sequence[str]) -> list[Any]:
    """What was wrong with an address, where anything was."""
    return [html.Div([html.P(each) for each in sentences], className="notice", role="status")] if sentences else []


def select(key: str, label: str, options: Mapping[str, str], value: str) -> Any:
    """One of many: the browser's own list, which every keyboard and screen reader knows. ``key`` is its name in the
    address, ``options`` are value -> words.
    """
    listed = [
        html.Option(words, value=each, **({"selected": True} if each == value else {}))
        for each, words in options.items()
    ]
    return _under(
        label, html.Div([html.Select(listed, **{"data-control": key, "aria-label": label}), hidden(key, value)])
    )


def choices(key: str, label: str, options: Mapping[str, str], chosen: Sequence[str], *, many: bool = False) -> Any:
    """Buttons that stay pressed: one of a few, or any number of them."""
    buttons = [
        html.Button(
            words,
            type="button",
            className="choice",
            **{
                "data-control": key,
                "data-value": each,
                "aria-pressed": "true" if each in chosen else "false",
                **({"data-many": ""} if many else {}),
            },
        )
        for each, words in options.items()
    ]
    group = html.Div(buttons, className="choices", role="group", **{"aria-label": label})
    return html.Div(
        [html.Span(label, className="label"), group, hidden(key, ",".join(chosen))],
        className="control wide" if many else "control",
    )


def text_field(key: str, label: str, value: str, *, placeholder: str) -> Any:
    """A line of text; what is typed counts a moment after the last key."""
    control = dcc.Input(
        id={"control": key}, type="text", value=value, placeholder=placeholder, debounce=0.3, autoComplete="off"
    )
    return _under(label, control, wide=True)


def slider(name: str, label: str, *, value: int) -> Any:
    """A place between 0 and 1000 to be pulled at; not part of the address."""
    return _under(label, dcc.Input(id=name, type="range", min=0, max=1000, step=1, value=value))


def hidden(key: str, value: str) -> Any:
    """A part of the address that no control shows: scripts write it."""
    return dcc.Input(id={"control": key}, type="hidden", value=value)


def _under(label: str, control: Any, *, wide: bool = False) -> Any:
    """One of the browser's own controls in its label."""
    return html.Label([html.Span(label, className="label"), control], className="control wide" if wide else "control")


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
