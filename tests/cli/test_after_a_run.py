"""Every command tells the same of a study that was run."""

from __future__ import annotations

import csv
import io
import json
import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from se_bench.records import Status
from tests.cli import tiny
from tests.cli.programs import Outcome, call
from tests.cli.tiny import DATABASE, LABELS


@pytest.fixture(autouse=True)
def stand_there(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)


def test_results_for_scripts_are_those_of_the_export(finished: Outcome) -> None:
    results = json.loads(call("results", "tiny.yaml", *tiny.SET, "--json").out, parse_constant=pytest.fail)
    assert (results["study"], results["setting"]) == ("tiny", "digits")
    assert results["trials"] == {**dict.fromkeys(Status, 0), "completed": 4}
    rows = json.loads(call("export", "tiny.yaml", *tiny.SET, "--format", "json").out)
    for candidate, row in zip(results["candidates"], rows, strict=True):
        assert candidate["label"] == row["candidate"]
        assert candidate["accuracy"] == {
            "mean": row["accuracy"],
            "low": row["accuracy_low"],
            "high": row["accuracy_high"],
        }
        assert candidate["difference"]["p"] == row["p"]
        assert [candidate[key] for key in ("n", "params", "macs", "train_seconds")] == [
            row[key] for key in ("n", "params", "macs", "train_seconds")
        ]
        assert candidate["axes"].get("reduction") == row["reduction"]
    (claim,) = results["claims"]
    assert (claim["id"], claim["n"], claim["estimate"]) == ("helps", 2, rows[1]["difference"])


def test_exported_trials_are_those_of_the_database(finished: Outcome, folder: Path) -> None:
    file = folder / "new" / "trials.csv"
    written = call("export", "tiny.yaml", *tiny.SET, "--rows", "trials", "--format", "csv", "-o", str(file))
    assert (written.code, written.out) == (0, "")
    with file.open(newline="") as text:
        rows = list(csv.DictReader(text))
    query = "SELECT trial_id, seed, status, epochs, accuracy, loss, train_seconds FROM se_bench_trials"
    with closing(sqlite3.connect(folder / DATABASE)) as connection:
        kept = {row[0]: row[1:] for row in connection.execute(query)}
    assert {
        row["trial_id"]: (
            int(row["seed"]),
            row["status"],
            int(row["epochs"]),
            float(row["accuracy"]),
            float(row["loss"]),
            float(row["train_seconds"]),
        )
        for row in rows
    } == kept
    assert [(row["candidate"], row["block"], row["reduction"]) for row in rows[:2]] == [
        ("baseline", "none", ""),
        ("reduction=4", "se", "4"),
    ]


@pytest.mark.parametrize(("kind", "count"), [("candidates", 2), ("trials", 4), ("epochs", 4 * tiny.EPOCHS)])
def test_the_three_formats_say_the_same(finished: Outcome, kind: str, count: int) -> None:
    found = {
        form: call("export", "tiny.yaml", *tiny.SET, "--rows", kind, "--format", form).out
        for form in ("csv", "markdown", "json")
    }
    as_json = json.loads(found["json"])
    as_csv = list(csv.DictReader(io.StringIO(found["csv"])))
    assert len(as_json) == len(as_csv) == len(found["markdown"].splitlines()) - 2 == count
    for row, texts in zip(as_json, as_csv, strict=True):
        assert texts == {name: "" if value is None else str(value) for name, value in row.items()}
    head = [cell.strip() for cell in found["markdown"].splitlines()[0].strip("|").split("|")]
    assert head == list(as_json[0])


def test_status_and_plan_know_that_all_is_done(finished: Outcome) -> None:
    status = json.loads(call("status", "tiny.yaml", *tiny.SET, "--json").out)
    assert (status["total"], status["trials"]["completed"]) == (4, 4)
    plan = json.loads(call("plan", "tiny.yaml", *tiny.SET, "--json").out)
    assert (plan["trials"], plan["known"], plan["to_train"], plan["expected_seconds"]) == (4, 4, 0, 0)
    assert [each["label"] for each in plan["candidates"]] == LABELS
    assert re.search(r"^ all +· +· +4 +· +· *$", call("status", "tiny.yaml", *tiny.SET).out, re.M)
    (study,) = json.loads(call("status", "--json").out)
    assert (study["study"], study["trials"]["completed"], study["total"]) == ("tiny", 4, 4)
    assert "Does it run?" in call("status").out


def test_a_report_can_be_written_elsewhere(finished: Outcome, folder: Path) -> None:
    file = folder / "pages" / "[bold].html"
    found = call("report", "tiny.yaml", *tiny.SET, "-o", str(file))
    assert (found.code, found.out) == (0, f"Report: {file}\n")
    assert file.read_text(encoding="utf-8") == (folder / "results" / "tiny.digits.html").read_text(encoding="utf-8")
    again = call("run", "tiny.yaml", *tiny.SET, "--report", str(file))
    assert again.lines[-1] == f"Report: {file}"


def test_other_overrides_are_other_trials(finished: Outcome) -> None:
    plan = json.loads(call("plan", "tiny.yaml", *tiny.SET, "--set", "recipe.learning_rate=0.05", "--json").out)
    assert plan["known"] == 0
    plan = json.loads(call("plan", "tiny.yaml", *tiny.SET, "--seeds", "3", "--json").out)
    assert (plan["known"], plan["to_train"]) == (4, 2)
