"""How much a plan may train at most, where what is trained is decided on the way."""

from __future__ import annotations

from dataclasses import dataclass

from se_bench.config.axes import BACKBONE_AXES
from se_bench.config.load import Study
from se_bench.config.plan import Budget
from se_bench.search.plan import Plan


@dataclass(frozen=True)
class Bounds:
    """The most that a plan trains; None where only something else is limited."""

    candidates: int | None
    """Without the baseline."""
    trials: int | None
    epochs: int | None
    hours: float | None
    """Of training, summed over the slots."""


def bounds(plan: Plan) -> Bounds:
    """What ``candidates`` and ``budget`` leave a plan, its baselines included."""
    study, budget = plan.study, plan.study.budget or Budget.model_construct()
    epochs_a_trial = study.setting.recipe.epochs
    scheduler = study.plan.scheduler
    fewest = 1 if scheduler else epochs_a_trial
    candidates = study.plan.candidates
    if study.plan.sampler is None:
        trials: int | None = len(plan.trials)
        candidates = sum(not each.is_baseline for each in plan.candidates)
    else:
        trials = None if candidates is None else _with_baselines(study, candidates) * len(study.seeds)
    trials = _least(trials, budget.trials, budget.epochs and budget.epochs // fewest)
    epochs = _least(trials and trials * epochs_a_trial, budget.epochs)
    return Bounds(candidates, trials, epochs, budget.hours)


def _with_baselines(study: Study, candidates: int) -> int:
    """Each other net that is proposed brings its baseline."""
    varied = study.plan.vary or study.space.axes
    return candidates + (1 + candidates if any(axis in BACKBONE_AXES for axis in varied) else 1)


def _least(*numbers: int | None) -> int | None:
    return min((number for number in numbers if number is not None), default=None)
