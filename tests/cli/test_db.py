"""`se-bench db`: databases brought together and looked through, with what was really trained."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from se_bench import upkeep
from se_bench.cli import show
from tests.cli import tiny
from tests.cli.programs import call, contents

TRIALS = 4


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The database of a finished study."""
    place = tmp_path_factory.mktemp("trained")
    tiny.write(place)
    tiny.train(tiny.study(place), place / tiny.DATABASE)
    return place / tiny.DATABASE


@pytest.fixture
def original(trained: Path, here: Path) -> Path:
    """A copy of it where the user stands."""
    path = here / "original.db"
    with closing(sqlite3.connect(trained)) as source, closing(sqlite3.connect(path)) as copy:
        source.backup(copy)
    return path


def change(path: Path, statement: str) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(statement)


def test_what_was_trained_is_in_order(original: Path) -> None:
    before = contents(original.parent)
    found = call("db", "check", "--db", str(original))
    assert (found.code, found.out, found.err) == (0, f"{original}: {TRIALS} trials, 0 inconsistencies\n", "")
    assert contents(original.parent) == before


def test_a_changed_recipe_seed_and_architecture_are_not_what_the_ids_say(original: Path) -> None:
    """The ids are those that planning gives."""
    change(original, "UPDATE se_bench_trials SET recipe = replace(recipe, '2', '3') WHERE seed = 0")
    change(original, "UPDATE se_bench_trials SET seed = 5 WHERE seed = 1")
    change(original, "UPDATE se_bench_architectures SET spec = replace(spec, 'digits', 'digit')")
    found = call("db", "check", "--db", str(original))
    assert found.code == 1
    wrong = [line for line in found.lines if "its content has the id" in line]
    assert len(wrong) == TRIALS
    assert found.lines[-1] == f"{original}: {TRIALS} trials, {len(found.lines) - 1} inconsistencies"


def test_results_come_into_a_new_database_and_are_not_trained_again(original: Path) -> None:
    found = call("db", "merge", str(original), "--db", "mine/all.db")
    assert (found.code, found.err) == (0, "")
    assert f"{TRIALS} trials taken over with {TRIALS * tiny.EPOCHS} epochs, 0 registered" in found.out
    assert "study tiny: new" in found.out
    again = call("db", "merge", str(original), "--db", "mine/all.db")
    assert again.code == 0
    assert "0 trials taken over with 0 epochs" in again.out
    assert f"{TRIALS} trials known to both, with equal numbers" in again.out
    assert tiny.rows_of(original.parent / "mine" / "all.db") == tiny.rows_of(original)
    assert call("db", "check", "--db", "mine/all.db").code == 0


def test_other_numbers_are_told_with_their_machines_and_stay(original: Path) -> None:
    other = original.with_name("other.db")
    shutil.copy(original, other)
    change(other, "UPDATE se_bench_trials SET accuracy = 0.125 WHERE seed = 1")
    change(other, "UPDATE se_bench_runs SET environment = replace(environment, 'processor', 'processors')")
    before = tiny.rows_of(original)
    found = call("db", "merge", str(other), "--db", str(original))
    assert found.code == 1
    assert "2 trials have other numbers there; they stay as they are here:" in found.out
    for label in tiny.LABELS:
        assert f"({label}, seed 1)" in found.out
    there = [line for line in found.lines if line.strip().startswith("there:")]
    assert len(there) == 2
    assert all("accuracy 0.125, 2 epochs; unknown processor, " in line for line in there)
    ours = [line for line in found.lines if line.strip().startswith("here:")]
    assert len(ours) == 2
    assert all("torch " in line for line in ours)
    assert tiny.rows_of(original) == before


def test_what_is_not_there_is_wrong_input(here: Path) -> None:
    before = contents(here)
    for words in (["merge", "none.db"], ["check"], ["merge", "a.db", "--db", "./a.db"], ["merge", "mysql://x/y"]):
        found = call("db", *words)
        assert found.code == 2
        assert found.out == ""
        assert found.err.startswith("se-bench: ")
    assert contents(here) == before


@pytest.mark.parametrize("words", [["check"], ["merge", "original.db"]])
def test_a_password_is_never_shown(original: Path, words: list[str]) -> None:
    found = call("db", *words, "--db", "postgresql://me:secret@127.0.0.1:1/results")
    assert found.code == 2
    assert "me@127.0.0.1:1/results" in found.err
    assert "secret" not in found.out + found.err


def test_a_database_that_is_not_there_to_bring_in_is_the_one_to_name(original: Path) -> None:
    found = call("db", "merge", "nofile.db", "--db", str(original))
    assert found.code == 2
    assert "nofile.db: there is no such database" in found.err
    assert "next: name the database whose results come in" in found.err


def test_the_list_of_studies_fits_a_narrow_terminal(original: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (each,) = upkeep.kept_studies(str(original))
    name = "reduction_ratio"
    show.studies(Console(width=80), [replace(each, name=name, question="How narrow can it be? " * 4)], "a.db")
    shown = capsys.readouterr().out
    assert all(word in shown for word in (name, "planned", "running", "completed", f"{each.updated_at:%Y-%m-%d %H:%M}"))
    assert "out_of_memory" not in shown
    assert shown.replace("\n", " ").count("narrow") == 4
