"""How densely candidates lie where there are too many to be drawn one by one: counts in the cells of a grid.

Costs span decades, so the grid divides their logarithm evenly. Fronts are never binned: they are drawn exactly,
on top.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

FEW = 200_000
"""Up to this many points are drawn as points."""
FEW_ZOOMED = 50_000
"""Once binned, a part of the picture is drawn as points again when no more than this are left in it."""
CELLS = 256
"""Cells along each axis."""

_FINE = 8
"""Values of up to so many different steps a cell are binned in step with them."""

Floats = NDArray[np.float64]
Range = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Density:
    """Counts of points in cells. A cell holds its lower edge and not its upper one; the last holds both."""

    counts: NDArray[np.int64]
    """(cells of y, cells of x): fewer than were asked for where the values themselves are in steps."""
    x_edges: Floats
    """(cells of x + 1,), ascending."""
    y_edges: Floats
    skipped: int
    """Points that have no place: a coordinate is missing, infinite, or not positive on a logarithmic axis."""
    outside: int
    """Points beyond the edges."""


def is_dense(points: int, *, zoomed: bool = False) -> bool:
    """Whether so many points are binned; a picture that is zoomed in changes back later than it changed."""
    return points > (FEW_ZOOMED if zoomed else FEW)


def density(
    x: ArrayLike,
    y: ArrayLike,
    *,
    log_x: bool,
    x_range: Range | None = None,
    y_range: Range | None = None,
    cells: int = CELLS,
) -> Density | None:
    """The points ``x``, ``y`` (N,) in a grid over the given ranges, or over all of them; None where none has a place.

    A logarithmic range must be positive.
    """
    xs, ys = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    placed = np.isfinite(xs) & np.isfinite(ys)
    if log_x:
        placed &= xs > 0
    xs, ys = xs[placed], ys[placed]
    if not len(xs):
        return None
    x_edges = _edges(xs, x_range, cells, log=log_x)
    y_edges = _edges(ys, y_range, cells, log=False)
    columns, rows = _cells(xs, x_edges), _cells(ys, y_edges)
    inside = (columns >= 0) & (rows >= 0)
    shape = len(y_edges) - 1, len(x_edges) - 1
    counts = np.bincount(rows[inside] * shape[1] + columns[inside], minlength=shape[0] * shape[1])
    return Density(
        counts=counts.reshape(shape),
        x_edges=x_edges,
        y_edges=y_edges,
        skipped=int(len(placed) - placed.sum()),
        outside=int(len(xs) - inside.sum()),
    )


def within(x: ArrayLike, y: ArrayLike, x_range: Range, y_range: Range) -> NDArray[np.bool_]:
    """(N,) which points lie in the closed rectangle."""
    xs, ys = np.asarray(x), np.asarray(y)
    found: NDArray[np.bool_] = (xs >= x_range[0]) & (xs <= x_range[1]) & (ys >= y_range[0]) & (ys <= y_range[1])
    return found


def _edges(values: Floats, wanted: Range | None, cells: int, *, log: bool) -> Floats:
    low, high = wanted or (float(values.min()), float(values.max()))
    if not log and wanted is None:
        step = _step(values)
        steps = round((high - low) / step) + 1 if step else 0
        if 1 < steps < _FINE * cells:  # cells finer than the values, or out of step with them, would be stripes
            together = -(-steps // cells)
            number = -(-steps // together)
            return (low - step / 2 + together * step * np.arange(number + 1)).astype(np.float64)
    if low == high:  # one value: a grid around it
        low, high = (low / 2, high * 2) if log else (low - (abs(low) or 1) / 2, high + (abs(high) or 1) / 2)
    edges: Floats = np.geomspace(low, high, cells + 1) if log else np.linspace(low, high, cells + 1)
    edges[0], edges[-1] = low, high  # to the last digit, or the outermost points would be lost
    return edges


def _step(values: Floats) -> float:
    """The distance of neighbours where all values are whole multiples of it from the smallest; else 0.

    An accuracy is one: a test split of N images has N + 1 of them.
    """
    distinct = np.unique(values)
    if not 1 < len(distinct) <= _FINE * CELLS:
        return 0.0
    step = float(np.diff(distinct).min())
    with np.errstate(over="ignore", invalid="ignore"):  # beyond the largest number, where nothing is a multiple
        multiples = (distinct - distinct[0]) / step
        return step if np.abs(multiples - np.rint(multiples)).max() < 1e-3 else 0.0


def _cells(values: Floats, edges: Floats) -> NDArray[Any]:
    """(N,) the cell of each value; -1 where it is beyond the edges."""
    found = np.searchsorted(edges, values, side="right") - 1
    found[values == edges[-1]] = len(edges) - 2
    found[(values < edges[0]) | (values > edges[-1])] = -1
    return found
