"""Geometry of a front in two objectives: its members, and how much it dominates.

Exact ties stay on the front together; a point with a missing value is on no front and dominates nothing.
Everything is computed before any rounding.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import moocore
import numpy as np
from numpy.typing import ArrayLike

from se_bench.analysis.arrays import Flags, Floats, Places

MARGIN = 0.1
"""How far beyond the worst value the reference point lies, as a share of the range."""
LINEAR = ("accuracy", "loss", "validation_accuracy")
"""Objectives that are compared by their differences; costs, by their ratios."""


def front(x: ArrayLike, y: ArrayLike, *, maximize_x: bool = False, maximize_y: bool = True) -> tuple[int, ...]:
    """Places of the points that no other dominates, ordered by ``x`` and then ``y``; equal points all stay."""
    points = np.column_stack([x, y]).astype(np.float64)
    known = np.flatnonzero(np.isfinite(points).all(axis=1))
    if not known.size:
        return ()
    on_front = moocore.is_nondominated(points[known], maximise=[maximize_x, maximize_y], keep_weakly=True)
    places = known[np.flatnonzero(on_front)]
    return tuple(places[np.lexsort((points[places, 1], points[places, 0]))].tolist())


def on_fronts(x: Floats, y: Floats, *, maximize_x: bool = False, maximize_y: bool = True) -> Flags:
    """(B, K): which of K points are on the front, in each of B resamples at once.

    Args:
        x: (K,) where a cost is the same in all resamples, or (B, K).
        y: (B, K).
    """
    cost = np.where(np.isfinite(x), -x if maximize_x else x, np.inf)
    gain = np.where(np.isfinite(y) & np.isfinite(x), y if maximize_y else -y, -np.inf)
    if cost.ndim == 1:
        order = np.argsort(cost, kind="stable")[None]
        cost = cost[order]
    else:
        order = np.argsort(cost, axis=1, kind="stable")
        cost = np.take_along_axis(cost, order, axis=1)
    gain = np.take_along_axis(gain, order, axis=1) if len(order) > 1 else gain[:, order[0]]
    # A point is dominated by what is cheaper and at least as good, or costs the same and is better.
    begin, end = _runs(cost)
    best = np.maximum.accumulate(gain, axis=1)
    cheaper = np.where(begin > 0, _columns(best, np.maximum(begin - 1, 0)), -np.inf)
    kept = (gain > cheaper) & (gain == _columns(best, end))
    found = np.empty(gain.shape, dtype=bool)
    np.put_along_axis(found, np.broadcast_to(order, gain.shape), kept, axis=1)
    return found


def _runs(ordered: Floats) -> tuple[Places, Places]:
    """For each place of sorted rows, where the run of equal numbers around it begins and ends."""
    place = np.arange(ordered.shape[1])
    starts = np.ones(ordered.shape, dtype=bool)
    starts[:, 1:] = ordered[:, 1:] > ordered[:, :-1]
    ends = np.ones(ordered.shape, dtype=bool)
    ends[:, :-1] = starts[:, 1:]
    begin = np.maximum.accumulate(np.where(starts, place, 0), axis=1)
    end = np.minimum.accumulate(np.where(ends, place, place.size)[:, ::-1], axis=1)[:, ::-1]
    return begin, end


def _columns(values: Floats, places: Places) -> Floats:
    """The values at ``places``, which are the same for all rows where there is one row of them."""
    return values[:, places[0]] if len(places) == 1 else np.take_along_axis(values, places, axis=1)


@dataclass(frozen=True, slots=True)
class Reference:
    """The point from which hypervolume is measured, and the best values, which make it a share.

    Shared rule: over all points that are compared (of all studies, where several are), the worst value of each
    objective, moved a tenth of the range further. Costs count on a logarithmic scale.
    """

    worst: tuple[float, float]
    """Reference point (x, y), on the scales in use."""
    best: tuple[float, float]
    log_x: bool
    """Whether x counts as its logarithm."""

    def share(self, x: Floats, y: Floats) -> float:
        """The share of the rectangle between reference and best values that points (x, y) dominate."""
        on_scale = x
        if self.log_x:  # a resampled cost may fall below zero: no less than the best counts
            on_scale = np.where(x <= 0, self.best[0], np.log10(np.where(x > 0, x, np.nan)))
        gains = np.column_stack([self._scaled(values, place) for place, values in enumerate((on_scale, y))])
        gains = gains[np.isfinite(gains).all(axis=1) & (gains > 0).all(axis=1)]
        return float(moocore.hypervolume(gains, ref=[0.0, 0.0], maximise=True)) if len(gains) else 0.0

    def _scaled(self, values: Floats, place: int) -> Floats:
        worst, best = self.worst[place], self.best[place]
        return np.asarray((values - worst) / (best - worst), dtype=np.float64)


def reference(
    x: Sequence[Floats], y: Sequence[Floats], objective: str, *, maximize_x: bool, maximize_y: bool
) -> Reference | None:
    """The reference of several sets of points together; None where no point has both values.

    Args:
        x, y: a (K,) array for each set.
        objective: what x is.
    """
    both = np.column_stack([np.concatenate(list(x)), np.concatenate(list(y))])
    both = both[np.isfinite(both).all(axis=1)]
    if not len(both):
        return None
    log_x = objective not in LINEAR and bool((both[:, 0] > 0).all())
    if log_x:
        both[:, 0] = np.log10(both[:, 0])
    least, most = both.min(axis=0), both.max(axis=0)
    margin = np.where(most > least, MARGIN * (most - least), 1.0)
    up = np.array([maximize_x, maximize_y])
    worst, best = np.where(up, least - margin, most + margin), np.where(up, most, least)
    return Reference((float(worst[0]), float(worst[1])), (float(best[0]), float(best[1])), log_x)
