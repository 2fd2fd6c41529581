"""``/study/NAME/DASHBOARD``: the panels of ``dashboards/DASHBOARD.yaml``, as in the report of that name."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from dash import MATCH, Input, Output, State, html

from se_bench.config.dashboard import Panel
from se_bench.config.filter_text import parse
from se_bench.config.load import load_dashboard
from se_bench.dashboard import described, panel
from se_bench.dashboard.page import drawing, parts
from se_bench.dashboard.page.parts import part
from se_bench.dashboard.page.site import Shown, Site
from se_bench.dashboard.pages.heading import heading
from se_bench.dashboard.reader import Reader
from se_bench.dashboard.state import Key, read
from se_bench.errors import FilterError, UserError

FILLER = "panel"
KEYS = (Key(name="f"),)
"""What can be chosen: which trials count."""


def build(site: Site, study: str, dashboard: str, search: str) -> Shown:
    """The frames of all panels; each is filled by itself."""
    head = site.reader.head(study)
    definition = load_dashboard(dashboard)
    values, notices = read(search, KEYS)
    return Shown(
        title=f"{study}: {dashboard}",
        trail=((study, site.href("study", study)), (dashboard, site.href("study", study, dashboard))),
        content=[
            *parts.stores(subject={"study": study}, mark=site.reader.watermark(study), keys=KEYS, values=values),
            *heading(site, head, here=dashboard),
            *parts.notices(notices),
            *([html.P(definition.about, className="soft")] if definition.about else []),
            html.Div(filter_field(values["f"], "panels-problem"), className="controls"),
            *frames(dashboard, enumerate(definition.panels)),
        ],
    )


def filter_field(value: str, problem: str) -> list[Any]:
    """The filter of a page, and the place of this id, where what is wrong with it is said."""
    return [
        parts.text_field("f", "Only", value, placeholder="accuracy > 0.88 and reduction in (4, 8)"),
        html.P(id=problem, className="problem pre", role="status"),
    ]


def frames(dashboard: str, panels: Iterable[tuple[int, Panel]]) -> list[Any]:
    """A section a panel, with its heading and text, its figure still to come; each with its place in the file."""
    return [html.Section(_frame(dashboard, place, each), className="panel") for place, each in panels]


def _frame(dashboard: str, place: int, asked: Panel) -> list[Any]:
    shown: list[Any] = [html.H2(asked.title)] if asked.title else []
    shown += [html.P(asked.text)] if asked.text else []
    if asked.figure:
        shown.append(parts.figure_frame(FILLER, f"{dashboard} {place}", asked.title or asked.figure.replace("_", " ")))
    return shown


def drawn(reader: Reader, study: str, dashboard: str, place: int, only: str) -> panel.Shown:
    """What a panel shows of the trials that a filter lets through; why it shows nothing in its caption."""
    try:
        answer = reader.answer(study, parse(only))
        return panel.shown(answer, load_dashboard(dashboard).panels[place])
    except FilterError:
        return panel.Shown(figure=None, caption="Nothing is drawn: the filter cannot be read.", table=None)
    except UserError as problem:
        return panel.Shown(figure=None, caption=str(problem), table=None)


def filled(found: panel.Shown, revision: str) -> tuple[dict[str, Any], str, dict[str, Any] | None, list[Any]]:
    """A frame's parts: the drawing, the caption, the data as a table, the table that belongs to the figure."""
    if found.figure is None:
        return {"data": None}, found.caption, None, []
    table = found.table
    own = [parts.table(table.columns, table.rows, label="What the figure says")] if table and table.rows else []
    return drawing.drawn(found.figure, revision=revision), found.caption, data_table(found.figure), own


def data_table(figure: Any) -> dict[str, Any]:
    """A figure's data as the browser makes a table of it, and how much of it is left out."""
    columns, rows, total = described.table(figure)
    return {
        "columns": columns,
        "rows": rows,
        "words": [place for place, column in enumerate(columns) if place == 0 or column == "about"],
        "more": f"{total - len(rows):,} more: see Export." if total > len(rows) else "",
    }


def register(site: Site) -> None:
    """Fill each panel when its page comes, and when the filter or the study has changed.

    The filter's own control is listened to, not the whole question: another axis of the front changes no panel.
    """

    @site.app.callback(
        *[Output(part(name, FILLER, MATCH), prop) for name, prop in parts.FILLED],
        Input({"control": "f"}, "value"),
        Input("mark", "data"),
        State("subject", "data"),
        State(part("drawn", FILLER, MATCH), "id"),
    )
    def _fill(only: str | None, mark: str, subject: dict[str, Any], place: dict[str, str]) -> tuple[Any, ...]:
        dashboard, _, number = place["of"].rpartition(" ")
        found = drawn(site.reader, subject["study"], dashboard, int(number), only or "")
        return filled(found, f"{subject['study']} {place['of']}")

    @site.app.callback(Output("panels-problem", "children"), Input({"control": "f"}, "value"), State("subject", "data"))
    def _check(only: str | None, subject: dict[str, Any]) -> str:
        try:
            site.reader.frames.frame(subject["study"]).bound(parse(only or ""))
        except FilterError as problem:
            return str(problem)
        return ""
