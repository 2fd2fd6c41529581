"""A report: one HTML file that opens from disk, asks nothing of the network and keeps its interactions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from se_bench import __version__
from se_bench.analysis.answer import Answer
from se_bench.analysis.pivot import Pivot, planned_pivot
from se_bench.config.dashboard import Dashboard, Panel
from se_bench.dashboard import html, words
from se_bench.dashboard.files import write_whole
from se_bench.dashboard.panel import shown
from se_bench.figures import style


def render(answer: Answer, dashboard: Dashboard, pivot: Pivot | None = None) -> str:
    """The page, with ``pivot`` or, for a grid, the planned one; the same bytes for the same answer."""
    pivot = pivot or planned_pivot(answer)
    environment = Environment(
        loader=PackageLoader("se_bench.dashboard", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("report.html.j2").render(
        answer=answer,
        dashboard=dashboard,
        panels=[_panel(answer, panel, place) for place, panel in enumerate(dashboard.panels)],
        pivot=html.table(pivot) if pivot else None,
        candidate_columns=words.CANDIDATE_COLUMNS,
        candidates=[words.candidate_cells(each) for each in answer.candidates],
        claim_columns=words.CLAIM_COLUMNS,
        claims=[words.claim_cells(each) for each in answer.claims],
        evidence_columns=words.EVIDENCE_COLUMNS,
        evidence=[words.evidence_cells(each) for each in answer.candidates if each.difference and each.difference.n],
        pairing=words.pairing(answer),
        unranked=words.unranked(answer),
        chosen=words.chosen(answer),
        counts=words.trial_counts(answer),
        circumstances=words.circumstances(answer),
        machines=words.machines(answer.records.runs),
        plotly=Markup(style.plotly_script()),
        themes=Markup(style.theme_changes()),
        version=__version__,
    )


def write(answer: Answer, dashboard: Dashboard, path: Path, pivot: Pivot | None = None) -> None:
    """Put the report into the file at ``path``, whole or not at all."""
    write_whole(render(answer, dashboard, pivot), path)


def _panel(answer: Answer, panel: Panel, place: int) -> dict[str, Any]:
    told: dict[str, Any] = {"title": panel.title, "text": panel.text, "figure": None, "caption": "", "table": None}
    if panel.figure:
        found = shown(answer, panel)
        told |= {"caption": found.caption, "table": found.table}
        if found.figure is not None:
            told["figure"] = Markup(style.as_html(found.figure, f"figure-{place}"))
    return told
