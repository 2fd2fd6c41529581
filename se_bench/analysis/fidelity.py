"""May training be stopped early? How well the ranking of candidates after fewer epochs agrees with the last one's.

Kendall's tau-b (scipy) between the candidates' mean accuracies after an epoch and after the last: 1 where each
pair is in the same order, 0 where that is chance. Only completed trials count, the same ones at every epoch.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from se_bench.analysis import multipliers, seed_table
from se_bench.analysis.answer import Answer
from se_bench.analysis.arrays import Floats
from se_bench.config.dashboard import Panel
from se_bench.records import Status

MOST_EPOCHS = 12
"""Epochs that are looked at: all, or as many spread evenly."""
RESAMPLES = slice(200)


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """The ranking after one epoch."""

    epoch: int
    tau: float
    low: float | None
    """Ends of the 95 % interval; None where no candidate has two seeds, or all resamples agree."""
    high: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fidelity:
    """What the figure of fidelity shows."""

    epochs: tuple[Agreement, ...]
    """Before the last."""
    last: int
    candidates: int
    seeds: int
    resampled: bool
    """Whether any candidate has seeds enough to say how sure a tau is."""

    @property
    def caption(self) -> str:
        """What tau is, on how many candidates."""
        sure = (
            f"Intervals: bias-corrected, {RESAMPLES.stop} resamples of {self.seeds} seeds; none where all agree."
            if self.resampled
            else "No uncertainty: one seed."
        )
        return (
            f"Kendall's tau between the ranking of {self.candidates:,} candidates by mean test accuracy after each "
            f"epoch and after the last, {self.last}. {sure}"
        )


def compute(answer: Answer, panel: Panel) -> Fidelity | None:
    """Tau for each earlier epoch; None with fewer than two candidates or epochs that can be compared."""
    table = _accuracies(answer)
    if table is None or len(table) < 2 or table.shape[2] < 2:
        return None
    last = seed_table.means(table[:, :, -1])
    if not np.ptp(last):
        return None
    sure = multipliers.has_spread(table[:, :, -1])
    final = multipliers.resampled_means(table[:, :, -1], RESAMPLES) if sure else None
    found = []
    for epoch in _looked_at(table.shape[2] - 1):
        earlier = table[:, :, epoch - 1]
        tau = _tau(seed_table.means(earlier), last)
        if tau is not None:
            low, high = _interval(earlier, final, tau)
            found.append(Agreement(epoch=epoch, tau=tau, low=low, high=high))
    if not found:
        return None
    seeds = int(np.isfinite(table[:, :, -1]).any(axis=0).sum())
    return Fidelity(epochs=tuple(found), last=table.shape[2], candidates=len(table), seeds=seeds, resampled=sure)


def _accuracies(answer: Answer) -> Floats | None:
    """(K, S, E): test accuracy after each epoch of completed trials, of candidates that have one."""
    completed = {trial.trial_id: trial for trial in answer.records.trials if trial.status is Status.COMPLETED}
    kept = {each.candidate.architecture_id for each in answer.candidates}
    completed = {name: trial for name, trial in completed.items() if trial.architecture_id in kept}
    if not completed:
        return None
    present = dict.fromkeys(trial.architecture_id for trial in completed.values())
    candidates = {name: place for place, name in enumerate(present)}
    seeds = {seed: place for place, seed in enumerate(sorted({trial.seed for trial in completed.values()}))}
    last = max(trial.epochs for trial in completed.values())
    found = np.full((len(candidates), len(seeds), last), np.nan)
    for epoch in answer.records.epochs:
        trial = completed.get(epoch.trial_id)
        if trial is not None and trial.epochs == last and math.isfinite(epoch.test_accuracy):
            found[candidates[trial.architecture_id], seeds[trial.seed], epoch.epoch - 1] = epoch.test_accuracy
    ended = np.isfinite(found[:, :, -1]).any(axis=1)
    return np.asarray(found[ended])


def _looked_at(epochs: int) -> list[int]:
    """At most :data:`MOST_EPOCHS` of 1 ... ``epochs``."""
    return sorted({round(each) for each in np.linspace(1, epochs, min(epochs, MOST_EPOCHS))})


def _interval(earlier: Floats, final: Floats | None, tau: float) -> tuple[float | None, float | None]:
    if final is None:
        return None, None
    drawn = multipliers.resampled_means(earlier, RESAMPLES)
    samples = [_tau(one, other) for one, other in zip(drawn, final, strict=True)]
    return multipliers.interval(np.array([each for each in samples if each is not None]), tau) or (None, None)


def _tau(one: Floats, other: Floats) -> float | None:
    """Kendall's tau-b over candidates with both values; None where it is not defined."""
    both = np.isfinite(one) & np.isfinite(other)
    if both.sum() < 2:
        return None
    from scipy import stats  # noqa: PLC0415 - half a second, and needed here only

    tau = float(stats.kendalltau(one[both], other[both]).statistic)
    return tau if math.isfinite(tau) else None
