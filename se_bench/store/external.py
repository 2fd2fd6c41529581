"""Bringing in trials that were trained elsewhere: their numbers without epochs, and never over numbers of ours."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, select, update

from se_bench.errors import SeBenchError
from se_bench.records import Conflict, ExternalTrial, Imported, JsonDict, Run, Status, TrialResult
from se_bench.store.bulk import select_in, upsert
from se_bench.store.columns import comparable
from se_bench.store.database import open_engine, translated, writing
from se_bench.store.rows import run_row
from se_bench.store.tables import RunRow, TrialRow

_RESULT = tuple(TrialResult.__dataclass_fields__)
_NUMBERS = ("status", "accuracy", "loss", "train_seconds")


def settle(url: str, results: Sequence[ExternalTrial], run: Run) -> Imported:
    """Give trials that are registered the numbers they were given elsewhere, all of them or none.

    What is settled already stays as it is; other numbers of it are told. ``run`` is kept where a number is new.
    Raises :class:`SeBenchError` for a trial that was never registered, :class:`StoreError` for a database that
    cannot be used.
    """
    engine = open_engine(url)
    try:
        with translated(engine.url), writing(engine) as connection:
            ids = sorted(each.trial.trial_id for each in results)
            columns = select(*TrialRow.__table__.c).order_by(TrialRow.trial_id).with_for_update()
            rows = {row.trial_id: row for row in select_in(connection, columns, TrialRow.trial_id, ids)}
            if missing := [each for each in ids if each not in rows]:
                raise SeBenchError(f"trials that were never registered: {missing[:3]}")
            new = [each for each in results if not rows[each.trial.trial_id].status.settled]
            known = [each for each in results if rows[each.trial.trial_id].status.settled]
            if new:
                upsert(connection, RunRow, [run_row(run)])
            for each in new:
                _keep(connection, each, run)
            differing = [each for each in known if _numbers(each) != _numbers(rows[each.trial.trial_id])]
            return Imported(
                added=len(new),
                equal=len(known) - len(differing),
                conflicts=tuple(_conflict(connection, rows[each.trial.trial_id], each, run) for each in differing),
            )
    finally:
        engine.dispose()


def _keep(connection: Connection, each: ExternalTrial, run: Run) -> None:
    numbers = {name: getattr(each, name) for name in _NUMBERS}
    moment = {"run_id": run.run_id, "ended_at": run.started_at, "updated_at": datetime.now(UTC)}
    reason = {"error": "diverged elsewhere" if each.status is Status.DIVERGED else ""}
    statement = update(TrialRow).where(TrialRow.trial_id == each.trial.trial_id)
    connection.execute(statement.values(**numbers, **moment, **reason))


def _numbers(each: ExternalTrial | Row[*tuple[Any, ...]]) -> tuple[Any, ...]:
    return each.status, *(comparable(getattr(each, name)) for name in _NUMBERS[1:])


def _conflict(connection: Connection, ours: Row[*tuple[Any, ...]], theirs: ExternalTrial, run: Run) -> Conflict:
    environment: JsonDict | None = connection.scalar(select(RunRow.environment).where(RunRow.run_id == ours.run_id))
    return Conflict(
        trial_id=ours.trial_id,
        label=None,
        seed=ours.seed,
        here=TrialResult(**{name: getattr(ours, name) for name in _RESULT}),
        there=TrialResult(
            trial_id=ours.trial_id,
            architecture_id=ours.architecture_id,
            seed=ours.seed,
            status=theirs.status,
            accuracy=theirs.accuracy,
            loss=theirs.loss,
            train_seconds=theirs.train_seconds,
        ),
        environment_here=environment or {},
        environment_there=run.environment,
    )
