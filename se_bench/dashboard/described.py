"""A figure for those who do not see it: its data as rows, and a sentence that says what there is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from typing import Any

COLUMNS = ("series", "x", "y", "low", "high", "about")
MOST_ROWS = 500


def rows(figure: Any) -> tuple[list[tuple[str, ...]], int]:
    """The points of a figure, trace by trace (see :data:`COLUMNS`): at most 500 of them, and how many there are."""
    found: list[tuple[str, ...]] = []
    total = 0
    for trace in figure.data:
        for row in _points(trace):
            total += 1
            if len(found) < MOST_ROWS:
                found.append(row)
    return found, total


def sentence(figure: Any) -> str:
    """What the axes are and what is drawn, in one sentence."""
    named = [plain(trace.name) for trace in figure.data if trace.name]
    points = sum(1 for trace in figure.data for _ in _points(trace))
    x, y = (plain(axis.title.text or "") for axis in (figure.layout.xaxis, figure.layout.yaxis))
    axes = " against ".join(part for part in (y, x) if part) or "A figure"
    series = list(dict.fromkeys(named))
    shown = ", ".join(series[:6]) + (f" and {len(series) - 6} more" if len(series) > 6 else "")
    return f"{axes[0].upper()}{axes[1:]}: {points:,} points{f' of {shown}' if shown else ''}."


def plain(text: str) -> str:
    """A label of Plotly's as plain text: without its tags, and with its entities as what they stand for."""
    return unescape(re.sub(r"<br\s*/?>", "; ", re.sub(r"</?(?!br)[a-z][^>]*>", "", text)))


def _points(trace: Any) -> Iterator[tuple[str, ...]]:
    """The rows of a trace; one that is a mere shape (a band around a line) has none."""
    x, y = getattr(trace, "x", None), getattr(trace, "y", None)
    if x is None or y is None or getattr(trace, "mode", None) == "none":
        return
    error_x, error_y = getattr(trace, "error_x", None), getattr(trace, "error_y", None)
    for place, (across, up) in enumerate(zip(x, y, strict=False)):
        low, high = _ends(error_y, up, place)
        if not high:
            low, high = _ends(error_x, across, place)
        text = trace.text[place] if isinstance(trace.text, list | tuple) and place < len(trace.text) else ""
        yield plain(trace.name or ""), _number(across), _number(up), low, high, plain(str(text or ""))


def _ends(error: Any, middle: Any, place: int) -> tuple[str, str]:
    above = getattr(error, "array", None)
    below = getattr(error, "arrayminus", None)
    below = above if below is None else below
    if above is None or below is None or place >= len(above) or above[place] is None or below[place] is None:
        return "", ""
    if not isinstance(middle, int | float):
        return "", ""
    return _number(middle - below[place]), _number(middle + above[place])


def _number(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, str):
        return plain(value)
    return f"{value:.6g}" if isinstance(value, float) else str(value)
