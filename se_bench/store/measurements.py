"""What is measured apart from training, as documents: gates of trained nets, and times of passes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, select, update

from se_bench.errors import SeBenchError
from se_bench.records import GateReading, Intervention, LatencyReading, Status, UnitGates
from se_bench.store.bulk import select_in, upsert
from se_bench.store.tables import GatesRow, LatencyRow, RunRow, TrialRow


def keep_gates(connection: Connection, reading: GateReading, run_id: str) -> None:
    """Put a trial's reading in place of an earlier one; :class:`SeBenchError` where the trial is not completed."""
    status = connection.scalar(select(TrialRow.status).where(TrialRow.trial_id == reading.trial_id))
    if status is not Status.COMPLETED:
        raise SeBenchError(f"the gates of trial {reading.trial_id!r}, which is {status.value if status else 'unknown'}")
    row = {"trial_id": reading.trial_id, "run_id": run_id, "reading": asdict(reading)}
    upsert(connection, GatesRow, [row], update=("run_id", "reading"))
    moved = update(TrialRow).where(TrialRow.trial_id == reading.trial_id)
    connection.execute(moved.values(updated_at=datetime.now(UTC)))  # so that pages see that there is something new


def gates_of(connection: Connection, trial_ids: Iterable[str]) -> tuple[GateReading, ...]:
    """The readings of those trials that have one, in their order."""
    if connection.execute(select(GatesRow.trial_id).limit(1)).first() is None:
        return ()
    ids = list(trial_ids)
    query = select(GatesRow.trial_id, GatesRow.reading)
    found = {row.trial_id: _reading(row.reading) for row in select_in(connection, query, GatesRow.trial_id, ids)}
    return tuple(found[trial_id] for trial_id in dict.fromkeys(ids) if trial_id in found)


def keep_latency(connection: Connection, reading: LatencyReading, run_id: str) -> None:
    """Put a run's reading in place of an earlier one of the same run."""
    upsert(connection, LatencyRow, [{"run_id": run_id, "reading": asdict(reading)}], update=("reading",))


def latency_of(connection: Connection, architecture_ids: Sequence[str]) -> LatencyReading | None:
    """Of the readings that timed most of the architectures the latest; None where none timed any of them."""
    query = select(LatencyRow.reading).join(RunRow, RunRow.run_id == LatencyRow.run_id)
    best, most = None, 0
    for row in connection.execute(query.order_by(RunRow.started_at, RunRow.run_id)):
        timed = len(set(architecture_ids) & set(row.reading["forward_ms"]))
        if timed and timed >= most:
            best, most = row.reading, timed
    return None if best is None else _latency(best)


def _reading(data: Mapping[str, Any]) -> GateReading:
    """The inverse of ``asdict``: JSON has lists for tuples."""
    units = tuple(
        UnitGates(**{**unit, "means": _rows(unit["means"]), "deviations": _rows(unit["deviations"])})
        for unit in data["units"]
    )
    interventions = tuple(Intervention(**each) for each in data["interventions"])
    tuples = {"classes": tuple(data["classes"]), "images": tuple(data["images"])}
    return GateReading(**{**data, **tuples, "units": units, "interventions": interventions})


def _rows(values: Iterable[Iterable[float]]) -> tuple[tuple[float, ...], ...]:
    return tuple(tuple(row) for row in values)


def _latency(data: Mapping[str, Any]) -> LatencyReading:
    times = {
        name: {architecture: tuple(values) for architecture, values in data[name].items()}
        for name in ("forward_ms", "train_step_ms")
    }
    return LatencyReading(**{**data, **times})
