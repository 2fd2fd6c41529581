"""Every candidate as a line through its axes, its metric and its costs; objectives are turned so that better is up."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from se_bench.analysis import seed_table
from se_bench.analysis.answer import Answer
from se_bench.analysis.arrays import Floats, Places
from se_bench.analysis.factors import ABSENT, Factor, factors
from se_bench.analysis.seed_table import maximized
from se_bench.analysis.selection import metric_and_costs
from se_bench.config.dashboard import Panel

MOST_LINES = 2000


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Coordinate:
    """One upright axis."""

    name: str
    values: Floats
    """(L,) one for each line."""
    levels: tuple[str, ...] | None
    """Names of the codes in ``values``; None for numbers."""
    less_is_better: bool


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ParallelCoordinates:
    """What the figure shows."""

    y: str
    labels: tuple[str, ...]
    """(L,) candidates."""
    coordinates: tuple[Coordinate, ...]
    """The axes of the space, then costs, then the metric."""
    total: int
    """Candidates with a result, drawn or not."""

    @property
    def caption(self) -> str:
        """What is drawn, of how many."""
        shown, few = "All candidates", ""
        if self.total > len(self.labels):
            shown, few = f"{len(self.labels):,} of {self.total:,} candidates", ": the best and a random sample"
        return (
            f"{shown} with a result{few}; costs and metrics are turned so that better is up. Drag along an axis to "
            "filter."
        )


def compute(answer: Answer, panel: Panel) -> ParallelCoordinates | None:
    """Lines of the candidates with a result; None where there is none."""
    y, choices = metric_and_costs(answer, panel)
    found = seed_table.of(answer)
    total = int(np.isfinite(found.mean(y)).sum())
    if not total:
        return None
    up = maximized(y, answer.study.objectives)
    places = _drawn(found.mean(y), up=up)
    axes = [_axis(axis, places) for axis in factors(found, panel.axes)]
    objectives = [
        Coordinate(
            name=name,
            values=found.mean(name)[places],
            levels=None,
            less_is_better=not maximized(name, answer.study.objectives),
        )
        for name in (*choices, y)
    ]
    return ParallelCoordinates(
        y=y, labels=tuple(found.labels[place] for place in places), coordinates=(*axes, *objectives), total=total
    )


def _axis(axis: Factor, places: Places) -> Coordinate:
    """Baselines, for which the axis has no meaning, have a level of their own."""
    codes = axis.codes[places]
    levels = axis.levels if ABSENT in axis.levels or (codes >= 0).all() else (*axis.levels, ABSENT)
    values = np.where(codes < 0, levels.index(ABSENT) if ABSENT in levels else -1, codes)
    return Coordinate(name=axis.name, values=values.astype(np.float64), levels=levels, less_is_better=False)


def _drawn(mean: Floats, *, up: bool) -> Places:
    """At most :data:`MOST_LINES` candidates: half of them the best, the others at random, in the order of the plan."""
    known = np.flatnonzero(np.isfinite(mean))
    if len(known) <= MOST_LINES:
        return known
    ranked = known[np.argsort(-mean[known] if up else mean[known], kind="stable")]
    best, others = ranked[: MOST_LINES // 2], ranked[MOST_LINES // 2 :]
    drawn = np.random.default_rng(0).choice(others, MOST_LINES - len(best), replace=False)
    return np.sort(np.concatenate([best, drawn]))
