"""How the frozen records and the rows of the tables become each other."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Row

from se_bench.records import Candidate, Cost, Run, Status, Trial, TrialResult

Values = dict[str, Any]


def run_row(run: Run) -> Values:
    """The row of ``run``."""
    return {name: getattr(run, name) for name in Run.__dataclass_fields__}


def architecture_row(candidate: Candidate) -> Values:
    """The row of the architecture that ``candidate`` spells."""
    costs = {name: getattr(candidate.cost, name) for name in Cost.__dataclass_fields__}
    return {"architecture_id": candidate.architecture_id, "spec": candidate.architecture, **costs}


def candidate_row(study: str, position: int, candidate: Candidate) -> Values:
    """The row of ``candidate`` at its place in the study's plan."""
    return {
        "study": study,
        "architecture_id": candidate.architecture_id,
        "position": position,
        "label": candidate.label,
        "axes": candidate.axes,
        "is_baseline": candidate.is_baseline,
    }


def trial_row(trial: Trial, now: datetime) -> Values:
    """The row of a trial that nobody has started."""
    values = {name: getattr(trial, name) for name in Trial.__dataclass_fields__ if name != "architecture"}
    return {**values, "status": Status.PLANNED, "error": "", "epochs": 0, "updated_at": now}


def planned_result(trial: Trial) -> TrialResult:
    """What is known of a trial that was never registered."""
    return TrialResult(
        trial_id=trial.trial_id,
        architecture_id=trial.architecture_id,
        seed=trial.seed,
        status=Status.PLANNED,
    )


def cost_of(row: Row[*tuple[Any, ...]]) -> Cost:
    """The cost that a row of architectures holds."""
    return Cost(**{name: getattr(row, name) for name in Cost.__dataclass_fields__})


def candidate_of(row: Row[*tuple[Any, ...]]) -> Candidate:
    """The candidate in a row of candidates joined with architectures."""
    return Candidate(
        architecture_id=row.architecture_id,
        label=row.label,
        axes=row.axes,
        architecture=row.spec,
        is_baseline=row.is_baseline,
        cost=cost_of(row),
    )


def trial_of(row: Row[*tuple[Any, ...]]) -> Trial:
    """The trial in a row of trials that has its architecture beside it."""
    return Trial(**{name: getattr(row, name) for name in Trial.__dataclass_fields__})
