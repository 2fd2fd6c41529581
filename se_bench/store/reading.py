"""From SQL to columns: what a :class:`~se_bench.store.frame.Frame` is made of, some ten thousand rows at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import BigInteger, ColumnElement, Connection, Select, String, cast, extract, select, text, type_coerce

from se_bench.config.filters import Kind
from se_bench.store import column
from se_bench.store.column import Column
from se_bench.store.frame import CANDIDATE_COLUMNS, COSTS, MEASURED, STATUSES, TRIAL_COLUMNS, Frame
from se_bench.store.tables import ArchitectureRow, CandidateRow, StudyTrialRow, TrialRow
from se_bench.store.trials import without_cycles

ROWS_AT_ONCE = 50_000
_INSTANTS = ("started_at", "ended_at", "updated_at")
_FRACTIONS = ("accuracy", "validation_accuracy")
_NOT_A_TIME = np.iinfo(np.int64).min

Values = Sequence[Any]


@without_cycles()
def read_frame(connection: Connection, study: str, planned_at: datetime, axes: Sequence[str]) -> Frame:
    """The study as this connection's transaction sees it; ``axes`` are those of its space, in order."""
    candidates, places = _candidates(connection, study, axes)
    place = {each: at for at, each in enumerate(candidates["architecture_id"].plain())}
    query = _trials(connection).join(StudyTrialRow, StudyTrialRow.trial_id == TrialRow.trial_id)
    query = query.add_columns(TrialRow.architecture_id, StudyTrialRow.position).where(StudyTrialRow.study == study)
    parts: list[dict[str, Column]] = []
    of: list[NDArray[np.int32]] = []
    positions: list[NDArray[np.int64]] = []
    for *values, architectures, at in _partitions(connection, query):
        parts.append(_trial_columns(connection, values))
        of.append(np.array([place.get(each, -1) for each in architectures], dtype=np.int32))
        positions.append(np.array(at))
    if not parts:
        parts = [_trial_columns(connection, [()] * len(TRIAL_COLUMNS))]
        of, positions = [np.zeros(0, np.int32)], [np.zeros(0, np.int64)]
    owner, position = np.concatenate(of), np.concatenate(positions)
    order = np.argsort(position, kind="stable")
    order = order[owner[order] >= 0]  # a damaged database may have trials of no candidate; `db check` names them
    trials = {name: column.joined([part[name] for part in parts]).spread(order) for name in TRIAL_COLUMNS}
    return Frame(study, microseconds(planned_at), trials, candidates, owner[order], places)


def read_changes(connection: Connection, since: datetime) -> dict[str, Column] | None:
    """The rows of trials of all studies that moved at ``since`` or later; None where there are none."""
    query = _trials(connection).where(TrialRow.updated_at >= since)
    parts = [_trial_columns(connection, values) for values in _partitions(connection, query)]
    return {name: column.joined([part[name] for part in parts]) for name in TRIAL_COLUMNS} if parts else None


def microseconds(moment: datetime) -> int:
    """Since 1970, exactly."""
    return int(np.datetime64(moment.replace(tzinfo=None), "us").astype(np.int64))


def _trials(connection: Connection) -> Select[Any]:
    """:data:`TRIAL_COLUMNS` as the driver gives them: a function called for each value would be most of the time."""
    chosen: list[ColumnElement[Any]] = []
    for name in TRIAL_COLUMNS:
        own = getattr(TrialRow, name)
        if name in _INSTANTS and connection.dialect.name == "postgresql":
            own = cast(extract("epoch", own) * 1_000_000, BigInteger)
        elif name in _INSTANTS or name == "status":
            own = type_coerce(own, String)
        chosen.append(own.label(name))
    return select(*chosen)


def _partitions(connection: Connection, query: Select[Any]) -> Iterator[list[Values]]:
    """The rows, some ten thousand at a time, as one sequence a column."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL cursor_tuple_fraction = 1"))  # all rows are wanted, not the first few
    with connection.execute(query, execution_options={"yield_per": ROWS_AT_ONCE}) as result:
        for rows in result.partitions():
            yield list(zip(*rows, strict=True))


def _trial_columns(connection: Connection, values: Sequence[Values]) -> dict[str, Column]:
    is_text = connection.dialect.name == "sqlite"
    made = {}
    for name, each in zip(TRIAL_COLUMNS, values, strict=True):
        if name == "trial_id":
            made[name] = column.texts(name, each)
        elif name in ("seed", "epochs"):
            made[name] = column.integers(name, each)
        elif name in MEASURED:
            made[name] = column.numbers(name, each, Kind.FRACTION if name in _FRACTIONS else Kind.NUMBER)
        elif name in _INSTANTS:
            made[name] = column.instants(name, _moments(each, is_text=is_text))
        else:
            order = [status.value for status in STATUSES] if name == "status" else None
            made[name] = column.categories(name, each, order)
    return made


def _moments(values: Values, *, is_text: bool) -> NDArray[np.datetime64]:
    if is_text:
        return np.array(["NaT" if each is None else each for each in values], dtype="datetime64[us]")
    counted = [_NOT_A_TIME if each is None else each for each in values]
    return np.array(counted, dtype=np.int64).view("datetime64[us]")


def _candidates(connection: Connection, study: str, axes: Sequence[str]) -> tuple[dict[str, Column], NDArray[np.int64]]:
    """:data:`CANDIDATE_COLUMNS` and the axes, and each candidate's position in the plan."""
    query = (
        select(
            CandidateRow.label,
            CandidateRow.architecture_id,
            CandidateRow.is_baseline,
            *[getattr(ArchitectureRow, name) for name in COSTS],
            CandidateRow.position,
            CandidateRow.axes,
        )
        .join(ArchitectureRow, ArchitectureRow.architecture_id == CandidateRow.architecture_id)
        .where(CandidateRow.study == study)
        .order_by(CandidateRow.position)
    )
    rows = connection.execute(query).all()
    labels, ids, baselines, *costs, positions, spellings = zip(*rows, strict=True) if rows else [()] * (5 + len(COSTS))
    found = {
        "candidate": column.categories("candidate", labels),
        "architecture_id": column.texts("architecture_id", ids),
        "baseline": column.categories("baseline", baselines),
    }
    found |= {name: column.integers(name, values) for name, values in zip(COSTS, costs, strict=True)}
    met: dict[str, Any] = {}
    for each in spellings:
        met.update(each)
    for axis in dict.fromkeys([*(axis for axis in axes if axis in met), *met]):
        taken = axis in CANDIDATE_COLUMNS or axis in TRIAL_COLUMNS
        name = f"axis.{axis}" if taken else axis
        found[name] = column.categories(name, [each.get(axis) for each in spellings])
    return found, np.array(positions, dtype=np.int64)
