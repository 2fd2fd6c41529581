"""The Pareto figure of a study's page: every axis, family and filter can be chosen, every point leads to its trial."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from dash import ClientsideFunction, Input, Output, State, dcc, html, no_update

from se_bench.analysis.density import density
from se_bench.analysis.pareto import Pareto
from se_bench.config.dashboard import Panel
from se_bench.config.filter_text import parse
from se_bench.dashboard.cloud import Window, one_by_one
from se_bench.dashboard.page import drawing, parts
from se_bench.dashboard.page.parts import part
from se_bench.dashboard.page.site import Site
from se_bench.dashboard.pages.panels import data_table, filter_field
from se_bench.dashboard.question import OBJECTIVES, Question, keys
from se_bench.dashboard.reader import Drawable, Head, Reader
from se_bench.dashboard.state import read
from se_bench.errors import UserError
from se_bench.figures import behind, binned, pareto, style

FIGURE = "pareto"
PLACE = ("front", "pareto")
"""By whom the figure is filled, and which it is: what its parts are called by."""
_SCALES = {"auto": "Auto", "log": "Log", "linear": "Linear"}
_POINTS = {"mean": "candidate (mean over seeds)", "each": "trial"}
_FRONTS = {"shown": "Of what is shown", "all": "And of all"}


def section(head: Head, values: Mapping[str, str], panel: Panel | None, below: Sequence[Any]) -> Any:
    """The controls, the figure still to come, the budgets, and what belongs ``below``."""
    return html.Section(
        [
            html.H2(panel.title if panel and panel.title else "Accuracy against cost"),
            *([html.P(panel.text)] if panel and panel.text else []),
            _controls(head, values),
            parts.figure_frame(*PLACE, "Accuracy against cost", height=540),
            html.P(id="hovered", className="hovered soft"),
            dcc.Store(id="hover"),
            dcc.Store(id="window"),
            *below,
            _budgets(),
        ],
        className="panel",
    )


def _controls(head: Head, values: Mapping[str, str]) -> Any:
    names = {name: style.short_title(name) for name in OBJECTIVES}
    families = {"": "none", **{axis: axis.replace("_", " ") for axis in head.axes}}
    return html.Div(
        [
            parts.select("y", "Up", names, values["y"]),
            parts.select("x", "Across", names, values["x"]),
            parts.select("by", "Families by", families, values["by"]),
            parts.select("seeds", "A point is a", _POINTS, values["seeds"]),
            parts.choices("xs", "Scale across", _SCALES, [values["xs"]]),
            parts.choices("ci", "95 % intervals", {"95": "Shown", "0": "Hidden"}, [values["ci"]]),
            parts.choices("front", "Front", _FRONTS, [values["front"]]),
            *filter_field(values["f"], "filter-problem"),
        ],
        className="controls",
        role="group",
        **{"aria-label": "What figure and table show"},
    )


def _budgets() -> Any:
    """Two sliders over the front; the browser answers from the front's members, without a request."""
    return html.Div(
        [
            parts.slider("budget", "Best at no more than", value=1000),
            html.P(id="budget-answer", className="answer", **{"aria-live": "polite"}),
            parts.slider("within", "Cheapest within", value=100),
            html.P(id="within-answer", className="answer", **{"aria-live": "polite"}),
        ],
        className="budgets",
        role="group",
        **{"aria-label": "The front at a budget"},
    )


def asked(reader: Reader, study: str, question: str) -> Question:
    """The question in the store of the page. Raises :class:`FilterError`."""
    values, _ = read(question, keys(reader.head(study)))
    return Question.of(values, parse(values["f"]))


def answer(
    reader: Reader, study: str, question: str, window: Window | None = None
) -> tuple[dict[str, Any], str, dict[str, Any] | None]:
    """The figure as the browser gets it, what it says, and its data as a table. Raises :class:`FilterError`.

    ``window`` is what the reader has zoomed to; it matters where the points are too many to be drawn.
    """
    about = asked(reader, study, question)
    found = reader.drawable(study, about)
    if found.value is None:
        return {"data": None}, _nothing(found), None
    figure = pareto.draw(found.value)
    if found.behind is not None:
        behind.add(figure, found.behind)
    value, axis = found.value, found.value.axes[0]
    said = _bin(figure, found.value, window)
    members = list(axis.front)
    meta = {
        "question": question,
        "mark": found.mark,
        "window": {"x": window.x, "y": window.y} if window else None,
        "dense": said is not None,
        "columns": [about.x, about.y],
        "names": [style.short_title(about.x), style.short_title(about.y)],
        "scale": figure.layout.xaxis.type,
        "cheap": not axis.maximize,
        "high": value.maximize,
        "front": {
            "x": axis.x[members].tolist(),
            "y": value.values[members].tolist(),
            "names": [value.labels[place] for place in members],
        },
    }
    data = drawing.drawn(figure, revision=f"{study} {about.x} {about.y}", **meta)
    filtered = "" if found.shown == found.total else f"{found.shown:,} of {found.total:,} trials pass the filter. "
    return data, filtered + (said or "") + value.caption, data_table(figure)


