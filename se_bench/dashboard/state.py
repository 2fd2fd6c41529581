"""The state of a page in its address: ``?v=1&x=params&f=seed+%3D+0``; what is at its default is left out.

An address is read the same today and in a year: keys are only ever added, and ``v`` is raised where one changes its
meaning. A key or value that is none is left out with a notice, so that the rest of a link still works.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode

VERSION = "1"
LONGEST = 2000
"""Characters of an address's query; programs that pass links on cut longer ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """One thing that a page lets its reader choose."""

    name: str
    default: str = ""
    choices: tuple[str, ...] | None = None
    """What it may say; None: any text."""
    asks: bool = True
    """Whether the server must answer when it changes; else the browser shows the change by itself."""


def read(query: str, keys: Sequence[Key]) -> tuple[dict[str, str], list[str]]:
    """What a query says of ``keys``, defaults included, and a sentence for each part of it that says nothing."""
    values = {key.name: key.default for key in keys}
    known = {key.name: key for key in keys}
    notices: list[str] = []
    pairs = parse_qsl(query.removeprefix("?"), keep_blank_values=True)
    version = next((value for name, value in pairs if name == "v"), VERSION)
    if version != VERSION:
        notices.append(f"The address is of version {version!r}; this se-bench reads version {VERSION}.")
    for name, value in pairs:
        if name == "v":
            continue
        if name not in known:
            notices.append(f"The address says {name}={value}, which this page does not know; it is left out.")
            continue
        choices = known[name].choices
        if choices is not None and value not in choices:
            allowed = ", ".join(choice for choice in choices if choice)
            notices.append(f"The address says {name}={value}, which is none of: {allowed}. It is left out.")
            continue
        values[name] = value
    return values, notices


def write(values: Mapping[str, str], keys: Sequence[Key]) -> str:
    """The query that says ``values``, without a question mark; empty where all are at their defaults."""
    said = {key.name: values[key.name] for key in keys if values.get(key.name, key.default) != key.default}
    return urlencode({"v": VERSION, **said}) if said else ""
