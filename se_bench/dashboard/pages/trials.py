"""The table of a study's trials, under the same filter as the figure, and narrowed by a box drawn in it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from dash import ClientsideFunction, Input, Output, State, dcc, html, no_update

from se_bench.config.filters import EVERYTHING, Filter, box
from se_bench.dashboard import columns
from se_bench.dashboard.page import grid, parts
from se_bench.dashboard.page.parts import part
from se_bench.dashboard.page.site import Site
from se_bench.dashboard.pages.front import PLACE, asked
from se_bench.dashboard.question import OBJECTIVES
from se_bench.dashboard.reader import Head, Stretch
from se_bench.errors import UserError


def section(site: Site, head: Head, values: Mapping[str, str]) -> Any:
    """The table, how many rows it has, and the box that narrows it, where one is drawn."""
    return html.Section(
        [
            html.H2("Trials"),
            html.Div(
                [
                    html.P(id="grid-count", className="soft", **{"aria-live": "polite"}),
                    html.Div(
                        [
                            html.Span(id="box-words"),
                            html.Button("Make it the filter", id="box-filter", type="button"),
                            html.Button("Clear", id="box-clear", type="button"),
                        ],
                        id="box-chip",
                        className="chip",
                        hidden=True,
                    ),
                    dcc.Link("Download these", id="download", href=site.href("export", study=head.name)),
                    parts.hidden("box", values["box"]),
                    parts.hidden("sort", values["sort"]),
                ],
                className="above",
            ),
            grid.grid(columns.of(head.axes), values["cols"].split(","), values["sort"]),
        ],
        className="panel",
    )


def box_of(text: str) -> Filter:
    """The box of an address, ``macs:3e6:4e6,accuracy:0.8:0.9``; everything where it is none."""
    ranges: dict[str, tuple[float, float]] = {}
    for side in text.split(",") if text else ():
        name, _, ends = side.partition(":")
        try:
            low, high = (float(end) for end in ends.split(":"))
        except ValueError:
            return EVERYTHING
        if name not in OBJECTIVES or math.isnan(low) or math.isnan(high):
            return EVERYTHING
        ranges[name] = (min(low, high), max(low, high))
    return box(ranges)


def block(
    site: Site, study: str, question: str, drawn: str, shown: str, request: Mapping[str, Any]
) -> tuple[dict[str, Any], str]:
    """The rows that the grid asks for, and how many there are in words. Raises :class:`UserError`.

    Args:
        question: that of the figure, which has the filter.
        drawn: the box of the address.
        shown: names of the columns that are not hidden, with commas.
        request: the grid's: ``startRow``, ``endRow``, ``sortModel``.
    """
    about = asked(site.reader, study, question)
    sort = [(each["colId"], each["sort"]) for each in request.get("sortModel") or ()]
    names = dict.fromkeys(("trial_id", *shown.split(","), about.x, about.y))  # x and y, to be shown in the figure
    place = Stretch(start=request["startRow"], end=request["endRow"], names=tuple(filter(None, names)))
    found = site.reader.block(study, about, box_of(drawn), sort, place)
    for row in found.rows:
        row["id"] = row["trial_id"]
        row["href"] = site.href("trial", row["trial_id"])
    counted = f"{found.shown:,} of {found.total:,} trials" if found.shown != found.total else f"{found.total:,} trials"
    return {"rowData": found.rows, "rowCount": found.shown}, counted


def register(site: Site) -> None:
    """Answer the grid; make it ask again when the question, the box or the study changes."""
    app = site.app

    @app.callback(
        Output("grid", "getRowsResponse"),
        Output("grid-count", "children"),
        Input("grid", "getRowsRequest"),
        State("question", "data"),
        State({"control": "box"}, "value"),
        State({"control": "cols"}, "value"),
        State("subject", "data"),
        prevent_initial_call=True,
    )
    def _rows(
        request: dict[str, Any] | None, question: str, drawn: str | None, shown: str | None, subject: dict[str, Any]
    ) -> tuple[Any, Any]:
        if request is None:
            return no_update, no_update
        try:
            return block(site, subject["study"], question, drawn or "", shown or "", request)
        except UserError:  # said above the figure
            return {"rowData": [], "rowCount": 0}, "No trials: the filter cannot be read."

    app.clientside_callback(
        ClientsideFunction("trials", "again"),
        Output("grid-order", "data"),
        Input("question", "data"),
        Input({"control": "box"}, "value"),
        Input({"control": "cols"}, "value"),
        Input("mark", "data"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("trials", "download"),
        Output("download", "href"),
        Input("question", "data"),
        Input({"control": "box"}, "value"),
        State("download", "href"),
    )
    app.clientside_callback(
        ClientsideFunction("trials", "sorted"),
        Output({"control": "sort"}, "value"),
        Input("grid", "getRowsRequest"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("trials", "columns"),
        Output("grid", "columnDefs"),
        Input({"control": "cols"}, "value"),
        State("grid", "columnDefs"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("trials", "box"),
        Output({"control": "box"}, "value"),
        Output({"control": "f"}, "value"),
        Output(part("graph", *PLACE), "selectedData"),
        Input(part("graph", *PLACE), "selectedData"),
        Input("box-clear", "n_clicks"),
        Input("box-filter", "n_clicks"),
        State({"control": "box"}, "value"),
        State({"control": "f"}, "value"),
        State(part("drawn", *PLACE), "data"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("trials", "chip"),
        Output("box-words", "children"),
        Output("box-chip", "hidden"),
        Input({"control": "box"}, "value"),
    )
