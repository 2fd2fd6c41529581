"""Which points of a cloud are drawn one by one, and which are counted in the cells of a grid.

Above 200,000 points a browser is no longer quick, and the picture is a blot: then the cloud is binned, until the reader
has zoomed in so far that 50,000 or fewer are in sight.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from se_bench.analysis.arrays import Floats, Places
from se_bench.analysis.density import is_dense, within


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """The part of the figure that is in sight, in the units of its axes."""

    x: tuple[float, float]
    y: tuple[float, float]

    @classmethod
    def of(cls, said: Mapping[str, Any] | None) -> Self | None:
        """As the browser says it; None for the whole, or what is no rectangle."""
        if said is None:
            return None
        try:
            (x0, x1), (y0, y1) = said["x"], said["y"]
            sides = [float(side) for side in (x0, x1, y0, y1)]
        except (KeyError, TypeError, ValueError):
            return None
        if not np.isfinite(sides).all():
            return None
        return cls(x=(min(sides[:2]), max(sides[:2])), y=(min(sides[2:]), max(sides[2:])))


def one_by_one(x: Floats, y: Floats, places: Places, window: Window | None) -> Places | None:
    """Those of the points at ``places`` that are drawn as points; None where the cloud is binned."""
    if not is_dense(len(places)):
        return places
    if window is None:
        return None
    inside = places[within(x[places], y[places], window.x, window.y)]
    return None if is_dense(len(inside), zoomed=True) else inside
