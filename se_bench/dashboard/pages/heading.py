"""The head of every page of a study: its name, its question, how far it is, and the way to its other pages."""

from __future__ import annotations

from typing import Any

from dash import dcc, html

from se_bench.config import locate
from se_bench.dashboard.page.site import Site

MAIN = "pareto"
"""The dashboard whose panels stand on a study's own page."""
_FIRST = ("ablation", "population", "search", "gates", "claims")


def dashboards() -> list[str]:
    """The dashboards that have a page of their own: ours in the order of a reader's questions, then the user's."""
    names = [name for name in locate.available("dashboards") if name != MAIN]
    return sorted(names, key=lambda name: (_FIRST.index(name) if name in _FIRST else len(_FIRST), name))


def heading(site: Site, study: str, question: str, *, here: str) -> list[Any]:
    """Name, question and tabs; ``here`` is the tab of this page."""
    tabs = {MAIN: "Pareto", **{name: name.replace("_", " ").capitalize() for name in dashboards()}}
    tabs["progress"] = "Progress"
    links: list[Any] = [
        html.Span(words, className="place here", **{"aria-current": "page"})
        if name == here
        else dcc.Link(words, href=site.href("study", study, *([] if name == MAIN else [name])), className="place")
        for name, words in tabs.items()
    ]
    links.append(dcc.Link("Export", href=site.href("export", study=study), className="place"))
    return [
        html.H1(study),
        html.P(question, className="question"),
        html.P(id="counts", className="counts", **{"aria-live": "polite"}),
        html.Nav(links, className="places", **{"aria-label": "Pages of this study"}),
    ]
