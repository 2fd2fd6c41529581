"""``/``: every study of the database in a line."""

from __future__ import annotations

from dash import dcc, html

from se_bench.dashboard.page import parts
from se_bench.dashboard.page.site import Shown, Site


def build(site: Site, search: str) -> Shown:
    rows = [
        (dcc.Link(each.name, href=site.href("study", each.name)), each.question, str(sum(each.counts.values())))
        for each in site.reader.studies()
    ]
    return Shown(
        title="Studies",
        content=[
            *parts.stores(subject={}, mark=None),
            html.H1("Studies"),
            parts.table(("study", "question", "trials"), rows, label="Studies", words=("question",)),
        ],
    )


def register(site: Site) -> None:
    pass
