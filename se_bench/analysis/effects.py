"""Effects: how each candidate's accuracy, or that of each value of an axis, differs from the baseline's by seed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from se_bench.analysis import seed_table
from se_bench.analysis.answer import Answer
from se_bench.analysis.arrays import Places
from se_bench.analysis.estimates import Difference, difference
from se_bench.analysis.factors import factors
from se_bench.analysis.seed_table import SeedTable
from se_bench.config.dashboard import Panel

MOST_EFFECTS = 100
"""Of more candidates, the best and the worst are shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """One candidate, or all with one value of an axis, against the baseline."""

    label: str
    difference: Difference
    """Accuracy minus the baseline's; its mean is not None."""
    candidates: int
    """How many it is the mean of."""
    unsuccessful: int
    """Their trials that diverged or failed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Effects:
    """What the forest plot shows."""

    effects: tuple[Effect, ...]
    """In the order of the plan."""
    total: int
    """Effects that there are, shown or not."""

    @property
    def caption(self) -> str:
        """What is subtracted from what, and n."""
        seeds = max(effect.difference.n for effect in self.effects)
        together = any(effect.candidates > 1 for effect in self.effects)
        what = "Mean accuracy of all candidates with this value" if together else "Accuracy"
        lost = sum(effect.unsuccessful for effect in self.effects)
        also = f" {lost} trials diverged or failed: those rows are of the survivors." if lost else ""
        few = f" {len(self.effects)} of {self.total:,} are shown: the best and the worst." if self._some else ""
        return (
            f"{what} minus that of the same net without a block, seed by seed; {seeds} seeds at most, 95 % intervals "
            f"(t), not corrected for their number.{also}{few}"
        )

    @property
    def _some(self) -> bool:
        return self.total > len(self.effects)


def compute(answer: Answer, panel: Panel) -> Effects | None:
    """The effects of the panel; None where nothing shares a completed seed with its baseline."""
    effects = _of_levels(seed_table.of(answer), panel.by) if panel.by else _of_candidates(answer)
    if not effects:
        return None
    return Effects(effects=tuple(_most(effects)), total=len(effects))


def _of_candidates(answer: Answer) -> list[Effect]:
    return [
        Effect(label=each.label, difference=each.difference, candidates=1, unsuccessful=each.unsuccessful)
        for each in answer.candidates
        if each.difference is not None and each.difference.n
    ]


def _of_levels(found: SeedTable, by: str) -> list[Effect]:
    """The mean over a level's candidates, of the seeds in which all of them and their baselines are completed."""
    accuracy = found.metrics["accuracy"]
    effects = []
    for factor in factors(found, (by,)):
        for code, level in enumerate(factor.levels):
            members = np.flatnonzero((factor.codes == code) & np.isfinite(accuracy).any(axis=1))
            members = members[found.baseline[members] >= 0]
            one, other = (_by_seed(found, places) for places in (members, found.baseline[members]))
            change = difference(one, other, found.looks)
            if change.n:
                lost = int(found.unsuccessful[members].sum())
                effects.append(
                    Effect(label=f"{by}={level}", difference=change, candidates=len(members), unsuccessful=lost)
                )
    return effects


def _by_seed(found: SeedTable, places: Places) -> dict[int, float]:
    """Seed -> mean accuracy of these candidates, where all have one."""
    if not places.size:
        return {}
    mean = seed_table.means(found.metrics["accuracy"][places].T)
    whole = np.asarray(np.isfinite(found.metrics["accuracy"][places]).all(axis=0)).tolist()
    return {seed: float(value) for seed, value, there in zip(found.seeds, mean, whole, strict=True) if there}


def _most(effects: Sequence[Effect]) -> Sequence[Effect]:
    if len(effects) <= MOST_EFFECTS:
        return effects
    order = np.argsort([effect.difference.mean or 0.0 for effect in effects], kind="stable")
    half = MOST_EFFECTS // 2
    return [effects[place] for place in sorted([*order[:half].tolist(), *order[-half:].tolist()])]
