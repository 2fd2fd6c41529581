"""The metric of every candidate against each axis, and the region of the axis in which the best lie.

The best region is that of pycls (Radosavovic et al., CVPR 2020): the best candidate of many resamples has its value
there in 95 % of them. A resample weighs the seeds anew; of a population of candidates, it is also a random quarter.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from se_bench.analysis import multipliers, seed_table
from se_bench.analysis.answer import Answer
from se_bench.analysis.arrays import Floats, Places
from se_bench.analysis.factors import ABSENT, Factor, factors, is_number
from se_bench.analysis.seed_table import SeedTable, maximized
from se_bench.analysis.selection import metric
from se_bench.config.dashboard import Panel

POPULATION = 50
"""From this many candidates on, a study is a sample of its space, and so resampled."""
SHARE = 0.25
INSIDE = 0.95


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AxisPanel:
    """One axis."""

    name: str
    levels: tuple[str, ...] | None
    """Names of the codes in ``x``; None where ``x`` is the axis' own number, of which there are many."""
    x: Floats
    """(K,)"""
    region: tuple[tuple[float, float], ...]
    """Where the best are: one interval of numbers, or of codes from half a level before to half a level after."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MetricByAxis:
    """What the figure shows of K candidates."""

    y: str
    maximize: bool
    labels: tuple[str, ...]
    values: Floats
    """(K,) means."""
    low: Floats
    """(K,) ends of the 95 % interval, NaN where there is none."""
    high: Floats
    n: Places
    """(K,) completed trials."""
    baseline: float | None
    """The first baseline's mean."""
    axes: tuple[AxisPanel, ...]

    @property
    def caption(self) -> str:
        """How the region is found, and n."""
        few = len(self.labels) < POPULATION
        region = "" if few else f" and a random {SHARE:.0%} of the candidates"
        sure = f"Shaded: where the best candidate of {INSIDE:.0%} of the resamples lies (of the seeds{region})."
        if not any(axis.region for axis in self.axes):
            sure = "No best region: one seed."
        return f"Mean {self.y} of each of {len(self.labels):,} candidates, over {self.n.max()} seeds at most. {sure}"


def compute(answer: Answer, panel: Panel) -> MetricByAxis | None:
    """Every candidate's mean against each axis of the panel; None where no axis differs among known candidates."""
    y = metric(answer, panel)
    found = seed_table.of(answer)
    base = found.mean(y)[found.is_baseline]
    known = found.only(~found.is_baseline & np.isfinite(found.mean(y)))
    axes = factors(known, panel.axes)
    if not axes:
        return None
    up = maximized(y, answer.study.objectives)
    best = _best(known, y, up=up)
    low, high = seed_table.intervals(known.values(y))
    return MetricByAxis(
        y=y,
        maximize=up,
        labels=known.labels,
        values=known.mean(y),
        low=low,
        high=high,
        n=known.completed(y),
        baseline=float(base[0]) if len(base) and np.isfinite(base[0]) else None,
        axes=tuple(_panel(known, axis, best) for axis in axes),
    )


def _best(found: SeedTable, y: str, *, up: bool) -> Places:
    """(B,) the place of the best candidate of each resample; empty where nothing can be resampled."""
    values = np.where(found.reliable[:, None], found.values(y), np.nan)
    sure, many = multipliers.has_spread(values), len(values) >= POPULATION
    if not sure and not many:
        return np.empty(0, dtype=np.intp)
    mean = np.tile(seed_table.means(values), (multipliers.RESAMPLES, 1))
    drawn = multipliers.resampled_means(values) if sure else mean
    gain = np.where(np.isfinite(drawn), drawn if up else -drawn, -np.inf)
    if many:
        gain[np.random.default_rng(2).random(gain.shape) > SHARE] = -np.inf
    best: Places = gain.argmax(axis=1)
    return np.asarray(best[np.isfinite(gain.max(axis=1))])


def _panel(found: SeedTable, axis: Factor, best: Places) -> AxisPanel:
    raw = [axes.get(axis.name) for axes in found.axes]
    if axis.grouped and all(is_number(value) for value in raw):
        x = np.array(raw, dtype=np.float64)
        return AxisPanel(name=axis.name, levels=None, x=x, region=_middle(x[best]))
    wins = np.bincount(axis.codes[best], minlength=len(axis.levels)) / max(1, len(best))
    order = np.argsort(-wins, kind="stable")
    needed = int(np.searchsorted(np.cumsum(wins[order]), INSIDE - 1e-12)) + 1 if best.size else 0
    shaded = sorted(place for place in order[:needed].tolist() if axis.levels[place] != ABSENT or wins[place])
    return AxisPanel(
        name=axis.name,
        levels=axis.levels,
        x=axis.codes.astype(np.float64),
        region=tuple((place - 0.5, place + 0.5) for place in shaded),
    )


def _middle(numbers: Floats) -> tuple[tuple[float, float], ...]:
    """The interval that leaves out equally many on both sides; none of no numbers."""
    if not numbers.size:
        return ()
    low, high = np.quantile(numbers, ((1 - INSIDE) / 2, (1 + INSIDE) / 2), method="inverted_cdf")
    return ((float(low), float(high)),)
