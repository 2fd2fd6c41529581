"""What a study measured, as arrays: candidates along the first axis, seeds along the second.

Everything that resamples seeds works on these, so that candidates stay paired by seed. What was not measured
is NaN, never 0: such a candidate is missing from a comparison, and named.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import special

from se_bench.analysis.answer import METRICS, Answer
from se_bench.analysis.arrays import Flags, Floats, Places
from se_bench.analysis.estimates import TAIL, Difference, Estimate, difference, estimate
from se_bench.analysis.looks import Looks
from se_bench.analysis.sequential import design_of
from se_bench.config.claim import HIGHER_IS_BETTER
from se_bench.records import Status, is_baseline_of


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SeedTable:
    """The measurements of K candidates with S seeds."""

    labels: tuple[str, ...]
    """In the order of the plan, baselines first."""
    axes: tuple[Mapping[str, Any], ...]
    """Each candidate's axes that matter."""
    baseline: Places
    """(K,) the place of each candidate's baseline: the same net without a block. A baseline's is its own."""
    seeds: tuple[int, ...]
    """In ascending order."""
    metrics: Mapping[str, Floats]
    """Metric -> (K, S), of completed trials."""
    costs: Mapping[str, Floats]
    """Cost -> (K,)."""
    unsuccessful: Places
    """(K,) trials that diverged or failed, and those that a scheduler stopped early: without a result."""
    looks: Looks | None = None
    """Where the study adds seeds one by one, the looks at them."""

    @property
    def is_baseline(self) -> Flags:
        """(K,)"""
        return np.asarray(self.baseline == np.arange(len(self.labels)))

    @property
    def reliable(self) -> Flags:
        """(K,) whether no trial was unsuccessful; the others' means are those of the survivors."""
        return np.asarray(self.unsuccessful == 0)

    def values(self, objective: str) -> Floats:
        """(K, S): a metric as measured; a cost the same for each seed."""
        if objective in self.metrics:
            return self.metrics[objective]
        return np.repeat(self.costs[objective][:, None], max(1, len(self.seeds)), axis=1)

    def mean(self, objective: str) -> Floats:
        """(K,): the mean over the completed seeds of each candidate; NaN without any."""
        return means(self.metrics[objective]) if objective in self.metrics else self.costs[objective]

    def by_seed(self, objective: str, place: int) -> dict[int, float]:
        """Seed -> what one candidate measured."""
        row = self.values(objective)[place]
        return {seed: float(value) for seed, value in zip(self.seeds, row, strict=False) if np.isfinite(value)}

    def estimate(self, objective: str, place: int) -> Estimate:
        """One candidate's mean."""
        return estimate(list(self.by_seed(objective, place).values()))

    def difference(self, objective: str, place: int, other: int) -> Difference:
        """The mean of one candidate minus another, seed by seed."""
        return difference(self.by_seed(objective, place), self.by_seed(objective, other), self.looks)

    def completed(self, objective: str) -> Places:
        """(K,): in how many seeds an objective is known."""
        return np.asarray(np.isfinite(self.values(objective)).sum(axis=1))

    def only(self, kept: Flags) -> SeedTable:
        """Those candidates where ``kept`` (K,) is true."""
        return self.at(np.flatnonzero(kept))

    def at(self, places: Places) -> SeedTable:
        """The candidates at these ascending places; a baseline that is not among them is -1."""
        new = np.full(len(self.labels) + 1, -1, dtype=np.intp)
        new[places] = np.arange(len(places))
        return SeedTable(
            labels=tuple(self.labels[place] for place in places),
            axes=tuple(self.axes[place] for place in places),
            baseline=new[self.baseline[places]],
            seeds=self.seeds,
            metrics={name: values[places] for name, values in self.metrics.items()},
            costs={name: values[places] for name, values in self.costs.items()},
            unsuccessful=self.unsuccessful[places],
            looks=self.looks,
        )


