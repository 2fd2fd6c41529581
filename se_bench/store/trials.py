"""Trials out of the database as records, however many: a million epochs are as many objects and little besides."""

from __future__ import annotations

import gc
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from statistics import median
from typing import Any

from sqlalchemy import ColumnElement, Connection, Text, cast, select
from sqlalchemy.orm import InstrumentedAttribute

from se_bench.records import Candidate, Epoch, JsonDict, Run, Status, Trial, TrialResult
from se_bench.store.bulk import select_in
from se_bench.store.columns import plain
from se_bench.store.tables import EpochRow, RunRow, StudyTrialRow, TrialRow

_EPOCH = tuple(Epoch.__dataclass_fields__)
_RESULT = tuple(TrialResult.__dataclass_fields__)


@contextmanager
def without_cycles() -> Iterator[None]:
    """No search for reference cycles while millions of values are made that hold none: it is a third of the time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


@without_cycles()
def read_results(connection: Connection, trial_ids: Iterable[str]) -> dict[str, TrialResult]:
    """What became of each of the trials that were ever registered."""
    query = select(*[getattr(TrialRow, name) for name in _RESULT])
    rows = select_in(connection, query, TrialRow.trial_id, trial_ids)
    return {row[0]: TrialResult(**dict(zip(_RESULT, row, strict=True))) for row in rows}


@without_cycles()
def read_epochs(connection: Connection, trial_ids: Iterable[str]) -> dict[str, tuple[Epoch, ...]]:
    """The epochs of each trial, in order; none for a trial that has none."""
    query = select(*[getattr(EpochRow, name) for name in _EPOCH]).order_by(EpochRow.trial_id, EpochRow.epoch)
    found: dict[str, list[Epoch]] = {trial_id: [] for trial_id in trial_ids}
    for row in select_in(connection, query, EpochRow.trial_id, found):
        found[row[0]].append(Epoch(**dict(zip(_EPOCH, row, strict=True))))
    return {trial_id: tuple(epochs) for trial_id, epochs in found.items()}


def runs_of(connection: Connection, results: Iterable[TrialResult]) -> tuple[Run, ...]:
    """The runs that trained these trials, the earliest first."""
    return read_runs(connection, {result.run_id for result in results if result.run_id is not None})


def read_runs(connection: Connection, run_ids: Iterable[str]) -> tuple[Run, ...]:
    """These runs, the earliest first."""
    rows = select_in(connection, select(*RunRow.__table__.c), RunRow.run_id, run_ids)
    runs = (Run(**row._mapping) for row in rows)
    return tuple(sorted(runs, key=lambda run: (run.started_at, run.run_id)))


@without_cycles()
def read_plan(connection: Connection, study: str, candidates: Sequence[Candidate]) -> tuple[Trial, ...]:
    """The trials of a study's plan, in its order; those of one architecture or recipe share it."""
    query = (
        select(
            TrialRow.trial_id,
            TrialRow.architecture_id,
            _written(TrialRow.dataset),
            TrialRow.dataset_fingerprint,
            _written(TrialRow.recipe),
            TrialRow.seed,
            TrialRow.numerics_version,
        )
        .join(StudyTrialRow, StudyTrialRow.trial_id == TrialRow.trial_id)
        .where(StudyTrialRow.study == study)
        .order_by(StudyTrialRow.position)
    )
    architectures = {each.architecture_id: each.architecture for each in candidates}
    documents = _Documents()
    return tuple(
        Trial(
            trial_id=trial_id,
            architecture_id=architecture_id,
            architecture=architectures[architecture_id],
            dataset=documents[dataset],
            dataset_fingerprint=fingerprint,
            recipe=documents[recipe],
            seed=seed,
            numerics_version=numerics,
        )
        for trial_id, architecture_id, dataset, fingerprint, recipe, seed, numerics in connection.execute(query)
    )


def read_durations(connection: Connection, trials: Sequence[Trial]) -> dict[str, float]:
    """See :meth:`Store.durations`."""
    query = select(
        TrialRow.architecture_id, TrialRow.dataset_fingerprint, _written(TrialRow.recipe), TrialRow.train_seconds
    ).where(TrialRow.status == Status.COMPLETED)
    documents, words = _Documents(), _Words()
    seconds: defaultdict[tuple[str, str, str], list[float]] = defaultdict(list)
    architectures = (trial.architecture_id for trial in trials)
    for architecture_id, fingerprint, recipe, spent in select_in(
        connection, query, TrialRow.architecture_id, architectures
    ):
        seconds[architecture_id, fingerprint, words.of(documents[recipe])].append(spent)
    medians = {kind: median(values) for kind, values in seconds.items()}
    kinds = {
        trial.trial_id: (trial.architecture_id, trial.dataset_fingerprint, words.of(trial.recipe)) for trial in trials
    }
    return {trial_id: medians[kind] for trial_id, kind in kinds.items() if kind in medians}


def _written(column: InstrumentedAttribute[JsonDict]) -> ColumnElement[str]:
    """A document as the database holds it: a study's trials have few different ones."""
    return cast(column, Text)


class _Documents(dict[str, Any]):
    """A document's text -> what it says, read once."""

    def __missing__(self, text: str) -> Any:
        self[text] = json.loads(text)
        return self[text]


class _Words:
    """Documents in canonical words, each object looked at once while it is held."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[JsonDict, str]] = {}

    def of(self, document: JsonDict) -> str:
        """Equal for equal documents."""
        known = self._known.get(id(document))
        if known is None:
            known = self._known[id(document)] = (document, json.dumps(plain(document), sort_keys=True))
        return known[1]
