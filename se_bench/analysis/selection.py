"""What a panel chooses of a study: candidates by their axes, the metric, and what it is shown against."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from se_bench.analysis.answer import Answer
from se_bench.config.axes import show
from se_bench.config.dashboard import Panel
from se_bench.config.study import Objective
from se_bench.records import Candidate


def metric(answer: Answer, panel: Panel) -> Objective:
    """What a panel shows: its y, else the study's first objective."""
    if panel.y is not None:
        return panel.y
    return next(iter(answer.study.objectives))


def metric_and_costs(answer: Answer, panel: Panel) -> tuple[Objective, tuple[Objective, ...]]:
    """What a panel shows, and the choices of what it is shown against: its x, else the study's other objectives."""
    y = metric(answer, panel)
    return y, panel.x or tuple(each for each in answer.study.objectives if each != y) or ("macs",)


def select(answer: Answer, where: Mapping[str, Any]) -> Answer:
    """The answer with only those candidates, trials and epochs; claims and counts are those of the whole study.

    Args:
        where: axis -> the value it must have, or a tuple of values of which it must have one. A baseline is left
            out only where it has the axis, with another value.
    """
    if not where:
        return answer
    candidates = tuple(each for each in answer.candidates if _meets(each.candidate, where))
    kept = {each.candidate.architecture_id for each in candidates}
    trials = tuple(trial for trial in answer.records.trials if trial.architecture_id in kept)
    ids = {trial.trial_id for trial in trials}
    records = dataclasses.replace(
        answer.records,
        candidates=tuple(each.candidate for each in candidates),
        trials=trials,
        epochs=tuple(epoch for epoch in answer.records.epochs if epoch.trial_id in ids),
    )
    return dataclasses.replace(answer, candidates=candidates, records=records)


def _meets(candidate: Candidate, where: Mapping[str, Any]) -> bool:
    return all(
        _is(candidate.axes[axis], wanted) if axis in candidate.axes else candidate.is_baseline
        for axis, wanted in where.items()
    )


def _is(value: Any, wanted: Any) -> bool:
    """Whether a value is the wanted one, or one of them; a value that is a list itself is compared as a whole first."""
    if show(value) == show(wanted):
        return True
    return isinstance(wanted, tuple) and any(show(value) == show(each) for each in wanted)
