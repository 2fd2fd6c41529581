"""What every page is given: the application, the database behind it, and how its addresses are written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote, urlencode

from dash import Dash

from se_bench.dashboard.reader import Reader


@dataclass(frozen=True, slots=True)
class Site:
    """The application as its pages see it."""

    app: Dash
    reader: Reader
    prefix: str
    """The path under which all pages lie, with a slash at both ends."""

    def href(self, *parts: str, **query: str | None) -> str:
        """The address of a page: ``href("study", "a/b", f="seed = 0")``; names may hold anything."""
        path = self.prefix + "/".join(quote(part, safe="") for part in parts)
        asked = {key: value for key, value in query.items() if value}
        return f"{path}?{urlencode(asked)}" if asked else path

    def parts(self, pathname: str) -> tuple[str, ...]:
        """The names in an address: the other direction of :meth:`href`."""
        below = pathname.removeprefix(self.prefix.rstrip("/")).strip("/")
        return tuple(unquote(part) for part in below.split("/")) if below else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A page that is built: what the router puts on the screen."""

    title: str
    content: Any
    """A Dash component, or several."""
    trail: tuple[tuple[str, str], ...] = ()
    """(words, address) of the pages above this one."""
    follows: Mapping[str, Any] | None = None
    """What live refresh watches: ``{"study": name}``, ``{}`` for the whole database, None for nothing."""
