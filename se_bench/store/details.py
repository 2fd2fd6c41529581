"""Trials in full: one with its relatives, or some with everything that analysis needs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, select

from se_bench.errors import UnknownNameError
from se_bench.records import Candidate, Epoch, Run, StudyRecords, Trial, TrialResult, is_baseline_of
from se_bench.store import measurements
from se_bench.store.bulk import select_in
from se_bench.store.column import Places
from se_bench.store.columns import plain
from se_bench.store.frame import Frame
from se_bench.store.rows import candidate_of, trial_of
from se_bench.store.tables import ArchitectureRow, CandidateRow, StudyRow, StudyTrialRow, TrialRow
from se_bench.store.trials import read_epochs, read_results, runs_of

_CANDIDATE = (
    CandidateRow.study, CandidateRow.label, CandidateRow.axes, CandidateRow.is_baseline, *ArchitectureRow.__table__.c
)  # fmt: skip

AnyRow = Row[*tuple[Any, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trained:
    """A trial's result and what it measured on the way."""

    result: TrialResult
    epochs: tuple[Epoch, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """A study whose present plan has the trial."""

    study: str
    question: str
    candidate: Candidate
    """The trial's architecture as this study spells it."""
    baseline: Candidate | None
    """The same net without a block; None for such a one itself, and where the study has none."""
    baseline_seeds: tuple[Trained, ...]
    """Its trials in the same circumstances, in order of seeds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialDetails:
    """Everything known of one trial."""

    trial: Trial
    result: TrialResult
    epochs: tuple[Epoch, ...]
    run: Run | None
    """Which trained it; None for one that nobody has started."""
    owners: tuple[Owner, ...]
    """In order of their names."""
    seeds: tuple[Trained, ...]
    """All trials that differ from it in the seed alone, itself included, in order of seeds."""


def trial(connection: Connection, trial_id: str) -> TrialDetails:
    """See :meth:`Frames.trial`."""
    query = (
        select(*TrialRow.__table__.c, ArchitectureRow.spec.label("architecture"))
        .join(ArchitectureRow, ArchitectureRow.architecture_id == TrialRow.architecture_id)
        .where(TrialRow.trial_id == trial_id)
    )
    row = connection.execute(query).one_or_none()
    if row is None:
        raise UnknownNameError(f"no trial {trial_id!r} in this database")
    seeds = _seeds(connection, row, row.architecture_id)
    own = next(each for each in seeds if each.result.trial_id == trial_id)
    runs = runs_of(connection, [own.result])
    return TrialDetails(
        trial=trial_of(row),
        result=own.result,
        epochs=own.epochs,
        run=runs[0] if runs else None,
        owners=tuple(_owner(connection, study, question, row) for study, question in _studies_of(connection, trial_id)),
        seeds=seeds,
    )


def records(connection: Connection, frame: Frame, places: Places) -> StudyRecords:
    """See :meth:`Frames.records`."""
    ids = frame.trials["trial_id"].plain(places)
    results, epochs = read_results(connection, ids), read_epochs(connection, ids)
    architectures = frame.candidates["architecture_id"].plain(frame.of[places])
    candidates = tuple(_candidates(connection, frame.study, architectures))
    return StudyRecords(
        candidates=candidates,
        trials=tuple(results[each] for each in ids),
        epochs=tuple(epoch for of_trial in epochs.values() for epoch in of_trial),
        runs=runs_of(connection, results.values()),
        gates=measurements.gates_of(connection, ids),
        latency=measurements.latency_of(connection, [each.architecture_id for each in candidates]),
    )


def _candidates(connection: Connection, study: str, architectures: Sequence[str]) -> list[Candidate]:
    """Those of these architectures and every baseline of the study, in the order of the plan."""
    query = (
        select(*_CANDIDATE, CandidateRow.position)
        .join(ArchitectureRow, ArchitectureRow.architecture_id == CandidateRow.architecture_id)
        .where(CandidateRow.study == study)
    )
    rows = {row.position: row for row in connection.execute(query.where(CandidateRow.is_baseline))}
    rows |= {row.position: row for row in select_in(connection, query, CandidateRow.architecture_id, architectures)}
    return [candidate_of(rows[position]) for position in sorted(rows)]


def _studies_of(connection: Connection, trial_id: str) -> list[tuple[str, str]]:
    query = select(StudyRow.name, StudyRow.question).join(StudyTrialRow, StudyTrialRow.study == StudyRow.name)
    rows = connection.execute(query.where(StudyTrialRow.trial_id == trial_id).order_by(StudyRow.name))
    return [(row.name, row.question) for row in rows]


def _owner(connection: Connection, study: str, question: str, row: AnyRow) -> Owner:
    found = _candidates(connection, study, [row.architecture_id])
    candidate = next(each for each in found if each.architecture_id == row.architecture_id)
    baselines = [each for each in found if is_baseline_of(each, candidate) and each is not candidate]
    baseline = baselines[0] if baselines else None
    return Owner(
        study=study,
        question=question,
        candidate=candidate,
        baseline=baseline,
        baseline_seeds=_seeds(connection, row, baseline.architecture_id) if baseline else (),
    )


def _seeds(connection: Connection, like: AnyRow, architecture_id: str) -> tuple[Trained, ...]:
    """Trials of an architecture in the circumstances of the trial ``like``, in order of seeds."""
    query = (
        select(TrialRow.trial_id, TrialRow.recipe)
        .where(TrialRow.architecture_id == architecture_id)
        .where(TrialRow.dataset_fingerprint == like.dataset_fingerprint)
        .where(TrialRow.numerics_version == like.numerics_version)
    )
    ids = [row.trial_id for row in connection.execute(query) if plain(row.recipe) == plain(like.recipe)]
    epochs = read_epochs(connection, ids)
    found = sorted(read_results(connection, ids).values(), key=lambda each: each.seed)
    return tuple(Trained(result=each, epochs=epochs[each.trial_id]) for each in found)
