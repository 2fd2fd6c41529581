"""Trials in full: one with its relatives, or some with everything that analysis needs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, select

from se_bench.errors import UnknownNameError
from se_bench.records import Candidate, Epoch, Run, StudyRecords, Trial, TrialResult, is_baseline_of
from se_bench.store.bulk import select_in
from se_bench.store.column import Places
from se_bench.store.columns import plain
from se_bench.store.frame import Frame
from se_bench.store.rows import candidate_of, trial_of
from se_bench.store.tables import ArchitectureRow, CandidateRow, EpochRow, RunRow, StudyRow, StudyTrialRow, TrialRow

_EPOCH = tuple(Epoch.__dataclass_fields__)
_RESULT = tuple(TrialResult.__dataclass_fields__)
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
    run = connection.execute(select(*RunRow.__table__.c).where(RunRow.run_id == row.run_id)).one_or_none()
    return TrialDetails(
        trial=trial_of(row),
        result=own.result,
        epochs=own.epochs,
        run=Run(**run._mapping) if run else None,
        owners=tuple(_owner(connection, study, question, row) for study, question in _studies_of(connection, trial_id)),
        seeds=seeds,
    )


def curves(connection: Connection, trial_ids: Iterable[str]) -> dict[str, tuple[Epoch, ...]]:
    """See :meth:`Frames.curves`."""
    query = select(*[getattr(EpochRow, name) for name in _EPOCH]).order_by(EpochRow.trial_id, EpochRow.epoch)
    found: defaultdict[str, list[Epoch]] = defaultdict(list)
    ids = list(trial_ids)
    for row in select_in(connection, query, EpochRow.trial_id, ids):
        found[row.trial_id].append(Epoch(**row._mapping))
    return {each: tuple(found[each]) for each in ids}


def records(connection: Connection, frame: Frame, places: Places) -> StudyRecords:
    """See :meth:`Frames.records`."""
    ids = frame.trials["trial_id"].plain(places)
    results = {each.trial_id: each for each in _results(connection, ids)}
    epochs = curves(connection, ids)
    architectures = frame.candidates["architecture_id"].plain(frame.of[places])
    trained_by = {each.run_id for each in results.values() if each.run_id is not None}
    rows = select_in(connection, select(*RunRow.__table__.c), RunRow.run_id, trained_by)
    runs = sorted((Run(**row._mapping) for row in rows), key=lambda run: (run.started_at, run.run_id))
    return StudyRecords(
        candidates=tuple(_candidates(connection, frame.study, architectures)),
        trials=tuple(results[each] for each in ids),
        epochs=tuple(epoch for each in ids for epoch in epochs[each]),
        runs=tuple(runs),
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
    epochs = curves(connection, ids)
    found = sorted(_results(connection, ids), key=lambda each: each.seed)
    return tuple(Trained(result=each, epochs=epochs[each.trial_id]) for each in found)


def _results(connection: Connection, ids: Iterable[str]) -> list[TrialResult]:
    query = select(*[getattr(TrialRow, name) for name in _RESULT])
    return [TrialResult(**row._mapping) for row in select_in(connection, query, TrialRow.trial_id, ids)]
