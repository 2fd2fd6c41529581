"""The front as a table: at each of some fixed costs, the best candidate that costs no more, against the baseline.

There is no interpolation between candidates, and none is claimed beyond the front's own range. The best of
many by a noisy mean is a little worse than it looks; how often it is the best in resamples of the seeds says
how much that matters.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from se_bench.analysis import multipliers, seed_table
from se_bench.analysis.answer import Answer
from se_bench.analysis.arrays import Flags, Floats
from se_bench.analysis.estimates import Difference, Estimate
from se_bench.analysis.front import front
from se_bench.analysis.seed_table import SeedTable, maximized
from se_bench.analysis.selection import metric_and_costs
from se_bench.config.dashboard import Panel
from se_bench.config.study import Objective

WIDE = 4.0
"""Costs that span more than this factor have round numbers on a logarithmic scale."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AtCost:
    """What one cost buys; nothing where it lies outside the front's range."""

    cost: float
    label: str | None
    """The best candidate that costs no more."""
    value: Estimate | None
    gain: Difference | None
    """Against the best baseline that costs no more, seed by seed; None where there is none, or it is the best."""
    often: float | None
    """The share of resamples of the seeds in which it is the best; None where the seeds are too few."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AxisAtCosts:
    """The front on one cost."""

    objective: Objective
    at_least: bool
    """Whether this cost is maximised, so that a candidate must have at least as much."""
    rows: tuple[AtCost, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FrontAtCosts:
    """What the table of the front shows."""

    y: Objective
    maximize: bool
    axes: tuple[AxisAtCosts, ...]

    @property
    def caption(self) -> str:
        """How the table is read."""
        return (
            f"{self.y}: the best mean among candidates that cost no more and have no trial without a result; no "
            "interpolation, and a dash outside the front's range. Gain: against the best baseline that costs no more, "
            f"paired by seed. Often: the share of {multipliers.RESAMPLES} resamples of the seeds in which this "
            "candidate is the best; intervals are not corrected for the choice."
        )


def compute(answer: Answer, panel: Panel) -> FrontAtCosts | None:
    """The front of each cost of the panel; None where nothing is completed yet."""
    y, choices = metric_and_costs(answer, panel)
    return of(seed_table.of(answer), y, choices, answer.study.objectives, costs=panel.costs)


def of(
    found: SeedTable,
    y: Objective,
    choices: Sequence[Objective],
    objectives: Mapping[Any, str],
    *,
    costs: Sequence[float] = (),
) -> FrontAtCosts | None:
    """The front of ``y`` at fixed values of each of ``choices``; round numbers where ``costs`` names none."""
    mean = np.where(found.reliable, found.mean(y), np.nan)
    if not np.isfinite(mean).any():
        return None
    up = maximized(y, objectives)
    axes = []
    for choice in choices:
        x = np.where(np.isfinite(mean), found.mean(choice), np.nan)
        up_x = maximized(choice, objectives)
        members = [float(x[place]) for place in front(x, mean, maximize_x=up_x, maximize_y=up)]
        if members:
            levels = costs or _levels(members, x[found.is_baseline])
            rows = tuple(_at(found, y, x, level, members, up_x=up_x, up=up) for level in levels)
            axes.append(AxisAtCosts(objective=choice, at_least=up_x, rows=rows))
    return FrontAtCosts(y=y, maximize=up, axes=tuple(axes)) if axes else None


def best_at(x: Floats, y: Floats, cost: float, *, at_least: bool = False, maximize: bool = True) -> int | None:
    """The place of the best ``y`` (K,) among those with ``x`` (K,) at most ``cost``; the cheapest of equals."""
    may = (x >= cost if at_least else x <= cost) & np.isfinite(y)
    return _best(x, y, may, at_least=at_least, maximize=maximize)


def cheapest_within(
    x: Floats, y: Floats, distance: float, *, at_least: bool = False, maximize: bool = True
) -> int | None:
    """The place of the cheapest whose ``y`` (K,) lies at most ``distance`` from the best; the better of equals."""
    known = np.isfinite(x) & np.isfinite(y)
    if not known.any():
        return None
    off = y[known].max() - y if maximize else y - y[known].min()
    may = np.flatnonzero(known & (off <= distance))
    return int(may[np.lexsort((off[may], -x[may] if at_least else x[may]))[0]])


def _best(x: Floats, y: Floats, may: Flags, *, at_least: bool, maximize: bool) -> int | None:
    places = np.flatnonzero(may)
    if not places.size:
        return None
    return int(places[np.lexsort((-x[places] if at_least else x[places], -y[places] if maximize else y[places]))[0]])


def _at(found: SeedTable, y: str, x: Floats, cost: float, members: Sequence[float], *, up_x: bool, up: bool) -> AtCost:
    mean = np.where(np.isfinite(x), found.mean(y), np.nan)
    place = best_at(x, mean, cost, at_least=up_x, maximize=up)
    if place is None or not min(members) <= cost <= max(members):
        return AtCost(cost=cost, label=None, value=None, gain=None, often=None)
    base = best_at(np.where(found.is_baseline, x, np.nan), mean, cost, at_least=up_x, maximize=up)
    return AtCost(
        cost=cost,
        label=found.labels[place],
        value=found.estimate(y, place),
        gain=None if base is None or base == place else found.difference(y, place, base),
        often=_often(found, y, x, cost, place, up_x=up_x, up=up),
    )


def _often(found: SeedTable, y: str, x: Floats, cost: float, place: int, *, up_x: bool, up: bool) -> float | None:
    values = found.values(y)
    may = np.flatnonzero((x >= cost if up_x else x <= cost) & np.isfinite(found.mean(y)))
    if not multipliers.has_spread(values[may]):
        return None
    drawn = multipliers.resampled_means(values[may]) * (1 if up else -1)
    return float((drawn[:, may == place][:, 0] >= drawn.max(axis=1)).mean())


def _levels(members: Sequence[float], baselines: Floats) -> tuple[float, ...]:
    """Round numbers over the front's range, its ends, and the baselines' costs within it."""
    low, high = min(members), max(members)
    inside = [value for value in baselines.tolist() if low <= value <= high]
    return tuple(sorted({low, high, *inside, *(each for each in round_numbers(low, high) if low < each < high)}))


def round_numbers(low: float, high: float) -> list[float]:
    """About six round numbers from ``low`` to ``high``; by factors where the range is wide."""
    if not low < high:
        return [low]
    if low > 0 and high > WIDE * low:
        powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
        steps = (1, 2, 5) if high < 1000 * low else (1,)
        return [step * 10.0**power for power in powers for step in steps if low <= step * 10.0**power <= high]
    rough = (high - low) / 5
    unit = 10.0 ** math.floor(math.log10(rough))
    step = next(unit * factor for factor in (1, 2, 5, 10) if unit * factor >= rough)
    return [step * number for number in range(math.ceil(low / step), math.floor(high / step) + 1)]
