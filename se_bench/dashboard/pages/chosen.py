"""The trials that the reader has chosen by clicking: what they are, and the way to their pages.

They stand in the address (``sel``), as rings in the figure, and as rows of a small table.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from dash import ALL, ClientsideFunction, Input, Output, State, dcc, html, no_update

from se_bench.config.axes import BACKBONE_AXES
from se_bench.dashboard import differing
from se_bench.dashboard.page import parts
from se_bench.dashboard.page.site import Site
from se_bench.dashboard.pages.front import asked, trial_at
from se_bench.dashboard.question import Question
from se_bench.dashboard.reader import Reader
from se_bench.dashboard.words import cost
from se_bench.errors import UserError
from se_bench.figures import style
from se_bench.store.frame import Frame

MOST = 8
"""Trials that can be chosen at once; of more, the ones chosen last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """One chosen trial, and the point that stands for it."""

    trial_id: str
    label: str
    seed: int
    status: str
    differs: str
    """Where its configuration differs from that of the net without a block."""
    x: float | None
    """None where no point stands for it: not completed, or filtered out."""
    y: float | None
    measured: str


def ids(sel: str) -> list[str]:
    """The trials of an address, each once."""
    return list(dict.fromkeys(each for each in sel.split(",") if each))[-MOST:]


def toggled(sel: str, trial_id: str) -> str:
    """The address with a trial more, or without it where it was there."""
    now = ids(sel)
    return ",".join([each for each in now if each != trial_id] if trial_id in now else [*now, trial_id][-MOST:])


def look_up(reader: Reader, study: str, question: Question, sel: str) -> list[Chosen]:
    """What is known of the chosen trials; those that are none of the study's are left out."""
    frame = reader.frames.frame(study)
    found = reader.drawable(study, question)
    at = [(trial_id, place) for trial_id in ids(sel) if (place := frame.place(trial_id)) is not None]
    return [_describe(frame, question, found.value, found.points, trial_id, place) for trial_id, place in at]


def _describe(frame: Frame, question: Question, value: Any, points: Any, trial_id: str, place: int) -> Chosen:
    row = frame.rows(np.array([place]))[0]
    axes = {axis: row[axis] for axis in frame.axes if row[axis] is not None}
    rows = np.flatnonzero(points == place if question.each else frame.of[points] == frame.of[place])
    x = y = None
    measured = "not completed" if row[question.y] is None else f"{row[question.y]:.4f}"
    if value is not None and len(rows):
        at = rows[0]
        x, y = float(value.axes[0].x[at]), float(value.values[at])
        low, high = (None if np.isnan(ends[at]) else float(ends[at]) for ends in (value.low, value.high))
        measured = style.interval(y, low, high, int(value.n[at]))
    return Chosen(
        trial_id=trial_id,
        label=row["candidate"],
        seed=row["seed"],
        status=row["status"],
        differs=differing.in_words(axes, {"block": "none"}, but=BACKBONE_AXES),
        x=x,
        y=y,
        measured=measured,
    )


def words(reader: Reader, study: str, point: dict[str, Any]) -> str:
    """A point of the figure in a line: for those that carry no words themselves."""
    trial_id = trial_at(reader, study, point)
    if trial_id is None:
        return ""
    about = asked(reader, study, point["question"])
    (found,) = look_up(reader, study, about, trial_id)
    label = f"{found.label} seed {found.seed}" if about.each else found.label
    at = "" if found.x is None else f", {style.short_title(about.x)} {cost(found.x)}"
    return f"{label}: {about.y} {found.measured}{at}"


def places(sel: str) -> list[Any]:
    """Where the chosen trials are shown."""
    return [
        parts.hidden("sel", sel),
        dcc.Store(id="clicked"),
        html.Div(id="chosen", className="chosen", **{"aria-live": "polite"}),
        dcc.Store(id="rings"),
    ]


def shown(site: Site, question: Question, found: list[Chosen]) -> list[Any]:
    """The table of the chosen trials, or how to choose one."""
    if not found:
        return [
            html.P("Click a point, or press Enter on a row of the table below, to see its trial.", className="soft")
        ]
    rows = [
        (
            str(number),
            dcc.Link(f"{each.label} seed {each.seed}", href=site.href("trial", each.trial_id)),
            each.differs,
            each.status,
            each.measured,
            "–" if each.x is None else cost(each.x),
            html.Button("Remove", id={"drop": each.trial_id}, type="button", **{"aria-label": f"Remove {each.label}"}),
        )
        for number, each in enumerate(found, start=1)
    ]
    columns = (
        "ring",
        "trial",
        "differs from no block by",
        "status",
        f"{question.y} [95 %]",
        style.short_title(question.x),
        "",
    )
    return [parts.table(columns, rows, label="Chosen trials", words=(*columns[1:3], "status"))]


def register(site: Site) -> None:
    """A click chooses a trial or lets it go; the rest follows from the address."""
    app, reader = site.app, site.reader

    @app.callback(
        Output({"control": "sel"}, "value"),
        Input("clicked", "data"),
        State({"control": "sel"}, "value"),
        State("subject", "data"),
        prevent_initial_call=True,
    )
    def _click(point: dict[str, Any] | None, sel: str, subject: dict[str, Any]) -> Any:
        if point is None:
            return no_update
        trial_id = trial_at(reader, subject["study"], point)
        return no_update if trial_id is None else toggled(sel or "", trial_id)

    app.clientside_callback(
        ClientsideFunction("front", "drop"),
        Output({"control": "sel"}, "value", allow_duplicate=True),
        Input({"drop": ALL}, "n_clicks"),
        State({"control": "sel"}, "value"),
        prevent_initial_call=True,
    )

    @app.callback(
        Output("hovered", "children"), Input("hover", "data"), State("subject", "data"), prevent_initial_call=True
    )
    def _hover(point: dict[str, Any] | None, subject: dict[str, Any]) -> str:
        return "" if point is None else words(reader, subject["study"], point)

    @app.callback(
        Output("chosen", "children"),
        Output("rings", "data"),
        Input({"control": "sel"}, "value"),
        Input("question", "data"),
        Input("mark", "data"),
        State("subject", "data"),
    )
    def _show(sel: str | None, question: str, mark: str, subject: dict[str, Any]) -> tuple[Any, Any]:
        try:
            about = asked(reader, subject["study"], question)
            found = look_up(reader, subject["study"], about, sel or "")
        except UserError:  # said above the figure
            return no_update, no_update
        rings = [(each.x, each.y, str(number)) for number, each in enumerate(found, start=1) if each.x is not None]
        return shown(site, about, found), rings
