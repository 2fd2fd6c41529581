"""Records for the tests of the store, and a database's tables read without it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from se_bench.records import (
    Candidate,
    Cost,
    Ended,
    Epoch,
    GateReading,
    Intervention,
    LatencyReading,
    Run,
    Started,
    Status,
    Trial,
    UnitGates,
)
from se_bench.store.repository import Store

NOON = datetime(2025, 3, 1, 12, 0, 0, 123456, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def candidate(number: int = 0, **changes: Any) -> Candidate:
    values: dict[str, Any] = {
        "architecture_id": f"arch-{number:05}",
        "label": f"reduction={number}" if number else "baseline",
        "axes": {"reduction": number, "gate": "sigmoid", "places": [1, 2], "é": None},
        "architecture": {"widths": [16, 32], "block": {"reduction": number}},
        "is_baseline": number == 0,
        "cost": Cost(
            params=10 + number,
            block_params=number,
            buffers=7,
            macs=4 * 10**12,
            elementwise=2**40,
            activations=12,
            memory_bytes=96,
        ),
    }
    return Candidate(**{**values, **changes})


def trial(number: int = 0, seed: int = 0, **changes: Any) -> Trial:
    values: dict[str, Any] = {
        "trial_id": f"trial-{number:05}-{seed}",
        "architecture_id": f"arch-{number:05}",
        "architecture": {"widths": [16, 32], "block": {"reduction": number}},
        "dataset": {"name": "digits", "size": 16},
        "dataset_fingerprint": "f00d",
        "recipe": {"epochs": 2, "lr": 0.1},
        "seed": seed,
        "numerics_version": 1,
    }
    return Trial(**{**values, **changes})


def run(run_id: str = "run-1", **changes: Any) -> Run:
    values: dict[str, Any] = {
        "run_id": run_id,
        "study": "width",
        "command": "se-bench run width --set 'a=\"b\"'",
        "started_at": NOON,
        "environment": {"torch": "2.6", "threads": 2, "gpu": []},
    }
    return Run(**{**values, **changes})


def started(of: Trial, run_id: str = "run-1", seconds: float = 0) -> Started:
    return Started(trial_id=of.trial_id, run_id=run_id, at=at(seconds))


def epoch(of: Trial, number: int, **changes: Any) -> Epoch:
    values: dict[str, Any] = {
        "train_loss": 2.0 / number,
        "train_accuracy": 0.25,
        "test_loss": 1.0 / number,
        "test_accuracy": 0.1 * number,
        "train_seconds": 1.5,
        "test_seconds": 0.25,
        "gradient_norms": (0.5, 1e-12 * number),
    }
    return Epoch(trial_id=of.trial_id, epoch=number, **{**values, **changes})


def ended(of: Trial, status: Status = Status.COMPLETED, seconds: float = 9, error: str = "") -> Ended:
    return Ended(trial_id=of.trial_id, status=status, at=at(seconds), error=error)


def gates(of: Trial, **changes: Any) -> GateReading:
    unit = UnitGates(
        unit="stage1.0", stage=1, means=((0.5, 0.1), (1 / 3, 1e-17)), deviations=((0.0, 0.2), (0.1, 0.3)), low=0.25,
        high=None,
    )  # fmt: skip
    values: dict[str, Any] = {
        "accuracy": 0.2,
        "classes": ("é", "b"),
        "images": (3, 4),
        "units": (unit, unit),
        "interventions": (
            Intervention(kind="frozen", stage=None, accuracy=0.1),
            Intervention(kind="one", stage=2, accuracy=1 / 7),
        ),
    }
    return GateReading(trial_id=of.trial_id, seed=of.seed, **{**values, **changes})


def latency(*of: Candidate, milliseconds: float = 1.5) -> LatencyReading:
    times = {each.architecture_id: (milliseconds, milliseconds + 1 / 3) for each in of}
    return LatencyReading(batch=16, threads=1, device="cpu: é", forward_ms=times, train_step_ms=times)


def finish(store: Store, of: Trial, epochs: int = 2, run_id: str = "run-1", **changes: Any) -> None:
    """Train ``of`` from beginning to end."""
    store.keep(started(of, run_id))
    for number in range(1, epochs + 1):
        store.keep(epoch(of, number, **changes))
    store.keep(ended(of))


def file_states(folder: Path) -> dict[str, bytes]:
    """Every file under ``folder`` with its bytes."""
    return {str(path): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}
