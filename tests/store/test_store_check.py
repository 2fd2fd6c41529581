"""A database that is as it should be has no faults; each way of being wrong is found and named."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text
from store_examples import candidate, ended, epoch, file_states, finish, run, started, trial

from se_bench.errors import StoreError
from se_bench.records import Checked, Started, Status
from se_bench.store.check import check
from se_bench.store.database import parse_url
from se_bench.store.merge import merge
from se_bench.store.repository import Store

CANDIDATES = [candidate(0), candidate(1)]
TRIALS = [trial(number, seed) for number in range(2) for seed in range(3)]
FIRST, SECOND, THIRD = TRIALS[:3]
"""Completed, diverged, running."""


def architecture_id(architecture: Mapping[str, Any]) -> str:
    """What the examples are called by."""
    return f"arch-{architecture['block']['reduction']:05}"


def trial_id(*, architecture: Mapping[str, Any], recipe: Mapping[str, Any], seed: int, **_: Any) -> str:
    number = architecture["block"]["reduction"] if recipe["lr"] == 0.1 else 99
    return f"trial-{number:05}-{seed}"


def checked(url: str) -> Checked:
    return check(url, architecture_id=architecture_id, trial_id=trial_id)


@pytest.fixture
def filled(url: str) -> str:
    with Store.open(url, create=True) as store:
        store.register("width", "How wide?", {}, CANDIDATES, TRIALS)
        store.begin(run())
        finish(store, FIRST)
        store.keep_all([started(SECOND), epoch(SECOND, 1, test_loss=float("nan"))])
        store.keep(ended(SECOND, Status.DIVERGED, error="nan"))
        store.keep(Started(trial_id=THIRD.trial_id, run_id="run-1", at=datetime.now(UTC)))
        store.keep(epoch(THIRD, 1))
    return url


def change(url: str, *statements: str) -> None:
    """What only another tool could do."""
    engine = create_engine(parse_url(url))
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SET session_replication_role = replica"))  # no foreign keys
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()


def test_what_the_store_wrote_is_in_order(filled: str):
    assert checked(filled) == Checked(trials=6, faults=(), notes=())


@pytest.mark.parametrize(
    ("statement", "faults"),
    [
        (
            "UPDATE se_bench_trials SET accuracy = 0.3 WHERE trial_id = 'trial-00000-0'",
            ["trial trial-00000-0: its accuracy is 0.3 and that of its last epoch, 2, is 0.2"],
        ),
        (
            "UPDATE se_bench_trials SET loss = NULL WHERE trial_id = 'trial-00000-0'",
            ["trial trial-00000-0: its loss is None and that of its last epoch, 2, is 0.5"],
        ),
        (
            "UPDATE se_bench_epochs SET epoch = 3 WHERE trial_id = 'trial-00000-0' AND epoch = 2",
            ["trial trial-00000-0: its epochs are not 1 to 3: there are 2, from 1 to 3"],
        ),
        (
            "UPDATE se_bench_epochs SET epoch = 0 WHERE trial_id = 'trial-00000-2'",
            ["trial trial-00000-2: its epochs are not 1 to 0: there are 1, from 0 to 0"],
        ),
        (
            "DELETE FROM se_bench_epochs WHERE trial_id = 'trial-00000-0' AND epoch = 2",
            [
                "trial trial-00000-0: it counts 2 epochs and has 1",
                "trial trial-00000-0: it is completed with 1 of the 2 epochs of its recipe",
                "trial trial-00000-0: its accuracy is 0.2 and that of its last epoch, 1, is 0.1",
                "trial trial-00000-0: its loss is 0.5 and that of its last epoch, 1, is 1.0",
            ],
        ),
        (
            "DELETE FROM se_bench_epochs WHERE trial_id = 'trial-00000-0'",
            [
                "trial trial-00000-0: it counts 2 epochs and has 0",
                "trial trial-00000-0: it is completed without an epoch",
            ],
        ),
        (
            "UPDATE se_bench_trials SET accuracy = 0.5 WHERE trial_id = 'trial-00000-1'",
            ["trial trial-00000-1: it is diverged and has an accuracy or loss"],
        ),
        (
            "UPDATE se_bench_trials SET run_id = NULL WHERE trial_id = 'trial-00000-1'",
            ["trial trial-00000-1: it is diverged and no run trained it"],
        ),
        (
            "UPDATE se_bench_trials SET run_id = 'run-9' WHERE trial_id = 'trial-00000-1'",
            ["trial trial-00000-1: run_id run-9 is not in se_bench_runs"],
        ),
        (
            "UPDATE se_bench_trials SET architecture_id = 'arch-9' WHERE trial_id = 'trial-00000-1'",
            ["trial trial-00000-1: architecture_id arch-9 is not in se_bench_architectures"],
        ),
        (
            "DELETE FROM se_bench_studies",
            [
                "rows of se_bench_candidates: study width is not in se_bench_studies",
                "rows of se_bench_study_trials: study width is not in se_bench_studies",
            ],
        ),
        (
            "DELETE FROM se_bench_trials WHERE trial_id = 'trial-00000-2'",
            [
                "rows of se_bench_epochs: trial_id trial-00000-2 is not in se_bench_trials",
                "rows of se_bench_study_trials: trial_id trial-00000-2 is not in se_bench_trials",
            ],
        ),
        (
            "UPDATE se_bench_trials SET seed = 7 WHERE trial_id = 'trial-00001-1'",
            ["trial trial-00001-1: its content has the id trial-00001-7"],
        ),
        (
            """UPDATE se_bench_trials SET recipe = '{"epochs": 2, "lr": 0.2}' WHERE trial_id = 'trial-00001-1'""",
            ["trial trial-00001-1: its content has the id trial-00099-1"],
        ),
        (
            """UPDATE se_bench_architectures SET spec = '{"block": {"reduction": 5}}'
            WHERE architecture_id = 'arch-00001'""",
            [
                "architecture arch-00001: its content has the id arch-00005",
                *(f"trial trial-00001-{seed}: its content has the id trial-00005-{seed}" for seed in range(3)),
            ],
        ),
    ],
    ids=lambda value: " ".join(value.split())[:60] if isinstance(value, str) else "",
)
def test_every_fault_is_named(filled: str, statement: str, faults: list[str]):
    change(filled, statement)
    found = checked(filled)
    assert sorted(found.faults) == faults
    assert found.notes == ()


def test_a_trial_that_runs_for_days_is_a_note(filled: str):
    with Store.open(filled) as store:
        store.begin(run("run-2"))
        long_ago = datetime.now(UTC) - timedelta(hours=25)
        store.keep(Started(trial_id=THIRD.trial_id, run_id="run-2", at=long_ago))
        store.keep(Started(trial_id=TRIALS[3].trial_id, run_id="run-2", at=long_ago + timedelta(hours=2)))
    found = checked(filled)
    assert found.faults == ()
    (note,) = found.notes
    assert note == f"trial {THIRD.trial_id}: running since {long_ago:%Y-%m-%d %H:%M} UTC, or killed"


def test_a_merged_database_is_in_order(filled: str, tmp_path: Path):
    target = str(tmp_path / "merged.db")
    merge(filled, target)
    assert checked(target) == Checked(trials=6, faults=(), notes=())


def test_checking_writes_nothing(tmp_path: Path):
    """Not even the mode of a file that was copied without WAL."""
    path = tmp_path / "it.db"
    with Store.open(str(path), create=True) as store:
        store.register("width", "?", {}, CANDIDATES, TRIALS)
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA journal_mode = DELETE").fetchone() == ("delete",)
    before = file_states(tmp_path)
    assert checked(str(path)).faults == ()
    assert file_states(tmp_path) == before
    with pytest.raises(StoreError, match="there is no such database"):
        checked(str(tmp_path / "none.db"))
    assert file_states(tmp_path) == before


def test_a_damaged_file_is_one_fault_a_line(tmp_path: Path):
    """An index that does not have what its table has, as after a failing disk."""
    path = tmp_path / "it.db"
    with Store.open(str(path), create=True) as store:
        store.register("width", "?", {}, CANDIDATES, TRIALS)
    with closing(sqlite3.connect(path)) as connection, connection:
        index = "ix_se_bench_trials_architecture_id"
        (sql,) = connection.execute("SELECT sql FROM sqlite_master WHERE name = ?", (index,)).fetchone()
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute("UPDATE sqlite_master SET sql = ? WHERE name = ?", (sql + " WHERE seed > 1", index))
    found = checked(str(path))
    assert found.trials == 0
    assert found.faults
    assert all(each.startswith("the file is damaged: ") for each in found.faults)
