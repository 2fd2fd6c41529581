"""``/export?study=NAME``: a study's trials as CSV, JSON or Parquet, its reports, and the query that gives the rows."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from dash import Input, Output, dcc, html

from se_bench.config.filter_text import parse
from se_bench.config.load import load_dashboard
from se_bench.dashboard.exports import FORMS, Provenance, Selection, provenance, select
from se_bench.dashboard.page import parts
from se_bench.dashboard.page.site import Shown, Site
from se_bench.dashboard.pages.heading import MAIN, dashboards
from se_bench.dashboard.pages.panels import filter_field
from se_bench.dashboard.pages.trials import box_of
from se_bench.dashboard.reader import Reader
from se_bench.dashboard.state import Key, read
from se_bench.errors import UserError
from se_bench.store.frame import Frame

KEYS = (
    Key(name="study"),
    Key(name="f"),
    Key(name="seeds", default="mean", choices=("mean", "each")),
    Key(name="box"),
)
_BY = {"mean": "candidate's mean", "each": "trial"}
_LONGEST = 4000
"""Characters of a query that are shown; a longer one is in the file."""


def build(site: Site, search: str) -> Shown:
    """The choice of study and filter; what can be had of them is filled in."""
    values, notices = read(search, KEYS)
    names = [each.name for each in site.reader.studies()]
    if values["study"] and values["study"] not in names:
        notices.append(f"There is no study {values['study']!r} in this database.")
    options = {"": "choose one", **{name: name for name in names}}
    return Shown(
        title="Export",
        trail=(
            *(((values["study"], site.href("study", values["study"])),) if values["study"] in names else ()),
            ("export", site.href("export", study=values["study"])),
        ),
        content=[
            *parts.stores(subject={"still": True}, mark=None, keys=KEYS, values=values),
            html.H1("Export"),
            *parts.notices(notices),
            html.Div(
                [
                    parts.select("study", "Study", options, values["study"] if values["study"] in names else ""),
                    parts.select("seeds", "Measurements are asked of a", _BY, values["seeds"]),
                    parts.hidden("box", values["box"]),
                    *filter_field(values["f"], "export-problem"),
                ],
                className="controls",
            ),
            html.Div(id="exports"),
        ],
    )


def selected(reader: Reader, values: Mapping[str, str]) -> tuple[Frame, Selection]:
    """A study, and its trials that an address chooses. Raises :class:`UserError`."""
    frame = reader.frames.frame(values["study"])
    only = parse(values["f"]).and_(box_of(values["box"]))
    return frame, select(frame, only, by_means=values["seeds"] == "mean")


def told(reader: Reader, values: Mapping[str, str]) -> Provenance:
    """What an export of these trials says of itself."""
    return provenance(reader.frames, *selected(reader, values), "csv", datetime.now(UTC))


def shown(site: Site, values: Mapping[str, str]) -> list[Any]:
    """The files that can be had, and how to get the rows without this page."""
    found = told(site.reader, values)
    asked = {key: value for key, value in values.items() if value}
    files = [
        html.A(form.upper(), href=site.href("download", f"trials.{form}", **asked), className="button", download="")
        for form in FORMS
    ]
    reports = [
        html.A(
            name.replace("_", " "),
            href=site.href("download", "report.html", study=values["study"], f=values["f"], dashboard=name),
            className="button",
            download="",
            title=load_dashboard(name).about,
        )
        for name in (MAIN, *dashboards())
    ]
    query = found.query if len(found.query) <= _LONGEST else f"{found.query[:_LONGEST]} … (whole in the files)"
    return [
        html.H2("Trials"),
        html.P(f"{found.rows:,} of {found.of:,} trials, every column, full precision."),
        html.Div(files, className="buttons"),
        html.H2("Reports"),
        html.P("One file each; it opens from disk, asks nothing of the network and keeps its interactions."),
        html.Div(reports, className="buttons"),
        html.H2("The same rows elsewhere"),
        html.P("On the command line:", className="soft"),
        _copied("export-command", found.command),
        html.P("From the database itself:", className="soft"),
        _copied("export-query", query),
    ]


def _copied(name: str, text: str) -> Any:
    copy = dcc.Clipboard(target_id=name, title="Copy")
    return html.Div([html.Pre(text, id=name, tabIndex=0), copy], className="copied")


def register(site: Site) -> None:
    """Say what can be had of each selection."""

    @site.app.callback(Output("exports", "children"), Output("export-problem", "children"), Input("question", "data"))
    def _show(question: str) -> tuple[Any, str]:
        values, _ = read(question, KEYS)
        if not values["study"]:
            return html.P("Choose a study.", className="soft"), ""
        try:
            return shown(site, values), ""
        except UserError as problem:
            return [], str(problem)