def of(answer: Answer) -> SeedTable:
    """The arrays of a study, from its records."""
    candidates = [each.candidate for each in answer.candidates]
    place_of = {each.architecture_id: place for place, each in enumerate(candidates)}
    trials = [trial for trial in answer.records.trials if trial.architecture_id in place_of]
    seeds = sorted({trial.seed for trial in trials})
    column_of = {seed: column for column, seed in enumerate(seeds)}
    completed = [trial for trial in trials if trial.status is Status.COMPLETED]
    cells = (
        [place_of[trial.architecture_id] for trial in completed],
        [column_of[trial.seed] for trial in completed],
    )
    metrics = {}
    for metric in METRICS:
        metrics[metric] = np.full((len(candidates), len(seeds)), np.nan)
        found = np.array([getattr(trial, metric) for trial in completed], dtype=np.float64)
        metrics[metric][cells] = np.where(np.isfinite(found), found, np.nan)
    unsuccessful = np.zeros(len(candidates), dtype=np.intp)
    without = [each for each in trials if each.status.ends and each.status is not Status.COMPLETED]
    np.add.at(unsuccessful, [place_of[each.architecture_id] for each in without], 1)
    names = candidates[0].cost.__dataclass_fields__ if candidates else ()
    return SeedTable(
        labels=tuple(each.label for each in candidates),
        axes=tuple(each.axes for each in candidates),
        baseline=_baselines(answer),
        seeds=tuple(seeds),
        metrics=metrics,
        costs={name: np.array([getattr(each.cost, name) for each in candidates], dtype=np.float64) for name in names},
        unsuccessful=unsuccessful,
        looks=design_of(answer.study).looks,
    )


def maximized(objective: str, objectives: Mapping[Any, str]) -> bool:
    """Whether more of an objective is better: as the study says, else as the metric is; costs are minimised."""
    if objective in objectives:
        return objectives[objective] == "maximize"
    return HIGHER_IS_BETTER.get(objective, False)


def means(values: Floats) -> Floats:
    """(K,): the mean over the known columns of (K, S); NaN without any.

    Summed in extended precision, so that equal accuracies that came in another order of seeds stay a tie.
    """
    known = np.isfinite(values)
    sums = np.where(known, values, 0.0).astype(np.longdouble).sum(axis=1)
    count = known.sum(axis=1)
    found = np.divide(sums, count, out=np.full(len(values), np.nan, dtype=np.longdouble), where=count > 0)
    return np.asarray(found, dtype=np.float64)


def intervals(values: Floats) -> tuple[Floats, Floats]:
    """(K,) each: both ends of the 95 % t interval of the mean over known columns, as ``estimates.estimate`` has it.

    NaN where fewer than two seeds are known, or all agree.
    """
    count = np.isfinite(values).sum(axis=1)
    mean, spread = means(values), spreads(values)
    with np.errstate(invalid="ignore", divide="ignore"):
        half = -special.stdtrit(np.maximum(count - 1, 1), TAIL) * spread / np.sqrt(count)
    half[~(spread > 0)] = np.nan
    return mean - half, mean + half


def spreads(values: Floats) -> Floats:
    """(K,): the standard deviation over known columns (n - 1); 0 where all are equal, NaN for fewer than two."""
    known = np.isfinite(values)
    count = known.sum(axis=1)
    off = np.where(known, values - means(values)[:, None], 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        found = np.sqrt((off**2).sum(axis=1) / (count - 1))
    least = np.where(known, values, np.inf).min(axis=1, initial=np.inf)
    found[least == np.where(known, values, -np.inf).max(axis=1, initial=-np.inf)] = 0.0
    found[count < 2] = np.nan
    return np.asarray(found)


def _baselines(answer: Answer) -> Places:
    baselines = [place for place, each in enumerate(answer.candidates) if each.candidate.is_baseline]
    candidates = [each.candidate for each in answer.candidates]
    found = [
        place
        if each.is_baseline
        else next((other for other in baselines if is_baseline_of(candidates[other], each)), -1)
        for place, each in enumerate(candidates)
    ]
    return np.array(found, dtype=np.intp)
