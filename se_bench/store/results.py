"""Whole results of trials that nobody here has started: the quick way in for what this driver did not train."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import Connection, Table, bindparam, select, update

from se_bench.errors import SeBenchError
from se_bench.records import Epoch, Status, TrialResult
from se_bench.store.bulk import select_in, upsert
from se_bench.store.tables import EpochRow, TrialRow
from se_bench.store.transitions import storable

_IDENTITY = ("trial_id", "architecture_id", "seed", "error")
_OUTCOME = tuple(name for name in TrialResult.__dataclass_fields__ if name not in _IDENTITY)
_EPOCH = tuple(Epoch.__dataclass_fields__)


def write_results(connection: Connection, results: Sequence[TrialResult], epochs: Sequence[Epoch]) -> int:
    """Give those of the trials that are still planned these results with their epochs: how many they were."""
    planned = _planned(connection, [result.trial_id for result in results])
    now = datetime.now(UTC)
    outcomes = [
        {name: getattr(result, name) for name in _OUTCOME}
        | {"of_trial": result.trial_id, "error": storable(result.error), "updated_at": now}
        for result in results
        if result.trial_id in planned
    ]
    if outcomes:
        table = TrialRow.__table__
        assert isinstance(table, Table)
        outcomes.sort(key=lambda row: row["of_trial"])  # in one order, so that two writers never deadlock
        connection.execute(update(table).where(table.c.trial_id == bindparam("of_trial")), outcomes)
    rows = [{name: getattr(epoch, name) for name in _EPOCH} for epoch in epochs if epoch.trial_id in planned]
    upsert(connection, EpochRow, rows)
    return len(outcomes)


def _planned(connection: Connection, trial_ids: Sequence[str]) -> set[str]:
    """Those of the trials that nobody has started. Raises :class:`SeBenchError` for one never registered."""
    columns = select(TrialRow.trial_id, TrialRow.status).order_by(TrialRow.trial_id).with_for_update()
    found = {row.trial_id: row.status for row in select_in(connection, columns, TrialRow.trial_id, sorted(trial_ids))}
    if missing := [each for each in trial_ids if each not in found]:
        raise SeBenchError(f"trial {missing[0]!r} was never registered; its result is lost")
    return {trial_id for trial_id, status in found.items() if status is Status.PLANNED}
