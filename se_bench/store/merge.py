"""Bringing another database's results in: the same identity is one trial, and no number is ever overwritten.

What is settled there and not here is taken over whole. What both have settled must be equal to the last bit, for
the same trial gives the same numbers; where it is not, the trial stays as it is here and the difference is told.
A failure belongs to the machine that it happened on, so a failed trial comes as one to be trained, like a running
one; one that a scheduler stopped comes with its epochs where nobody here has begun it. Of a study that both have,
the plan that was made later counts, as it does within one database.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import (
    URL,
    Connection,
    Engine,
    ExceptionContext,
    Row,
    Table,
    bindparam,
    delete,
    event,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError

from se_bench.errors import NoResultsError, StoreError
from se_bench.records import Conflict, Epoch, Merged, Status, TrialResult
from se_bench.store.bulk import select_in, upsert
from se_bench.store.columns import comparable, plain
from se_bench.store.database import open_engine, parse_url, reading, shown, translated, writing
from se_bench.store.tables import (
    ArchitectureRow,
    Base,
    CandidateRow,
    EpochRow,
    GatesRow,
    LatencyRow,
    RunRow,
    StudyRow,
    StudyTrialRow,
    TrialRow,
)

_CHUNK = 900
"""Trials looked at together; with all their epochs they fit into memory."""
_RESULT = tuple(TrialResult.__dataclass_fields__)
_OUTCOME = (
    "status", "error", "epochs", "accuracy", "loss", "validation_accuracy", "train_seconds", "run_id", "started_at",
    "ended_at", "updated_at",
)  # fmt: skip
_UNSTARTED: dict[str, Any] = {
    **dict.fromkeys(_OUTCOME), "status": Status.PLANNED, "error": "", "epochs": 0,
    "lease_token": 0, "lease_holder": None, "lease_until": None,
}  # fmt: skip
_NUMBERS = (
    "epoch", "train_loss", "train_accuracy", "test_loss", "test_accuracy", "validation_loss", "validation_accuracy"
)  # fmt: skip
_NOTHING = Merged(
    conflicts=(), settled=0, epochs=0, planned=0, equal=0, architectures=0, runs=0, studies=(), replanned=()
)

AnyRow = Row[*tuple[Any, ...]]


def merge(other: str, url: str) -> Merged:
    """Bring what the database at ``other`` holds into the one at ``url``, which is made where there is none.

    ``other`` is only read, as of one moment; what comes in is one transaction. Raises :class:`StoreError` where
    either cannot be used, both are the same, or the other contradicts itself; then nothing has come in.
    """
    _refuse_same(parse_url(other), parse_url(url))
    try:
        source = open_engine(other, only_read=True)
    except NoResultsError as problem:
        raise replace(problem, hint="name the database whose results come in: se-bench db merge OTHER") from None
    try:
        target = open_engine(url, create=True)
        try:
            return _bring(source, target)
        except IntegrityError as error:  # rows that contradict each other, which `check` would have named
            said = " ".join(str(error.orig).split())
            hint = f"se-bench db check --db {shown(source.url)}"
            raise StoreError(f"what it holds cannot be kept: {said}", file=shown(source.url), hint=hint) from error
        finally:
            target.dispose()
    finally:
        source.dispose()


def _bring(source: Engine, target: Engine) -> Merged:
    event.listen(source, "handle_error", _blame_source)
    with translated(target.url), reading(source) as there, writing(target) as here:
        found = _NOTHING
        new, later = _studies(there, here)
        found = replace(found, studies=tuple(new), replanned=tuple(later))
        found = replace(found, architectures=_rows(there, here, ArchitectureRow), runs=_rows(there, here, RunRow))
        for ids in _chunks(there, TrialRow):
            found = _trials(there, here, ids, found)
        for measured in (GatesRow, LatencyRow):
            _rows(there, here, measured)
        for study in (*new, *later):
            _plan(there, here, study)
        return replace(found, conflicts=tuple(_labelled(there, here, found.conflicts)))


def _blame_source(context: ExceptionContext) -> None:
    """Make what goes wrong with the other database its own message, before the target's is made of it."""
    if context.engine is not None and context.sqlalchemy_exception is not None:
        with translated(context.engine.url):
            raise context.sqlalchemy_exception


