"""A search through the whole program: proposals, a scheduler, what is kept, and the same again after a kill."""

from __future__ import annotations

import json
import signal
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.cli.programs import call, program

TEXT = """\
name: found
question: Which block?
space: se_block
setting: digits
plan:
  kind: tpe
  vary: {reduction: [2, 4, 8, 16], gate: [sigmoid, hard_sigmoid]}
  candidates: 4
  scheduler: {kind: asha, reduction: 2}
seeds: 2
objectives: {accuracy: maximize, macs: minimize}
"""
SET = tuple(
    word
    for pair in (
        "recipe.epochs=4",
        "recipe.warmup_epochs=0.0",
        "recipe.learning_rate=0.02",
        "dataset.train_images=256",
        "dataset.validation_images=256",
        "dataset.test_images=64",
    )
    for word in ("--set", pair)
)


def rows(database: Path) -> list[tuple[Any, ...]]:
    """Candidates in the order of their proposal, with every trial and epoch."""
    query = (
        "SELECT c.position, c.label, t.seed, t.status, t.accuracy, e.epoch, e.validation_accuracy, e.test_loss "
        "FROM se_bench_candidates c JOIN se_bench_study_trials s USING (study) "
        "JOIN se_bench_trials t ON t.trial_id = s.trial_id AND t.architecture_id = c.architecture_id "
        "LEFT JOIN se_bench_epochs e ON e.trial_id = t.trial_id ORDER BY 1, 3, 6"
    )
    with closing(sqlite3.connect(database)) as connection:
        return connection.execute(query).fetchall()


@pytest.mark.slow
def test_a_killed_search_ends_as_an_undisturbed_one(tmp_path: Path) -> None:
    (tmp_path / "found.yaml").write_text(TEXT)
    command = ("run", "found.yaml", *SET, "--slots", "1", "--db")
    with program(tmp_path, *command, "whole.db") as running:
        whole = running.finish()
    assert whole.code == 0, whole.err
    with program(tmp_path, *command, "killed.db") as running:
        running.read_until("[4/")
        running.signal(signal.SIGKILL)
        running.finish()
    with program(tmp_path, *command, "killed.db") as running:
        again = running.finish()
    assert again.code == 0, again.err
    assert rows(tmp_path / "killed.db") == rows(tmp_path / "whole.db")
    statuses = {row[3] for row in rows(tmp_path / "whole.db")}
    assert "completed" in statuses
    assert statuses <= {"completed", "stopped", "planned"}
    with program(tmp_path, *command, "whole.db") as running:
        once_more = running.finish()
    assert once_more.code == 0
    assert "Trained" not in once_more.out or "Trained 0 trials" in once_more.out


def test_a_plan_of_a_search_says_what_bounds_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "found.yaml").write_text(TEXT)
    monkeypatch.chdir(tmp_path)
    shown = call("plan", "found.yaml", *SET)
    assert shown.code == 0, shown.err
    assert "tpe" in shown.out
    as_json = json.loads(call("plan", "found.yaml", *SET, "--json").out)
    assert as_json["study"] == "found"


@pytest.mark.slow
@pytest.mark.parametrize(("scheduler", "stops"), [("{kind: hyperband, reduction: 2}", True), ("{kind: median}", None)])
def test_every_scheduler_comes_to_an_end_and_trains_nothing_twice(
    tmp_path: Path, scheduler: str, stops: bool | None
) -> None:
    plan = f"plan:\n  vary: {{reduction: [1, 2, 4, 8], gate: [sigmoid, tanh]}}\n  scheduler: {scheduler}\n"
    (tmp_path / "found.yaml").write_text(TEXT[: TEXT.index("plan:")] + plan + TEXT[TEXT.index("seeds:") :])
    command = ("run", "found.yaml", *SET, "--slots", "2", "--db", "found.db")
    for _ in range(2):
        with program(tmp_path, *command) as running:
            ended = running.finish()
        assert ended.code == 0, ended.err
        found = rows(tmp_path / "found.db")
    assert "Trained 0 trials" in ended.out or "Trained" not in ended.out
    of_baseline = {row[3] for row in found if row[1] == "baseline"}
    assert of_baseline == {"completed"}
    assert stops is None or ("stopped" in {row[3] for row in found}) == stops
    stopped = {row[1] for row in found if row[3] == "stopped"}
    assert all(row[3] == "planned" for row in found if row[1] in stopped and row[2] > 0)
