"""A study's trials as an Optuna study in a file that optuna-dashboard opens; the only file here that imports Optuna.

A trial is one training: its parameters are the axes, its values the study's objectives, its intermediate values the
test accuracy after each epoch. What Optuna has no field for (seed, ids, costs, setting) are user attributes. Trials
that diverged or failed are failed ones, those that a scheduler ended early are pruned; what is planned or running is
left out.
"""

from __future__ import annotations

import tempfile
import warnings
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

import optuna
from optuna.distributions import BaseDistribution, CategoricalDistribution, IntDistribution
from optuna.storages import RDBStorage
from optuna.study import StudyDirection
from optuna.trial import FrozenTrial, TrialState

from se_bench.analysis.answer import Answer
from se_bench.config.axes import show
from se_bench.errors import UserError
from se_bench.records import Candidate, Status, TrialResult

_STATES = {Status.COMPLETED: TrialState.COMPLETE, Status.STOPPED: TrialState.PRUNED}


def write(answer: Answer, path: Path) -> int:
    """Put the study into a new SQLite file at ``path``, whole or not at all: the number of its trials.

    Raises :class:`UserError` where there is a file already (it may be a database) or none can be written.
    """
    if path.exists():
        raise UserError("there is a file of this name already", file=path, hint="name a new file with -o")
    trials = _trials(answer)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=path.parent, prefix=".se-bench-") as folder:
            made = Path(folder) / "study.db"
            _fill(f"sqlite:///{made}", answer, trials)
            made.replace(path)
    except OSError as problem:
        raise UserError(f"cannot be written: {problem.strerror}", file=path, hint="name a new file with -o") from None
    return len(trials)


def _fill(url: str, answer: Answer, trials: Sequence[FrozenTrial]) -> None:
    study = answer.study
    verbosity = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    storage = RDBStorage(url)
    try:
        directions = [StudyDirection[way.upper()] for way in study.objectives.values()]
        made = optuna.create_study(storage=storage, study_name=study.name, directions=directions)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
            made.set_metric_names(list(study.objectives))
        for name, value in {
            "question": study.question,
            "setting": study.setting.name,
            "dataset": study.setting.dataset.model_dump(mode="json"),
            "backbone": study.setting.backbone.model_dump(mode="json"),
            "recipe": study.setting.recipe.identity(),
        }.items():
            made.set_user_attr(name, value)
        made.add_trials(trials)
    finally:
        storage.remove_session()
        storage.engine.dispose()
        optuna.logging.set_verbosity(verbosity)


def _trials(answer: Answer) -> list[FrozenTrial]:
    candidates = {each.architecture_id: each for each in answer.records.candidates}
    distributions = _distributions(candidates.values())
    curves: defaultdict[str, dict[int, float]] = defaultdict(dict)
    for epoch in answer.records.epochs:
        curves[epoch.trial_id][epoch.epoch] = epoch.test_accuracy
    return [
        _trial(answer, trial, candidates[trial.architecture_id], distributions, curves[trial.trial_id])
        for trial in answer.records.trials
        if trial.status.ends
    ]


def _trial(
    answer: Answer,
    trial: TrialResult,
    candidate: Candidate,
    distributions: Mapping[str, BaseDistribution],
    curve: dict[int, float],
) -> FrozenTrial:
    values = [_value(trial, candidate, objective) for objective in answer.study.objectives]
    known = [value for value in values if value is not None]
    state = _STATES.get(trial.status, TrialState.FAIL)
    if state is TrialState.COMPLETE and len(known) < len(values):
        state = TrialState.FAIL  # Optuna has no trial that is complete in some objectives
    params = {axis: _plain(value) for axis, value in candidate.axes.items()}
    made = optuna.trial.create_trial(
        state=state,
        values=known if state is TrialState.COMPLETE else None,
        params=params,
        distributions={axis: distributions[axis] for axis in params},
        user_attrs={
            "trial_id": trial.trial_id,
            "candidate": candidate.label,
            "seed": trial.seed,
            "status": trial.status.value,
            "accuracy": trial.accuracy,
            "loss": trial.loss,
            "train_seconds": trial.train_seconds,
            "architecture_id": trial.architecture_id,
            "error": trial.error,
            **asdict(candidate.cost),
        },
        intermediate_values=curve,
    )
    made.datetime_start = _local(trial.started_at or trial.ended_at) or made.datetime_start
    made.datetime_complete = _local(trial.ended_at) or made.datetime_complete
    return made


def _value(trial: TrialResult, candidate: Candidate, objective: str) -> float | None:
    """An objective's value: measured by the trial, or a cost of its candidate."""
    if hasattr(trial, objective):
        measured: float | None = getattr(trial, objective)
        return measured
    return float(getattr(candidate.cost, objective))


def _distributions(candidates: Iterable[Candidate]) -> dict[str, BaseDistribution]:
    """For each axis a range where all values are whole numbers, else the values that occur."""
    values: defaultdict[str, list[Any]] = defaultdict(list)
    for candidate in candidates:
        for axis, value in candidate.axes.items():
            if (plain := _plain(value)) not in values[axis]:
                values[axis].append(plain)
    return {axis: _distribution(own) for axis, own in values.items()}


def _distribution(values: list[Any]) -> BaseDistribution:
    if all(type(value) is int for value in values):
        return IntDistribution(min(values), max(values))
    return CategoricalDistribution(values)


def _plain(value: Any) -> Any:
    """A value that Optuna keeps: lists in words."""
    return show(value) if isinstance(value, list | tuple) else value


def _local(moment: datetime | None) -> datetime | None:
    """Optuna's instants are without a zone, in local time."""
    return moment.astimezone().replace(tzinfo=None) if moment else None
