"""What each record changes, inside the transaction that has already found that it counts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, select, update

from se_bench.errors import SeBenchError
from se_bench.records import Ended, Epoch, Started, Status
from se_bench.store.bulk import upsert
from se_bench.store.tables import EpochRow, RunRow, TrialRow

_EPOCH = tuple(Epoch.__dataclass_fields__)


def start(connection: Connection, record: Started) -> None:
    """A new attempt: of what earlier ones left, the epochs that its checkpoint holds count."""
    if connection.scalar(select(RunRow.run_id).where(RunRow.run_id == record.run_id)) is None:
        raise SeBenchError(f"run {record.run_id!r} never began; trial {record.trial_id!r} cannot start in it")
    connection.execute(delete(EpochRow).where(EpochRow.trial_id == record.trial_id))
    _change(
        connection,
        record.trial_id,
        status=Status.RUNNING,
        run_id=record.run_id,
        started_at=record.at,
        ended_at=None,
        error="",
        epochs=0,
        accuracy=None,
        loss=None,
        validation_accuracy=None,
        train_seconds=None,
    )
    add_epochs(connection, record.epochs)


def add_epochs(connection: Connection, records: Sequence[Epoch]) -> None:
    """More epochs, or the same ones again; the trials' counts and seconds follow from the rows."""
    if not records:
        return
    latest = {(record.trial_id, record.epoch): record for record in records}
    rows = [{name: getattr(record, name) for name in _EPOCH} for record in latest.values()]
    upsert(connection, EpochRow, rows, update=_EPOCH[2:])
    of_trial = EpochRow.trial_id == bindparam("of_trial", type_=TrialRow.trial_id.type)
    count = select(func.count()).select_from(EpochRow).where(of_trial)
    seconds = select(func.sum(EpochRow.train_seconds + EpochRow.test_seconds)).where(of_trial)
    last = select(EpochRow.validation_accuracy).where(of_trial).order_by(EpochRow.epoch.desc()).limit(1)
    statement = (
        update(TrialRow.__table__)  # type: ignore[arg-type]
        .where(TrialRow.trial_id == bindparam("of_trial"))
        .values(
            epochs=count.scalar_subquery(),
            train_seconds=seconds.scalar_subquery(),
            validation_accuracy=last.scalar_subquery(),
            updated_at=datetime.now(UTC),
        )
    )
    connection.execute(statement, [{"of_trial": each} for each in sorted({trial_id for trial_id, _ in latest})])


def end(connection: Connection, record: Ended) -> None:
    """The attempt is over, and its lease with it; a completed one is worth what its last epoch measured."""
    if not record.status.ends:
        raise SeBenchError(f"trial {record.trial_id!r} cannot end as {record.status.value!r}")
    accuracy, loss = None, None
    if record.status is Status.COMPLETED:
        columns = select(EpochRow.test_accuracy, EpochRow.test_loss)
        of_trial = columns.where(EpochRow.trial_id == record.trial_id)
        last = connection.execute(of_trial.order_by(EpochRow.epoch.desc()).limit(1)).one_or_none()
        if last is None:
            raise SeBenchError(f"trial {record.trial_id!r} cannot be completed without an epoch")
        accuracy, loss = last
    _change(
        connection,
        record.trial_id,
        status=record.status,
        ended_at=record.at,
        error=storable(record.error),
        accuracy=accuracy,
        loss=loss,
        lease_holder=None,
        lease_until=None,
    )


def _change(connection: Connection, trial_id: str, **values: Any) -> None:
    statement = update(TrialRow).where(TrialRow.trial_id == trial_id)
    connection.execute(statement.values(updated_at=datetime.now(UTC), **values))


def storable(text: str) -> str:
    """``text`` without what a database refuses: an error message may quote any bytes."""
    return text.encode("utf-8", "replace").decode("utf-8").replace("\0", "\N{REPLACEMENT CHARACTER}")
