"""``se-bench dashboard``: what it refuses, what it says, and that it ends when it is told to."""

from __future__ import annotations

import re
import signal
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest

from se_bench.store.repository import Store
from tests.analysis.small_studies import FULL
from tests.cli.programs import call, program
from tests.dashboard.live.databases import keep_study


@pytest.fixture
def database(here: Path) -> Iterator[Path]:
    path = here / "results" / "se-bench.db"
    with Store.open(str(path), create=True) as store:
        keep_study(store, "full", FULL)
    return path


def test_it_serves_until_it_is_interrupted(database: Path) -> None:
    with program(database.parent.parent, "dashboard", "full", "--no-open", "--port", "0") as running:
        running.read_until("Dashboard:")
        found = re.fullmatch(r"Dashboard: (http://127\.0\.0\.1:\d+/)study/full  \(Ctrl-C ends it\)", running.lines[-1])
        assert found
        with urlopen(found[1], timeout=30) as answer:
            assert b"se-bench" in answer.read()
        running.signal(signal.SIGINT)
        outcome = running.finish()
    assert (outcome.code, outcome.err) == (0, "")


def test_an_address_for_others_must_be_meant(database: Path) -> None:
    found = call("dashboard", "--no-open", "--host", "0.0.0.0")
    assert found.code == 2
    assert "--allow-remote" in found.err


def test_a_study_that_the_database_does_not_have_is_named_with_the_nearest(database: Path) -> None:
    found = call("dashboard", "ful", "--no-open")
    assert found.code == 2
    assert "did you mean: full" in found.err


def test_a_file_that_is_no_database_is_refused(here: Path) -> None:
    (here / "notes.txt").write_text("no database at all")
    found = call("dashboard", "--no-open", "--db", "notes.txt")
    assert found.code == 2
    assert "not a SQLite database" in found.err


def test_a_database_that_is_not_there_yet_is_waited_for(here: Path) -> None:
    with program(here, "dashboard", "--no-open", "--port", "0", "--url-prefix", "lab") as running:
        running.read_until("Dashboard:")
        assert "There is no database results/se-bench.db yet; the pages wait for it." in running.lines
        assert running.lines[-1].split()[1].endswith("/lab/")
        running.signal(signal.SIGINT)
        assert running.finish().code == 0
    assert list(here.iterdir()) == []
