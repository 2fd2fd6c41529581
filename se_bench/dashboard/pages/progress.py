"""``/study/NAME/progress``: how far the study is, how fast it goes, when it will be done, what went wrong."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from dash import Input, Output, State, dcc, html

from se_bench.analysis.progress import Progress
from se_bench.config.dashboard import Panel
from se_bench.dashboard import panel
from se_bench.dashboard.page import parts
from se_bench.dashboard.page.parts import part
from se_bench.dashboard.page.site import Shown, Site
from se_bench.dashboard.pages.heading import heading
from se_bench.dashboard.pages.panels import filled
from se_bench.errors import UserError
from se_bench.records import Status

FILLER = "progress"
TITLES = {"timeline": "When the trials were trained", "curves": "Learning curves"}
"""The figures of the page, with their headings."""


def build(site: Site, study: str, search: str) -> Shown:
    """The frame of the page; everything in it is kept up to date."""
    return Shown(
        title=f"{study}: progress",
        trail=((study, site.href("study", study)), ("progress", site.href("study", study, "progress"))),
        content=[
            *parts.stores(subject={"study": study}, mark=site.reader.watermark(study)),
            *heading(site, site.reader.head(study), here="progress"),
            html.Section(id="progress", className="panel"),
            *[
                html.Section([html.H2(title), parts.figure_frame(FILLER, figure, title)], className="panel")
                for figure, title in TITLES.items()
            ],
        ],
    )


def shown(site: Site, found: Progress) -> list[Any]:
    """The counts as a bar and in words, the pace, and the errors by kind."""
    total = sum(found.counts.values())
    states = {status.value.replace("_", " "): f"{count:,}" for status, count in found.counts.items() if count}
    return [
        html.Div(
            [
                html.Span(
                    style={"flexGrow": count},
                    className=f"part {_kind(status)}",
                    title=f"{count:,} {status.value.replace('_', ' ')}",
                )
                for status, count in found.counts.items()
                if count
            ],
            className="bar",
            role="img",
            **{"aria-label": f"{total - found.left:,} of {total:,} trials have ended"},
        ),
        parts.facts(
            {
                **states,
                "ended an hour": "–" if found.per_hour is None else f"{found.per_hour:,.1f}, of the last that ended",
                "last end": "–" if found.last_end is None else f"{found.last_end:%Y-%m-%d %H:%M:%S} UTC",
                "still to come": _to_come(found),
            }
        ),
        *_errors(site, found),
    ]


def _kind(status: Status) -> str:
    if status.unsuccessful:
        return "lost"
    return {Status.COMPLETED: "done", Status.RUNNING: "now"}.get(status, "later")


def _to_come(found: Progress) -> str:
    if not found.left:
        return "nothing, the study is finished"
    said = f"{found.left:,} trials"
    if found.remaining is not None:
        return f"{said}, about {duration(found.remaining)} at this pace"
    return f"{said}; the pace is not known yet" if found.goes_on else f"{said}, and nobody seems to be at work"


def duration(span: timedelta) -> str:
    """``3 h 20 min``, as precise as an estimate deserves."""
    minutes = max(1, round(span.total_seconds() / 60))
    hours, rest = divmod(minutes, 60)
    return f"{rest} min" if not hours else f"{hours:,} h" + (f" {rest} min" if hours < 10 and rest else "")


def _errors(site: Site, found: Progress) -> list[Any]:
    if not found.causes:
        return []
    rows = [
        (
            each.cause,
            each.status.value.replace("_", " "),
            f"{each.count:,}",
            dcc.Link("one of them", href=site.href("trial", each.example)),
        )
        for each in found.causes
    ]
    columns = ("cause", "outcome", "trials", "for example")
    return [html.H2("Trials without a result"), parts.table(columns, rows, label="Causes", words=("outcome",))]


def register(site: Site) -> None:
    """Keep all of it up to date."""
    reader = site.reader

    @site.app.callback(Output("progress", "children"), Input("mark", "data"), State("subject", "data"))
    def _progress(mark: str, subject: dict[str, Any]) -> Any:
        return shown(site, reader.progress(subject["study"], datetime.now(UTC)))

    for figure in TITLES:

        @site.app.callback(
            *[Output(part(name, FILLER, figure), prop) for name, prop in parts.FILLED],
            Input("mark", "data"),
            State("subject", "data"),
        )
        def _fill(mark: str, subject: dict[str, Any], figure: str = figure) -> tuple[Any, ...]:
            try:
                found = panel.shown(reader.answer(subject["study"]), Panel(figure=figure))
            except UserError as problem:
                found = panel.Shown(figure=None, caption=str(problem), table=None)
            return filled(found, f"{subject['study']} {figure}")
