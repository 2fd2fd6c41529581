"""``/study/NAME/DASHBOARD``: the panels of ``dashboards/DASHBOARD.yaml``, as in the report of that name."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from dash import MATCH, Input, Output, State, html

from se_bench import registry
from se_bench.analysis.answer import Answer
from se_bench.config.dashboard import Panel
from se_bench.config.load import load_dashboard
from se_bench.dashboard import described
from se_bench.dashboard.page import drawing, parts
from se_bench.dashboard.page.parts import part
from se_bench.dashboard.page.site import Shown, Site
from se_bench.dashboard.pages.heading import heading
from se_bench.figures.style import Figure


FILLER = "panel"


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """A panel's figure with its words and its data; no figure where there is nothing to show yet."""

    figure: Any
    caption: str
    rows: list[tuple[str, ...]]
    total: int


def build(site: Site, study: str, dashboard: str, search: str) -> Shown:
    """The frames of all panels; each is filled by itself."""
    head = site.reader.head(study)
    definition = load_dashboard(dashboard)
    return Shown(
        title=f"{study}: {dashboard}",
        trail=((study, site.href("study", study)), (dashboard, site.href("study", study, dashboard))),
        content=[
            *parts.stores(
                subject={"study": study, "dashboard": dashboard},
                mark=site.reader.watermark(study),
            ),
            *heading(site, head, here=dashboard),
            *frames(dashboard, tuple(enumerate(definition.panels))),
        ],
    )


def frames(dashboard: str, panels: Iterable[tuple[int, Panel]]) -> list[Any]:
    """A section a panel, with its heading and text, its figure still to come; each with its place in the file."""
    return [
        html.Section(
            [
                *([html.H2(panel.title)] if panel.title else []),
                *([html.P(panel.text)] if panel.text else []),
                *([parts.figure_frame(FILLER, f"{dashboard}-{place}", panel.title or str(panel.figure))] if panel.figure else []),
            ],
            className="panel",
        )
        for place, panel in panels
    ]


def draw(answer: Answer, panel: Panel) -> Drawn:
    """What a panel shows of an answer."""
    figure: Figure = registry.load("figure", str(panel.figure))
    value = figure.compute(answer, panel)
    if value is None:
        return Drawn(figure=None, caption="Nothing to show yet: no trial has come so far.", rows=[], total=0)
    picture = figure.draw(value)
    rows, total = described.rows(picture)
    return Drawn(figure=picture, caption=described.sentence(picture), rows=rows, total=total)


def shown_rows(rows: list[tuple[str, ...]], total: int) -> list[Any]:
    """A figure's data as a table, and how much of it is left out."""
    if not rows:
        return []
    left_out = total - len(rows)
    return [
        parts.table(described.COLUMNS, rows, label="Data of the figure", words=("series", "about")),
        *([html.P(f"{left_out:,} more points: see Export.", className="soft")] if left_out else []),
    ]


def register(site: Site) -> None:
    """Fill each panel when its page comes, and when the study has changed."""

    @site.app.callback(
        Output(part("drawn", FILLER, MATCH), "data"),
        Output(part("caption", FILLER, MATCH), "children"),
        Output(part("rows", FILLER, MATCH), "children"),
        Input("mark", "data"),
        State("subject", "data"),
        State(part("drawn", FILLER, MATCH), "id"),
    )
    def _fill(mark: str, subject: dict[str, Any], place: dict[str, str]) -> tuple[Any, ...]:
        name, _, number = place["of"].rpartition("-")
        found = draw(site.reader.answer(subject["study"]), load_dashboard(name).panels[int(number)])
        data = drawing.drawn(found.figure, revision=place["of"]) if found.figure is not None else {"data": None}
        return data, found.caption, shown_rows(found.rows, found.total)
