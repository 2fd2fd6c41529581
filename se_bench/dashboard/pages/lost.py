"""The page that says why there is none: an unknown address or name, a database that cannot be read."""

from __future__ import annotations

from dash import dcc, html

from se_bench.dashboard.page import parts
from se_bench.dashboard.page.site import Shown, Site


def build(site: Site, problem: str) -> Shown:
    """What is wrong, in the words of the error, and the way back."""
    head, *more = problem.splitlines()
    return Shown(
        title="Not found",
        content=[
            *parts.stores(subject={"still": True}, mark=None),
            html.H1("Nothing to show here"),
            html.P(head, className="problem"),
            *[html.P(line, className="soft") for line in more],
            html.P(dcc.Link("All studies", href=site.href())),
        ],
    )