def _bin(figure: Any, value: Pareto, window: Window | None) -> str | None:
    """Exchange a cloud of too many points for counts or for those in sight; says so, or None where all are drawn."""
    axis = value.axes[0]
    said = None
    for trace, places in zip(figure.data, pareto.order(value, axis), strict=False):
        points = one_by_one(axis.x, value.values, places, window)
        if points is places:
            continue
        kept = np.isin(places, points if points is not None else [])
        trace.update(x=trace.x[kept], y=trace.y[kept], marker_color=trace.marker.color[kept])
        said = f"The {len(points):,} points in sight are drawn, of {len(places):,}. " if points is not None else None
        if points is None:
            log = figure.layout.xaxis.type == "log"
            x_range, y_range = (window.x, window.y) if window else (None, None)
            counts = density(axis.x[places], value.values[places], log_x=log, x_range=x_range, y_range=y_range)
            if counts is not None:
                figure.add_trace(binned.cells(counts, trace.name))
            said = f"{len(places):,} points are shown as counts; zoom in to see them one by one. "
    return said


def _nothing(found: Drawable) -> str:
    if found.total and not found.shown:
        return f"None of {found.total:,} trials passes the filter."
    return "Nothing to show yet: no trial is completed."


def trial_at(reader: Reader, study: str, point: Mapping[str, Any]) -> str | None:
    """The trial of a point of the figure; None where the point is no trial's, or the study has changed since.

    Args:
        point: ``curve`` and ``point`` as Plotly counts them, with the ``question``, ``mark`` and ``window`` for which
            the figure was drawn.
    """
    found = reader.drawable(study, asked(reader, study, point["question"]))
    if found.value is None or found.mark != point["mark"]:
        return None
    value, axis = found.value, found.value.axes[0]
    traces = pareto.order(value, axis)
    if point["curve"] >= len(traces):
        return None
    drawn = one_by_one(axis.x, value.values, traces[point["curve"]], Window.of(point.get("window")))
    if drawn is None or point["point"] >= len(drawn):
        return None
    places = found.points[drawn[[point["point"]]]]
    return str(reader.frames.frame(study).trials["trial_id"].plain(places)[0])


def register(site: Site) -> None:
    """Draw on every new question and every change of the study; all else happens in the browser."""
    app, reader = site.app, site.reader

    @app.callback(
        Output(part("drawn", *PLACE), "data"),
        Output(part("caption", *PLACE), "children"),
        Output(part("rows", *PLACE), "data"),
        Output("filter-problem", "children"),
        Input("question", "data"),
        Input("mark", "data"),
        Input("window", "data"),
        State("subject", "data"),
        State(part("stage", *PLACE), "className"),
    )
    def _draw(question: str, mark: str, window: Any, subject: dict[str, Any], stage: str) -> tuple[Any, ...]:
        try:
            return *answer(reader, subject["study"], question, Window.of(window)), ""
        except UserError as problem:
            if "waiting" in stage:
                return {"data": None}, "Nothing is drawn: the filter cannot be read.", None, str(problem)
            said = "The filter cannot be read. The figure is the last one that could be drawn."
            return no_update, said, no_update, str(problem)

    app.clientside_callback(
        ClientsideFunction("front", "look"),
        Output(part("look", *PLACE), "data"),
        Input({"control": "xs"}, "value"),
        Input({"control": "ci"}, "value"),
        Input("rings", "data"),
    )
    app.clientside_callback(
        ClientsideFunction("front", "budgets"),
        Output("budget-answer", "children"),
        Output("within-answer", "children"),
        Input("budget", "value"),
        Input("within", "value"),
        Input(part("drawn", *PLACE), "data"),
    )
    app.clientside_callback(
        ClientsideFunction("front", "window"),
        Output("window", "data"),
        Input(part("graph", *PLACE), "relayoutData"),
        State(part("drawn", *PLACE), "data"),
        State("window", "data"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("front", "point"),
        Output("clicked", "data"),
        Output(part("graph", *PLACE), "clickData"),
        Input(part("graph", *PLACE), "clickData"),
        State(part("drawn", *PLACE), "data"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("front", "hover"),
        Output("hover", "data"),
        Input(part("graph", *PLACE), "hoverData"),
        State(part("drawn", *PLACE), "data"),
        prevent_initial_call=True,
    )
