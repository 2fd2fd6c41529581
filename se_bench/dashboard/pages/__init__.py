"""The pages, one file each: an address becomes what is on the screen, and callbacks keep it up to date.

A page's numbers come from ``reader`` and ``analysis``, its figures from ``figures``; its callbacks only pass them on.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from se_bench.dashboard.page.site import Shown, Site
from se_bench.dashboard.pages import (
    chosen,
    compare,
    downloads,
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
from se_bench.errors import UnknownNameError, UserError

ALSO_CALLED = {"population": "search"}
"""Another name of a dashboard's page: what it is about."""

_WITH_CALLBACKS = (heading, studies, front, trials, chosen, panels, progress, trial, compare, export, downloads)


def build(site: Site, pathname: str, search: str) -> Shown:
    """The page at an address; an address that leads nowhere, or a database that cannot be read, is a page too."""
    try:
        return _page(site, site.parts(pathname))(search)
    except UserError as problem:
        return lost.build(site, str(problem))


def register(site: Site) -> None:
    """The callbacks of all pages, and the files that they link to."""
    for page in _WITH_CALLBACKS:
        page.register(site)


def _page(site: Site, parts: tuple[str, ...]) -> Callable[[str], Shown]:
    """What builds the page at a path from what stands behind the question mark."""
    match parts:
        case ():
            found = partial(studies.build, site)
        case ("study", name):
            found = partial(study.build, site, name)
        case ("study", name, "progress"):
            found = partial(progress.build, site, name)
        case ("study", name, dashboard):
            found = partial(panels.build, site, name, ALSO_CALLED.get(dashboard, dashboard))
        case ("trial", trial_id):
            found = partial(trial.build, site, trial_id)
        case ("compare",):
            found = partial(compare.build, site)
        case ("export",):
            found = partial(export.build, site)
        case _:
            raise UnknownNameError(f"there is no page /{'/'.join(parts)}")
    return found