def _studies(there: Connection, here: Connection) -> tuple[list[str], list[str]]:
    """Studies that are new here, and those whose plan there is the later; their rows are written."""
    columns = select(*StudyRow.__table__.c).order_by(StudyRow.name)
    ours = {row.name: row for row in here.execute(columns)}
    new, later = [], []
    rows = []
    for row in there.execute(columns):
        if row.name not in ours:
            new.append(row.name)
        elif row.updated_at >= ours[row.name].updated_at and _order(row, there) > _order(ours[row.name], here):
            later.append(row.name)
        else:
            continue
        rows.append(row._asdict())
    upsert(here, StudyRow, rows, update=("question", "definition", "updated_at"))
    return new, later


def _order(study: AnyRow, connection: Connection) -> tuple[Any, ...]:
    """By time; of plans made in the same microsecond any order will do, if both databases take the same."""
    columns = (CandidateRow.architecture_id, CandidateRow.position, CandidateRow.label, CandidateRow.is_baseline)
    candidates = select(*columns, CandidateRow.axes).where(CandidateRow.study == study.name)
    trials = select(StudyTrialRow.trial_id, StudyTrialRow.position).where(StudyTrialRow.study == study.name)
    words = [study.question, study.definition]
    words += [list(row) for row in connection.execute(candidates.order_by(CandidateRow.position))]
    words += [list(row) for row in connection.execute(trials.order_by(StudyTrialRow.position))]
    return study.updated_at, json.dumps(plain(words), sort_keys=True)


def _rows(there: Connection, here: Connection, model: type[Base]) -> int:
    """Bring in the rows of ``model`` that nobody here knew: their number."""
    table = model.__table__
    (key,) = table.primary_key
    before = here.scalar(select(func.count()).select_from(table))
    for ids in _chunks(there, model):
        known = {row[0] for row in select_in(here, select(key), key, ids)}
        missing = [each for each in ids if each not in known]
        upsert(here, model, [row._asdict() for row in select_in(there, select(*table.c), key, missing)])
    after = here.scalar(select(func.count()).select_from(table))
    return int(after or 0) - int(before or 0)


def _trials(there: Connection, here: Connection, ids: Sequence[str], found: Merged) -> Merged:
    """Bring in the trials ``ids`` of the other database, each registered, taken over, left or reported."""
    columns = select(*TrialRow.__table__.c)
    theirs = {row.trial_id: row for row in select_in(there, columns, TrialRow.trial_id, ids)}
    known = {row[0] for row in select_in(here, select(TrialRow.trial_id), TrialRow.trial_id, ids)}
    rows = [{**row._asdict(), **_UNSTARTED, "updated_at": row.updated_at} for row in theirs.values()]
    upsert(here, TrialRow, [row for row in rows if row["trial_id"] not in known])
    # Registered first, so that all rows are there to be locked, in one order for every writer.
    ordered = columns.order_by(TrialRow.trial_id).with_for_update()
    ours = {row.trial_id: row for row in select_in(here, ordered, TrialRow.trial_id, ids)}
    settled = [row for row in theirs.values() if row.status.settled]
    taken = [row for row in settled if not ours[row.trial_id].status.settled]
    stopped = (row for row in theirs.values() if row.status is Status.STOPPED)
    epochs = _take_over(there, here, [row for row in stopped if ours[row.trial_id].status is Status.PLANNED], known)
    in_both = [row for row in settled if ours[row.trial_id].status.settled]
    epochs += _take_over(there, here, taken, known)
    differing = _differing(there, here, in_both, ours)
    conflicts = [_conflict(there, here, ours[row.trial_id], row) for row in differing]
    unknown = sum(row["trial_id"] not in known and not theirs[row["trial_id"]].status.settled for row in rows)
    return replace(
        found,
        settled=found.settled + len(taken),
        epochs=found.epochs + epochs,
        planned=found.planned + unknown,
        equal=found.equal + len(in_both) - len(differing),
        conflicts=(*found.conflicts, *conflicts),
    )


def _take_over(there: Connection, here: Connection, taken: Sequence[AnyRow], known: Collection[str]) -> int:
    """Make the trials' outcome here what it is there: the number of epochs that came with them.

    Those that were ``known`` here have moved now: whoever watches this database's studies must see it.
    """
    ids = [row.trial_id for row in taken]
    for start in range(0, len(ids), _CHUNK):
        here.execute(delete(EpochRow).where(EpochRow.trial_id.in_(ids[start : start + _CHUNK])))
    rows = [row._asdict() for row in _epochs(there, ids)]
    upsert(here, EpochRow, rows)
    if taken:
        table = TrialRow.__table__
        assert isinstance(table, Table)
        statement = update(table).where(table.c.trial_id == bindparam("of_trial"))
        now = datetime.now(UTC)
        outcomes = [
            {name: getattr(row, name) for name in _OUTCOME}
            | {"of_trial": row.trial_id, "updated_at": now if row.trial_id in known else row.updated_at}
            for row in taken
        ]
        here.execute(statement, outcomes)
    return len(rows)


