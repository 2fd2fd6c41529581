"""Runs that do not end well: Ctrl-C, and trials that diverge."""

from __future__ import annotations

import json
import re
import shutil
import signal
from pathlib import Path

import pytest

from tests.cli import tiny
from tests.cli.programs import Outcome, call, program
from tests.cli.tiny import DATABASE, LABELS, rows_of, trained


@pytest.fixture(autouse=True)
def stand_there(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)


def test_more_seeds_train_only_the_missing_ones_and_ctrl_c_stops_within_5_seconds(
    finished: Outcome, folder: Path
) -> None:
    """As a terminal does it: the signal goes to the whole process group."""
    database = folder / "more.db"
    shutil.copy(folder / DATABASE, database)
    before = rows_of(database)
    options = ("--seeds", "4", "--slots", "1", "--db", "more.db")
    with program(folder, "run", "tiny.yaml", *tiny.SET, *options) as running:
        running.read_until("[1/4]")
        running.signal(signal.SIGINT)
        outcome = running.finish(timeout=5.0)
        assert running.survivors(30.0) == []
        assert list(running.temp.glob("se-bench-*")) == []
    assert outcome.code == 130
    assert "Traceback" not in outcome.out + outcome.err
    assert trained(outcome.lines)[0] == ("baseline", "2")
    assert re.search(r"^Interrupted. Kept in more.db: [1-4] of 4 trials of this run", outcome.out, re.M)
    assert "Run the same command to go on." in outcome.out
    after = rows_of(database)
    assert [row for row in after if row[1] < 2] == before
    completed = [row for row in after if row[1] >= 2 and row[2] == "completed"]
    assert len(completed) >= tiny.EPOCHS


def test_a_study_that_diverges_ends_with_1_and_names_cause_and_count(folder: Path) -> None:
    database = folder / "diverged.db"
    tiny.train(tiny.study(folder, tiny.DIVERGE[1], seeds=1), database)
    found = call("run", "tiny.yaml", *tiny.SET, *tiny.DIVERGE, "--db", str(database))
    assert found.code == 1
    assert "Nothing to train." in found.out
    assert "0 of 2 trials completed, 2 diverged." in found.out
    assert "2 trials have no result:" in found.out
    for label in LABELS:
        assert re.search(
            rf"^  {label} seed 0: diverged: epoch \d: train loss \S+, test loss \S+ \(not finite\)$", found.out, re.M
        )
    results = json.loads(call("results", "tiny.yaml", *tiny.SET, *tiny.DIVERGE, "--db", str(database), "--json").out)
    assert results["trials"]["diverged"] == 2
    assert [each["unsuccessful"] for each in results["candidates"]] == [1, 1]
    for kind in ("candidates", "trials", "epochs"):
        options = ("--rows", kind, "--format", "json", "--db", str(database))
        assert json.loads(call("export", "tiny.yaml", *tiny.SET, *tiny.DIVERGE, *options).out)
