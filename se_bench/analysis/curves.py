"""Learning curves: test accuracy after each epoch, mean and interval over the seeds of a candidate."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass

from se_bench.analysis.answer import Answer
from se_bench.analysis.estimates import Estimate, estimate
from se_bench.config.dashboard import Panel


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """One candidate; running trials count as far as they came."""

    label: str
    is_baseline: bool
    epochs: tuple[int, ...]
    """Counted from 1."""
    accuracy: tuple[Estimate, ...]
    """Test accuracy after each of them, over the seeds that came so far."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Curves:
    """What the figure of learning curves shows."""

    curves: tuple[Curve, ...]


def compute(answer: Answer, panel: Panel) -> Curves | None:
    """A curve for each candidate with an epoch on record; None where there is none."""
    architecture_of = {trial.trial_id: trial.architecture_id for trial in answer.records.trials}
    values: defaultdict[str, defaultdict[int, list[float]]] = defaultdict(lambda: defaultdict(list))
    for epoch in answer.records.epochs:
        if math.isfinite(epoch.test_accuracy):
            values[architecture_of[epoch.trial_id]][epoch.epoch].append(epoch.test_accuracy)
    curves = tuple(
        Curve(
            label=each.label,
            is_baseline=each.candidate.is_baseline,
            epochs=tuple(sorted(of_epoch)),
            accuracy=tuple(estimate(of_epoch[number]) for number in sorted(of_epoch)),
        )
        for each in answer.candidates
        if (of_epoch := values.get(each.candidate.architecture_id))
    )
    return Curves(curves=curves) if curves else None
