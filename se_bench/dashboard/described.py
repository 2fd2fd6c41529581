"""A figure for those who do not see it: its data as a table, and a sentence that says what there is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from itertools import islice, product
from typing import Any

COLUMNS = ("series", "x", "y", "low", "high", "about")
MOST_ROWS = 500

Cells = tuple[str, ...]


def table(figure: Any) -> tuple[Cells, list[Cells], int]:
    """The columns, at most 500 rows, and how many rows there are in all.

    A row is a point, trace by trace (see :data:`COLUMNS`); of parallel coordinates it is a line, and a column an axis.
    """
    lines = [trace for trace in figure.data if trace.type == "parcoords"]
    if lines:
        return _of_lines(lines[0])
    found: list[Cells] = []
    for trace in figure.data:
        found.extend(islice(_points(trace), MOST_ROWS - len(found)))
    return COLUMNS, found, sum(_number_of_points(trace) for trace in figure.data)


def sentence(figure: Any) -> str:
    """What the axes are and what is drawn, in one sentence."""
    points = sum(_number_of_points(trace) for trace in figure.data)
    x, y = (plain(axis.title.text or "") for axis in (figure.layout.xaxis, figure.layout.yaxis))
    axes = " against ".join(part for part in (y, x) if part) or "A figure"
    series = list(dict.fromkeys(plain(trace.name) for trace in figure.data if trace.name))
    shown = ", ".join(series[:6]) + (f" and {len(series) - 6} more" if len(series) > 6 else "")
    return f"{axes[0].upper()}{axes[1:]}: {points:,} points{f' of {shown}' if shown else ''}."


def plain(text: str) -> str:
    """A label of Plotly's as plain text: without its tags, and with its entities as what they stand for."""
    return unescape(re.sub(r"<br\s*/?>", "; ", re.sub(r"</?(?!br)[a-z][^>]*>", "", text)))


def _of_lines(trace: Any) -> tuple[Cells, list[Cells], int]:
    axes = [axis for axis in trace.dimensions if axis.visible is not False]
    columns = tuple(plain(axis.label or "") for axis in axes)
    words = [dict(zip(axis.tickvals or (), axis.ticktext or (), strict=False)) for axis in axes]
    rows = zip(*(axis.values for axis in axes), strict=True)
    found = [
        tuple(plain(str(told.get(value, ""))) or _number(value) for told, value in zip(words, row, strict=True))
        for row in islice(rows, MOST_ROWS)
    ]
    return columns, found, len(axes[0].values) if axes else 0


def _is_shape(trace: Any) -> bool:
    """Whether a trace has no points of its own: a band around a line, an entry of the legend."""
    x, y = getattr(trace, "x", None), getattr(trace, "y", None)
    return x is None or y is None or getattr(trace, "mode", None) == "none" or (len(x) == 1 and x[0] is None)


def _number_of_points(trace: Any) -> int:
    if trace.type == "parcoords":
        return _of_lines(trace)[2]
    if _is_shape(trace):
        return 0
    return len(trace.x) * len(trace.y) if trace.type == "heatmap" else min(len(trace.x), len(trace.y))


def _points(trace: Any) -> Iterator[Cells]:
    """The rows of a trace; of a heat map, its cells."""
    if _is_shape(trace):
        return
    name = plain(trace.name or "")
    if trace.type == "heatmap":
        for (row, up), (column, across) in product(enumerate(trace.y), enumerate(trace.x)):
            yield name, _number(across), _number(up), "", "", _number(trace.z[row][column])
        return
    along_x, along_y = (_lengths(getattr(trace, name, None)) for name in ("error_x", "error_y"))
    texts = getattr(trace, "text", None)
    for place, (across, up) in enumerate(zip(trace.x, trace.y, strict=False)):
        low, high = _ends(along_y, up, place)
        if not high:
            low, high = _ends(along_x, across, place)
        text = texts[place] if isinstance(texts, list | tuple) and place < len(texts) else ""
        yield name, _number(across), _number(up), low, high, plain(str(text or ""))


def _lengths(error: Any) -> tuple[Any, Any]:
    """How far a trace's bars go below and above each point, read once: Plotly looks each word up anew."""
    above, below = getattr(error, "array", None), getattr(error, "arrayminus", None)
    return above if below is None else below, above


def _ends(lengths: tuple[Any, Any], middle: Any, place: int) -> tuple[str, str]:
    below, above = lengths
    if above is None or below is None or place >= len(above) or above[place] is None or below[place] is None:
        return "", ""
    if isinstance(middle, str) or middle is None:
        return "", ""
    return _number(middle - below[place]), _number(middle + above[place])


def _number(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, str):
        return plain(value)
    return str(value) if isinstance(value, int) else f"{value:.6g}"
