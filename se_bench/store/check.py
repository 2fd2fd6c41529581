"""Looking for what cannot be: a database's rows held against each other and against the hashes they are called by.

Only reads, all of one moment, in a few queries however many trials there are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, Select, Table, and_, func, select

from se_bench.records import EXTERNAL, Checked, JsonDict, Status
from se_bench.store.columns import comparable
from se_bench.store.database import open_engine, reading, translated
from se_bench.store.tables import ArchitectureRow, Base, EpochRow, TrialRow

_BATCH = 2_000
_IDENTITY = ("dataset_fingerprint", "recipe", "seed", "numerics_version")
_STATE = ("trial_id", "architecture_id", "status", "run_id", "epochs", "accuracy", "loss", "started_at")

AnyRow = Row[*tuple[Any, ...]]


def check(url: str, *, architecture_id: Callable[[JsonDict], str], trial_id: Callable[..., str]) -> Checked:
    """Every inconsistency of the database at ``url``.

    ``architecture_id`` hashes what is built, and ``trial_id`` what determines a trial's numbers (named
    ``architecture``, ``dataset_fingerprint``, ``recipe``, ``seed`` and ``numerics_version``), as planning does.
    Raises :class:`StoreError` where the database cannot be opened or is too damaged to be read.
    """
    yesterday = datetime.now(UTC) - timedelta(days=1)
    engine = open_engine(url, only_read=True)
    try:
        with translated(engine.url), reading(engine) as connection:
            is_sqlite = engine.dialect.name == "sqlite"
            if is_sqlite and (damages := list(_damages(connection))):
                return Checked(trials=0, faults=tuple(damages), notes=())  # its rows say nothing
            faults = list(_dangling(connection, is_sqlite=is_sqlite))
            notes: list[str] = []
            specs: dict[str, JsonDict] = {}
            for row in _streamed(connection, select(ArchitectureRow.architecture_id, ArchitectureRow.spec)):
                specs[row.architecture_id] = row.spec
                if (found := architecture_id(row.spec)) != row.architecture_id:
                    faults.append(f"architecture {row.architecture_id}: its content has the id {found}")
            trials = 0
            for row in _trials(connection):
                trials += 1
                faults += [f"trial {row.trial_id}: {each}" for each in _faults(row)]
                if row.architecture_id in specs:
                    identity = {name: getattr(row, name) for name in _IDENTITY}
                    if (found := trial_id(architecture=specs[row.architecture_id], **identity)) != row.trial_id:
                        faults.append(f"trial {row.trial_id}: its content has the id {found}")
                if row.status is Status.RUNNING and row.started_at is not None and row.started_at < yesterday:
                    notes.append(f"trial {row.trial_id}: running since {row.started_at:%Y-%m-%d %H:%M} UTC, or killed")
            return Checked(trials=trials, faults=tuple(faults), notes=tuple(notes))
    finally:
        engine.dispose()


def _faults(row: AnyRow) -> Iterator[str]:
    """What is wrong with a trial, by its own row and its epochs' count, first, last and last measurement."""
    if row.status is not Status.PLANNED and row.run_id is None:
        yield f"it is {row.status.value} and no run trained it"
    if row.rows and (row.first, row.last) != (1, row.rows):
        yield f"its epochs are not 1 to {row.last}: there are {row.rows}, from {row.first} to {row.last}"
    if row.epochs != (row.rows or 0):
        yield f"it counts {row.epochs} epochs and has {row.rows or 0}"
    if row.status is not Status.COMPLETED:
        if row.accuracy is not None or row.loss is not None:
            yield f"it is {row.status.value} and has an accuracy or loss"
        return
    if not row.rows:
        if row.numerics_version != EXTERNAL:  # of a trial that was trained elsewhere nobody has the epochs
            yield "it is completed without an epoch"
        return
    asked = row.recipe.get("epochs")
    if asked is not None and row.rows < asked:
        yield f"it is completed with {row.rows} of the {asked} epochs of its recipe"
    for name, own, measured in (
        ("accuracy", row.accuracy, row.last_accuracy),
        ("loss", row.loss, row.last_loss),
    ):
        if comparable(own) != comparable(measured):
            yield f"its {name} is {own} and that of its last epoch, {row.last}, is {measured}"


def _trials(connection: Connection) -> Iterator[AnyRow]:
    """Every trial with what its epochs say."""
    spans = (
        select(
            EpochRow.trial_id,
            func.count().label("rows"),
            func.min(EpochRow.epoch).label("first"),
            func.max(EpochRow.epoch).label("last"),
        )
        .group_by(EpochRow.trial_id)
        .subquery()
    )
    query = (
        select(
            *[getattr(TrialRow, name) for name in (*_STATE, *_IDENTITY)],
            spans.c.rows,
            spans.c.first,
            spans.c.last,
            EpochRow.test_accuracy.label("last_accuracy"),
            EpochRow.test_loss.label("last_loss"),
        )
        .outerjoin(spans, spans.c.trial_id == TrialRow.trial_id)
        .outerjoin(EpochRow, and_(EpochRow.trial_id == TrialRow.trial_id, EpochRow.epoch == spans.c.last))
        .order_by(TrialRow.trial_id)
    )
    return _streamed(connection, query)


def _damages(connection: Connection) -> Iterator[str]:
    """What SQLite finds wrong with its file."""
    for (said,) in connection.exec_driver_sql("PRAGMA integrity_check"):
        if said != "ok":
            yield f"the file is damaged: {said}"


def _dangling(connection: Connection, *, is_sqlite: bool) -> Iterator[str]:
    """References to rows that are not there, which a tool that does not enforce them may have left."""
    for table in Base.metadata.sorted_tables:
        broken: set[str] | None = None  # which tables are referred to in vain; None: not known
        if is_sqlite:
            broken = {row[2] for row in connection.exec_driver_sql(f"PRAGMA foreign_key_check({table.name})")}
        for key in sorted(table.foreign_keys, key=lambda each: each.parent.name):
            parent = key.column.table
            assert isinstance(parent, Table)
            if broken is not None and parent.name not in broken:
                continue
            own = [table.c.trial_id] if table.name == TrialRow.__tablename__ else []
            there = select(key.column).where(key.column == key.parent).correlate(table).exists()
            query = select(*own, key.parent).where(key.parent.is_not(None), ~there).distinct()
            for row in connection.execute(query.order_by(*own, key.parent)):
                what = f"trial {row[0]}" if own else f"rows of {table.name}"
                yield f"{what}: {key.parent.name} {row[-1]} is not in {parent.name}"


def _streamed(connection: Connection, query: Select[*tuple[Any, ...]]) -> Iterator[AnyRow]:
    """The rows, some at a time: a million need not be in memory together."""
    yield from connection.execution_options(yield_per=_BATCH).execute(query)
