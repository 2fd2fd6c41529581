"""The main job through Ray, killed half way: it goes on, and loses nothing."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.cli import tiny
from tests.cli.programs import Outcome, call
from tests.cli.tiny import DATABASE, LABELS, rows_of, trained
from tests.dashboard.pages import Page


@pytest.fixture(autouse=True)
def stand_there(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)


def table_of(found: Outcome) -> list[str]:
    """From the table to the last verdict."""
    lines = found.lines
    start = max(place for place, line in enumerate(lines) if line.startswith(" candidate"))
    return [line.rstrip() for line in lines[start:] if not line.startswith("Report: ")]


def test_a_run_ends_with_table_verdicts_and_report(finished: Outcome, folder: Path) -> None:
    assert finished.code == 0
    assert finished.err == ""
    table = "\n".join(table_of(finished))
    assert all(re.search(rf"^ {label} +2 +0\.\d{{4}} \[", table, re.M) for label in LABELS)
    assert re.search(r"^ helps +(supported|refuted|undecided) .* r=4 is better than no block", table, re.M)
    assert "4 of 4 trials completed." in table
    assert finished.lines[-1] == "Report: results/tiny.digits.html"
    page = Page((folder / "results" / "tiny.digits.html").read_text(encoding="utf-8"))
    assert [row[0] for row in page.tables[1][1:]] == LABELS


def test_where_the_output_is_no_terminal_there_is_one_plain_line_a_trial(finished: Outcome, killed: list[str]) -> None:
    assert "\x1b" not in finished.out
    assert trained(killed) == [("baseline", "0")]
    assert any(line.startswith("4 trials, 0 known, 4 to train, 1 at once: about ") for line in killed)


def test_after_a_kill_only_what_is_missing_is_trained(finished: Outcome, killed: list[str]) -> None:
    (known,) = re.findall(r"^4 trials, (\d) known", finished.out, re.M)
    assert 1 <= int(known) < 4
    again = trained(finished.lines)
    assert len(again) == len(set(again)) == 4 - int(known)
    assert ("baseline", "0") not in again


def test_a_kill_neither_loses_nor_doubles_nor_changes_a_result(finished: Outcome, folder: Path) -> None:
    """Bitwise as an undisturbed run that trains the same trials in one process, without Ray."""
    other = folder / "undisturbed.db"
    tiny.train(tiny.study(folder), other)
    ours = rows_of(folder / DATABASE)
    assert len(ours) == 4 * tiny.EPOCHS
    assert {row[2] for row in ours} == {"completed"}
    assert ours == rows_of(other)
    with closing(sqlite3.connect(folder / DATABASE)) as connection:
        assert connection.execute("SELECT count(*) FROM se_bench_trials").fetchone() == (4,)
        assert connection.execute("SELECT count(*) FROM se_bench_runs").fetchone() == (2,)
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_running_again_trains_nothing_and_prints_the_same_table(finished: Outcome) -> None:
    again = call("run", "tiny.yaml", *tiny.SET)
    assert again.code == 0
    assert "4 trials, all known. Nothing to train." in again.out
    assert "Starting workers" not in again.out
    assert table_of(again) == table_of(finished)
    assert table_of(call("results", "tiny.yaml", *tiny.SET)) == table_of(finished)
