"""Results as rows for other programs: one for each candidate, trial or epoch, at full precision."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from se_bench.analysis.answer import Answer
from se_bench.config.axes import show
from se_bench.config.load import Study
from se_bench.records import Candidate, StudyRecords

Row = dict[str, Any]


def candidate_rows(answer: Answer) -> list[Row]:
    """A row for each candidate: label, axes, accuracy and difference with their intervals, costs."""
    rows = []
    for each in answer.candidates:
        accuracy, loss = each.metrics["accuracy"], each.metrics["loss"]
        found = each.difference
        rows.append(
            {
                "candidate": each.label,
                **_axes(answer.study, each.candidate),
                "n": accuracy.n,
                "unsuccessful": each.unsuccessful,
                "accuracy": accuracy.mean,
                "accuracy_low": accuracy.low,
                "accuracy_high": accuracy.high,
                "difference": found.mean if found else None,
                "difference_low": found.low if found else None,
                "difference_high": found.high if found else None,
                "p": found.p if found else None,
                "loss": loss.mean,
                "train_seconds": each.metrics["train_seconds"].mean,
                **asdict(each.candidate.cost),
                "architecture_id": each.candidate.architecture_id,
            }
        )
    return rows


def trial_rows(study: Study, records: StudyRecords) -> list[Row]:
    """A row for each trial of the plan: identity, axes, seed, outcome, costs."""
    candidates = {each.architecture_id: each for each in records.candidates}
    rows = []
    for trial in records.trials:
        candidate = candidates[trial.architecture_id]
        rows.append(
            {
                "trial_id": trial.trial_id,
                "candidate": candidate.label,
                **_axes(study, candidate),
                "seed": trial.seed,
                "status": trial.status.value,
                "epochs": trial.epochs,
                "accuracy": trial.accuracy,
                "loss": trial.loss,
                "train_seconds": trial.train_seconds,
                **asdict(candidate.cost),
                "started_at": trial.started_at.isoformat() if trial.started_at else None,
                "ended_at": trial.ended_at.isoformat() if trial.ended_at else None,
                "run_id": trial.run_id,
                "error": trial.error,
            }
        )
    return rows


def epoch_rows(records: StudyRecords) -> list[Row]:
    """A row for each epoch on record, with the candidate and seed of its trial."""
    labels = {each.architecture_id: each.label for each in records.candidates}
    trials: Mapping[str, tuple[str, int]] = {
        trial.trial_id: (labels[trial.architecture_id], trial.seed) for trial in records.trials
    }
    rows = []
    for epoch in records.epochs:
        label, seed = trials[epoch.trial_id]
        values = asdict(epoch)
        norms = values.pop("gradient_norms")
        identity = {"trial_id": values.pop("trial_id"), "candidate": label, "seed": seed}
        stages = {f"gradient_norm_stage{stage}": norm for stage, norm in enumerate(norms, start=1)}
        rows.append({**identity, **values, **stages})
    return rows


def _axes(study: Study, candidate: Candidate) -> Row:
    """One column for each axis of the space, empty where it has no effect; lists as ``1+2``."""
    values = {axis: candidate.axes.get(axis) for axis in study.space.axes}
    return {axis: show(value) if isinstance(value, list | tuple) else value for axis, value in values.items()}
