"""The pages, one file each: an address becomes what is on the screen, and callbacks keep it up to date.

A page's numbers come from ``reader`` and ``analysis``, its figures from ``figures``; its callbacks only pass them on.
"""

from __future__ import annotations

from se_bench.dashboard.page.site import Shown, Site
from se_bench.dashboard.pages import (
    chosen,
    compare,
    export,
    front,
    heading,
    lost,
    panels,
    progress,
    studies,
    study,
    trial,
    trials,
)
from se_bench.errors import UserError

_WITH_CALLBACKS = (heading, studies, front, trials, chosen, panels, progress, trial, compare, export)


def build(site: Site, pathname: str, search: str) -> Shown:
    """The page at an address; an address that leads nowhere, or a database that cannot be read, is a page too."""
    try:
        match site.parts(pathname):
            case ():
                return studies.build(site, search)
            case ("study", name):
                return study.build(site, name, search)
            case ("study", name, "progress"):
                return progress.build(site, name, search)
            case ("study", name, dashboard):
                return panels.build(site, name, dashboard, search)
            case ("trial", trial_id):
                return trial.build(site, trial_id, search)
            case ("compare",):
                return compare.build(site, search)
            case ("export",):
                return export.build(site, search)
            case _:
                return lost.build(site, f"There is no page {pathname}.")
    except UserError as problem:
        return lost.build(site, str(problem))


def register(site: Site) -> None:
    """The callbacks of all pages."""
    for page in _WITH_CALLBACKS:
        page.register(site)