def _differing(
    there: Connection, here: Connection, theirs: Sequence[AnyRow], ours: Mapping[str, AnyRow]
) -> list[AnyRow]:
    """Those of the trials settled in both whose numbers are not equal to the last bit."""
    ids = [row.trial_id for row in theirs]
    curves = [_curves(connection, ids) for connection in (there, here)]
    return [
        row
        for row in theirs
        if _outcome(row) != _outcome(ours[row.trial_id]) or curves[0][row.trial_id] != curves[1][row.trial_id]
    ]


def _outcome(row: AnyRow) -> tuple[Any, ...]:
    return row.status, comparable(row.accuracy), comparable(row.loss)


def _curves(connection: Connection, ids: Sequence[str]) -> dict[str, list[tuple[Any, ...]]]:
    """The numbers of each trial's epochs."""
    curves: defaultdict[str, list[tuple[Any, ...]]] = defaultdict(list)
    for row in _epochs(connection, ids):
        curves[row.trial_id].append(tuple(comparable(getattr(row, name)) for name in _NUMBERS))
    return curves


def _epochs(connection: Connection, ids: Iterable[str]) -> Iterator[AnyRow]:
    columns = select(*[getattr(EpochRow, name) for name in Epoch.__dataclass_fields__])
    return select_in(connection, columns.order_by(EpochRow.trial_id, EpochRow.epoch), EpochRow.trial_id, ids)


def _conflict(there: Connection, here: Connection, ours: AnyRow, theirs: AnyRow) -> Conflict:
    results = [TrialResult(**{name: getattr(row, name) for name in _RESULT}) for row in (ours, theirs)]
    query = select(RunRow.environment)
    environments = [
        connection.scalar(query.where(RunRow.run_id == row.run_id)) or {}
        for connection, row in ((here, ours), (there, theirs))
    ]
    return Conflict(
        trial_id=ours.trial_id,
        label=None,
        seed=ours.seed,
        here=results[0],
        there=results[1],
        environment_here=environments[0],
        environment_there=environments[1],
    )


def _labelled(there: Connection, here: Connection, conflicts: Sequence[Conflict]) -> Iterator[Conflict]:
    """The conflicts with a label from a study that plans the trial, here rather than there."""
    labels: dict[str, str] = {}
    query = (
        select(StudyTrialRow.trial_id, CandidateRow.label)
        .join(TrialRow, TrialRow.trial_id == StudyTrialRow.trial_id)
        .join(
            CandidateRow,
            (CandidateRow.study == StudyTrialRow.study) & (CandidateRow.architecture_id == TrialRow.architecture_id),
        )
        .order_by(StudyTrialRow.study)
    )
    for connection in (here, there):
        for row in select_in(connection, query, StudyTrialRow.trial_id, (each.trial_id for each in conflicts)):
            labels.setdefault(row.trial_id, row.label)
    return (replace(each, label=labels.get(each.trial_id)) for each in conflicts)


def _plan(there: Connection, here: Connection, study: str) -> None:
    """Make the study's plan here the one there; its candidates and trials are registered already."""
    for model in (CandidateRow, StudyTrialRow):
        here.execute(delete(model).where(model.study == study))
        rows = [row._asdict() for row in there.execute(select(*model.__table__.c).where(model.study == study))]
        if rows:
            here.execute(insert(model), rows)


def _chunks(connection: Connection, model: type[Base]) -> Iterator[list[str]]:
    """All keys of a table, some hundreds at a time, in order."""
    (key,) = model.__table__.primary_key
    last = None
    while True:
        query = select(key).order_by(key).limit(_CHUNK)
        ids = list(connection.scalars(query if last is None else query.where(key > last)))
        if not ids:
            return
        yield ids
        last = ids[-1]


def _refuse_same(other: URL, own: URL) -> None:
    def place(address: URL) -> tuple[Any, ...]:
        if address.get_backend_name() == "sqlite":
            return ("sqlite", Path(str(address.database)).resolve())
        return (address.host, address.port or 5432, address.database)

    if place(other) == place(own):
        raise StoreError("a database cannot be merged into itself", file=shown(own), hint="name the target with --db")
