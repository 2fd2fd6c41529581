"""The head of every page of a study: its name, its question, how far it is, and the way to its other pages."""

from __future__ import annotations

from typing import Any

from dash import Input, Output, State, dcc, html

from se_bench.config import locate
from se_bench.dashboard import words
from se_bench.dashboard.page.site import Site
from se_bench.dashboard.reader import Head, Reader

MAIN = "pareto"
"""The dashboard whose panels stand on a study's own page."""
_FIRST = ("ablation", "population", "search", "gates", "claims")


def dashboards() -> list[str]:
    """The dashboards that have a page of their own: ours in the order of a reader's questions, then the user's."""
    names = [name for name in locate.available("dashboards") if name != MAIN]
    return sorted(names, key=lambda name: (_FIRST.index(name) if name in _FIRST else len(_FIRST), name))


def heading(site: Site, head: Head, *, here: str) -> list[Any]:
    """Name, question and tabs; ``here`` is the tab of this page."""
    tabs = {MAIN: "Pareto", **{name: name.replace("_", " ").capitalize() for name in dashboards()}}
    tabs["progress"] = "Progress"
    links: list[Any] = [
        html.Span(words, className="place here", **{"aria-current": "page"})
        if name == here
        else dcc.Link(words, href=site.href("study", head.name, *([] if name == MAIN else [name])), className="place")
        for name, words in tabs.items()
    ]
    links.append(dcc.Link("Export", href=site.href("export", study=head.name), className="place"))
    synthetic = (
        [html.Strong("Synthetic results: nothing was trained.", className="synthetic")] if head.synthetic else []
    )
    return [
        html.H1(head.name),
        html.P([head.question, " ", *synthetic], className="question"),
        html.P(id="counts", className="counts", **{"aria-live": "polite"}),
        html.Nav(links, className="places", **{"aria-label": "Pages of this study"}),
        *([html.P(head.problem, className="problem pre")] if head.problem else []),
    ]


def counts(reader: Reader, study: str) -> str:
    """How many trials stand where, in words."""
    found = reader.frames.frame(study).counts()
    return words.counted(found) + "."


def register(site: Site) -> None:
    """Keep the counts up to date."""

    @site.app.callback(Output("counts", "children"), Input("mark", "data"), State("subject", "data"))
    def _count(mark: str, subject: dict[str, Any]) -> str:
        return counts(site.reader, subject["study"])
