"""How much of the differences between candidates each axis accounts for, and how surely.

Two evaluators of Optuna: fANOVA (Hutter, Hoos & Leyton-Brown, ICML 2014), the share of the variance that an axis
explains by itself, in a random forest; and PED-ANOVA (Watanabe, Bansal & Hutter, IJCAI 2023), how much an axis
matters for being among the best, which is fast enough for thousands of candidates. Shares sum to one. How surely
they are known is how much they move in resamples of the seeds.
"""

from __future__ import annotations

import dataclasses
import math
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import optuna
from optuna.distributions import BaseDistribution, CategoricalDistribution
from optuna.importance import BaseImportanceEvaluator, FanovaImportanceEvaluator, PedAnovaImportanceEvaluator
from optuna.trial import FrozenTrial, create_trial
from scipy import special

from se_bench.analysis import multipliers, seed_table
from se_bench.analysis.answer import Answer
from se_bench.analysis.arrays import Floats
from se_bench.analysis.estimates import CONFIDENCE
from se_bench.analysis.factors import Factor, factors
from se_bench.analysis.seed_table import SeedTable, maximized
from se_bench.analysis.selection import metric
from se_bench.config.dashboard import Panel

Method = Literal["fanova", "ped_anova"]

MOST_FOR_FANOVA = 48
"""With more candidates the forests of all resamples would take longer than a reader waits."""
TREES = 16
FOREST = 100
"""Rows for the forest: fewer candidates are repeated, or its random trees would each miss a third of them."""
RESAMPLES: dict[Method, int] = {"fanova": 40, "ped_anova": 100}
"""Resamples of the seeds: enough for a standard deviation, within about two seconds."""
FEWEST_ABOVE = 5
"""PED-ANOVA needs this many candidates among the best."""
TOP = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class AxisImportance:
    """One axis."""

    name: str
    share: float
    low: float | None
    """Ends of the 95 % interval, cut at 0 and 1; None where no candidate has two seeds."""
    high: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Importance:
    """What the figure of importance shows."""

    y: str
    axes: tuple[AxisImportance, ...]
    """The most important first."""
    method: Method
    candidates: int
    seeds: int

    @property
    def caption(self) -> str:
        """What a share is, by which method, on how many candidates."""
        what = {
            "fanova": f"fANOVA ({TREES} trees): the share of the variance of {self.y} that an axis explains by itself",
            "ped_anova": f"PED-ANOVA: how much an axis matters for being among the best in {self.y}",
        }[self.method]
        sure = (
            f"Intervals: 1.96 standard deviations over {RESAMPLES[self.method]} resamples of {self.seeds} seeds."
            if self.axes[0].low is not None
            else "No uncertainty: one seed."
        )
        return f"{what}; shares of all axes sum to one. {self.candidates:,} candidates. {sure}"


def compute(answer: Answer, panel: Panel) -> Importance | None:
    """The shares of the panel's axes; None where fewer than two axes differ among candidates with a result."""
    y = metric(answer, panel)
    found = seed_table.of(answer)
    found = found.only(~found.is_baseline & np.isfinite(found.mean(y)))
    method: Method = panel.method or ("fanova" if len(found.labels) <= MOST_FOR_FANOVA else "ped_anova")
    shares = of(found, y, factors(found), method, maximize=maximized(y, answer.study.objectives))
    if shares is None or not panel.axes:
        return shares
    shown = tuple(axis for axis in shares.axes if axis.name in panel.axes)
    return dataclasses.replace(shares, axes=shown) if shown else None


def of(found: SeedTable, y: str, axes: Sequence[Factor], method: Method, *, maximize: bool) -> Importance | None:
    """The shares of ``axes`` in the differences of ``y``, all candidates of ``found`` having a value."""
    values = found.values(y)
    if len(axes) < 2 or not np.ptp(seed_table.means(values)):
        return None
    evaluate = _Evaluator(axes, method, maximize=maximize)
    shares = evaluate(seed_table.means(values))
    half: Floats | None = None
    if multipliers.has_spread(values):
        drawn = multipliers.resampled_means(values, slice(RESAMPLES[method]))
        spread = np.std([evaluate(row) for row in drawn], axis=0, ddof=1)
        half = special.ndtri(0.5 + CONFIDENCE / 2) * spread
    order = np.argsort(-shares, kind="stable")
    return Importance(
        y=y,
        axes=tuple(
            AxisImportance(
                name=axes[place].name,
                share=float(shares[place]),
                low=None if half is None else float(max(0.0, shares[place] - half[place])),
                high=None if half is None else float(min(1.0, shares[place] + half[place])),
            )
            for place in order
        ),
        method=method,
        candidates=len(found.labels),
        seeds=len(found.seeds),
    )


class _Evaluator:
    """An evaluator of Optuna over a study in memory, asked again for other values of the same candidates."""

    def __init__(self, axes: Sequence[Factor], method: Method, *, maximize: bool) -> None:
        self._names = [axis.name for axis in axes]
        self._sign = -1.0 if maximize else 1.0  # the best are the least to PED-ANOVA
        optuna.logging.set_verbosity(optuna.logging.ERROR)
        self._study = optuna.create_study()
        spaces: dict[str, BaseDistribution] = {axis.name: CategoricalDistribution(axis.levels) for axis in axes}
        number = len(axes[0].codes)
        self._number = number
        copies = math.ceil(FOREST / number) if method == "fanova" else 1
        self._study.add_trials(
            [
                create_trial(
                    params={axis.name: axis.levels[axis.codes[place]] for axis in axes}, distributions=spaces, value=0.0
                )
                for _ in range(copies)
                for place in range(number)
            ]
        )
        self._evaluator: BaseImportanceEvaluator = (
            FanovaImportanceEvaluator(n_trees=TREES, seed=0)
            if method == "fanova"
            else PedAnovaImportanceEvaluator(target_quantile=min(1.0, max(TOP, FEWEST_ABOVE / number)))
        )

    def __call__(self, values: Floats) -> Floats:
        """The share of each axis for these values (K,); equal shares where no axis explains anything."""

        def target(trial: FrozenTrial) -> float:
            return self._sign * float(values[trial.number % self._number])

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = self._evaluator.evaluate(self._study, params=self._names, target=target)
        shares = np.array([found[name] for name in self._names], dtype=np.float64)
        return shares / shares.sum() if shares.sum() > 0 else np.full(len(shares), 1 / len(shares))
