"""Learning curves: test accuracy after each epoch, mean and interval over the seeds of a candidate or a family."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from se_bench.analysis import seed_table
from se_bench.analysis.answer import Answer
from se_bench.analysis.estimates import Estimate, estimate
from se_bench.analysis.families import families
from se_bench.config.dashboard import Panel

MOST_CURVES = 100
"""Of more candidates, the best by their last epoch are shown; baselines always are."""

_BySeed: TypeAlias = Mapping[int, Mapping[int, list[float]]]
"""Epoch -> seed -> accuracies."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """One candidate or family; running trials count as far as they came."""

    label: str
    is_baseline: bool
    epochs: tuple[int, ...]
    """Counted from 1."""
    accuracy: tuple[Estimate, ...]
    """Test accuracy after each of them, over the seeds that came so far; a family's, first over its candidates."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Curves:
    """What the figure of learning curves shows."""

    curves: tuple[Curve, ...]
    total: int
    """Curves that there are, shown or not."""

    @property
    def caption(self) -> str:
        """What a line and its band are, and n."""
        seeds = max(found.n for curve in self.curves for found in curve.accuracy)
        few = f" The best {len(self.curves)} of {self.total:,} are shown." if self.total > len(self.curves) else ""
        return f"Mean test accuracy after each epoch, over {seeds} seeds at most; bands are 95 % intervals (t).{few}"


def compute(answer: Answer, panel: Panel) -> Curves | None:
    """A curve for each candidate, or family, with an epoch on record; None where there is none."""
    names = _names(answer, panel.by)
    trials = {trial.trial_id: trial for trial in answer.records.trials}
    values: defaultdict[str, defaultdict[int, defaultdict[int, list[float]]]] = defaultdict(
        lambda: defaultdict(lambda: defaultdict(list))
    )
    for epoch in answer.records.epochs:
        trial = trials[epoch.trial_id]
        if math.isfinite(epoch.test_accuracy) and trial.architecture_id in names:
            values[names[trial.architecture_id]][epoch.epoch][trial.seed].append(epoch.test_accuracy)
    baselines = {names[each.candidate.architecture_id] for each in answer.candidates if each.candidate.is_baseline}
    present = [name for name in dict.fromkeys(names.values()) if name in values]
    if not present:
        return None
    others = [name for name in present if name not in baselines]
    best = sorted(others, key=lambda name: _last(values[name]), reverse=True)[:MOST_CURVES]
    shown = {*best, *baselines}
    return Curves(
        curves=tuple(_curve(name, values[name], is_baseline=name in baselines) for name in present if name in shown),
        total=len(present),
    )


def _names(answer: Answer, by: str | None) -> dict[str, str]:
    """Architecture -> the curve to which it belongs."""
    if by is None:
        return {each.candidate.architecture_id: each.label for each in answer.candidates}
    found = families(seed_table.of(answer), by)
    return {
        each.candidate.architecture_id: found.names[code]
        for each, code in zip(answer.candidates, found.codes, strict=True)
    }


def _curve(name: str, by_epoch: _BySeed, *, is_baseline: bool) -> Curve:
    epochs = tuple(sorted(by_epoch))
    return Curve(
        label=name,
        is_baseline=is_baseline,
        epochs=epochs,
        accuracy=tuple(estimate([_mean(each) for each in by_epoch[epoch].values()]) for epoch in epochs),
    )


def _last(by_epoch: _BySeed) -> float:
    """The mean accuracy after the last epoch on record."""
    return _mean([_mean(each) for each in by_epoch[max(by_epoch)].values()])


def _mean(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values)
