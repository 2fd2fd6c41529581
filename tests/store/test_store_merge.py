"""Two databases become one: nothing lost, nothing doubled, nothing overwritten."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine, select, text
from store_examples import at, candidate, ended, epoch, file_states, finish, run, started, trial

from se_bench.errors import NoResultsError, StoreError
from se_bench.records import Status
from se_bench.store.database import parse_url
from se_bench.store.merge import merge
from se_bench.store.repository import Store
from se_bench.store.tables import Base, TrialRow

TRIALS = [trial(number, seed) for number in range(2) for seed in range(2)]
FIRST, SECOND, THIRD, FOURTH = TRIALS
CANDIDATES = [candidate(0), candidate(1)]


@pytest.fixture(params=["sqlite<-sqlite", "sqlite<-postgresql", "postgresql<-sqlite"])
def urls(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, str]:
    """Two addresses: what is merged into, and what is merged in."""

    def address(kind: str, name: str) -> str:
        return str(request.getfixturevalue("postgresql_url") if kind == "postgresql" else tmp_path / name / "it.db")

    here, there = request.param.split("<-")
    return address(here, "here"), address(there, "there")


@pytest.fixture
def stores(urls: tuple[str, str]) -> Iterator[tuple[Store, Store]]:
    """Open, so that a merge goes on beside drivers."""
    with Store.open(urls[0], create=True) as here, Store.open(urls[1], create=True) as there:
        for store, name in ((here, "run-1"), (there, "run-2")):
            store.register("width", "How wide?", {"seeds": 2}, CANDIDATES, TRIALS)
            store.begin(run(name, environment={"processor": f"cpu of {name}"}))
        yield here, there


def rows(url: str) -> dict[str, list[tuple[Any, ...]]]:
    """All there is, table by table."""
    engine = create_engine(parse_url(url))
    with engine.connect() as connection:
        found = {
            table.name: sorted((tuple(row) for row in connection.execute(select(*table.c))), key=repr)
            for table in Base.metadata.sorted_tables
        }
    engine.dispose()
    return found


def test_what_is_finished_there_is_taken_over_whole(urls: tuple[str, str], stores: tuple[Store, Store]):
    here, there = stores
    finish(here, FIRST)
    here.keep(started(SECOND))
    here.keep(epoch(SECOND, 1, test_loss=7.0))
    here.keep(epoch(SECOND, 3))
    here.keep_all([started(THIRD), ended(THIRD, Status.FAILED, error="out of memory")])
    finish(there, SECOND, run_id="run-2")
    finish(there, THIRD, run_id="run-2")
    there.keep_all([started(FOURTH, "run-2", 5), epoch(FOURTH, 1, test_loss=float("nan"))])
    there.keep(ended(FOURTH, Status.DIVERGED, error="loss is NaN"))
    before = rows(urls[1])
    found = merge(urls[1], urls[0])
    assert (found.settled, found.epochs, found.planned, found.equal, found.conflicts) == (3, 5, 0, 0, ())
    assert (found.architectures, found.runs, found.studies) == (0, 1, ())
    assert rows(urls[1]) == before
    ours, theirs = here.records(TRIALS, []), there.records(TRIALS, [])
    assert ours.trials[1:] == theirs.trials[1:]
    assert repr(ours.epochs[2:]) == repr(theirs.epochs)
    assert ours.trials[0].run_id == "run-1"
    assert [each.run_id for each in ours.runs] == ["run-1", "run-2"]
    assert not here.keep(epoch(SECOND, 2))  # the driver that was at it has nothing more to say


def test_a_second_merge_changes_nothing(urls: tuple[str, str], stores: tuple[Store, Store]):
    _, there = stores
    finish(there, FIRST, run_id="run-2")
    there.keep_all([started(SECOND, "run-2"), epoch(SECOND, 1, test_accuracy=float("nan"))])
    there.keep(ended(SECOND, Status.DIVERGED))
    there.register("depth", "How deep?", {}, [candidate(2)], [trial(2)])
    assert merge(urls[1], urls[0]).studies == ("depth",)
    before = rows(urls[0])
    found = merge(urls[1], urls[0])
    assert rows(urls[0]) == before
    assert (found.settled, found.epochs, found.planned, found.architectures, found.runs) == (0, 0, 0, 0, 0)
    assert (found.studies, found.replanned, found.equal, found.conflicts) == ((), (), 2, ())


def test_what_is_unfinished_there_is_registered(urls: tuple[str, str], stores: tuple[Store, Store]):
    here, there = stores
    more = [trial(2, seed) for seed in range(3)]
    there.register("depth", "How deep?", {"a": 1}, [candidate(2)], more)
    there.keep_all([started(more[1], "run-2"), epoch(more[1], 1), started(more[2], "run-2")])
    there.keep(ended(more[2], Status.FAILED, error="out of memory there"))
    here.keep_all([started(FIRST), epoch(FIRST, 1)])
    found = merge(urls[1], urls[0])
    assert (found.settled, found.planned, found.architectures, found.studies) == (0, 3, 1, ("depth",))
    assert here.study("depth") == there.study("depth")
    assert here.statuses(each.trial_id for each in more) == {}
    assert {each.error for each in here.records(more, []).trials} == {""}
    assert here.keep(epoch(FIRST, 2))  # what runs here runs on


@pytest.mark.parametrize(
    ("name", "number"), [("test_loss", 1), ("test_accuracy", 1), ("train_loss", 2), ("train_accuracy", 2)]
)
def test_numbers_that_differ_are_told_and_stay(
    urls: tuple[str, str], stores: tuple[Store, Store], name: str, number: int
):
    here, there = stores
    finish(here, FIRST)
    there.keep_all([started(FIRST, "run-2"), epoch(FIRST, 1), epoch(FIRST, 2)])
    last_bit = getattr(epoch(FIRST, number), name) * (1 + 2**-52)
    there.keep_all([epoch(FIRST, number, **{name: last_bit}), ended(FIRST)])
    finish(there, SECOND, run_id="run-2")
    before = here.records([FIRST], [])
    for settled in (1, 0):
        found = merge(urls[1], urls[0])
        (conflict,) = found.conflicts
        assert (conflict.trial_id, conflict.label, conflict.seed) == (FIRST.trial_id, "baseline", 0)
        assert (conflict.here, conflict.there) == (before.trials[0], there.records([FIRST], []).trials[0])
        assert conflict.environment_here == {"processor": "cpu of run-1"}
        assert conflict.environment_there == {"processor": "cpu of run-2"}
        assert here.records([FIRST], []) == before
        assert found.settled == settled
        assert here.statuses([SECOND.trial_id]) == {SECOND.trial_id: Status.COMPLETED}


def test_another_length_and_another_outcome_are_conflicts(urls: tuple[str, str], stores: tuple[Store, Store]):
    here, there = stores
    finish(here, FIRST)
    there.keep_all([started(FIRST, "run-2"), epoch(FIRST, 2), ended(FIRST)])
    finish(here, SECOND)
    there.keep_all([started(SECOND, "run-2"), epoch(SECOND, 1), epoch(SECOND, 2), ended(SECOND, Status.DIVERGED)])
    finish(here, THIRD, train_seconds=9.0, gradient_norms=(1.0,))
    finish(there, THIRD, run_id="run-2")
    found = merge(urls[1], urls[0])
    assert [each.trial_id for each in found.conflicts] == [FIRST.trial_id, SECOND.trial_id]
    assert found.conflicts[1].there.accuracy is None
    assert found.equal == 1  # how long it took is no part of what it measured


def test_the_plan_made_later_counts(urls: tuple[str, str], stores: tuple[Store, Store]):
    here, there = stores
    there.register("width", "Reworded?", {"seeds": 1}, CANDIDATES[1:], TRIALS[2:])
    assert merge(urls[1], urls[0]).replanned == ("width",)
    assert here.study("width") == there.study("width")
    here.register("width", "Again?", {"seeds": 2}, CANDIDATES[::-1], TRIALS)
    before = here.study("width")
    assert merge(urls[1], urls[0]).replanned == ()
    assert here.study("width") == before


def test_of_plans_made_in_the_same_microsecond_both_take_the_same(tmp_path: Path):
    a, b = str(tmp_path / "a.db"), str(tmp_path / "b.db")
    for url in (a, b):
        with Store.open(url, create=True) as store:
            store.register("width", f"{Path(url).stem}?", {}, CANDIDATES, TRIALS)
        with closing(sqlite3.connect(url)) as connection, connection:
            connection.execute("UPDATE se_bench_studies SET updated_at = '2025-03-01 12:00:00.000001'")
    assert [merge(b, a).replanned, merge(a, b).replanned] == [("width",), ()]
    for url in (a, b):
        with Store.open(url) as store:
            assert store.study("width").question == "b?"


def test_a_database_that_is_not_there_is_made(urls: tuple[str, str], tmp_path: Path):
    with Store.open(urls[1], create=True) as there:
        there.register("width", "How wide?", {"seeds": 2}, CANDIDATES, TRIALS)
        there.begin(run())
        finish(there, FIRST)
    merge(urls[1], urls[0])
    assert rows(urls[0]) == rows(urls[1])


def test_all_or_nothing(urls: tuple[str, str], stores: tuple[Store, Store]):
    """The last thing to be written is refused."""
    _, there = stores
    finish(there, FIRST, run_id="run-2")
    there.register("zebra", "?", {}, [candidate(2)], [trial(2)])
    before = rows(urls[0])
    engine = create_engine(parse_url(urls[0]))
    with engine.begin() as connection:
        if engine.dialect.name == "sqlite":
            connection.execute(
                text(
                    "CREATE TRIGGER no BEFORE INSERT ON se_bench_study_trials WHEN NEW.study = 'zebra' "
                    "BEGIN SELECT RAISE(ABORT, 'not this one'); END"
                )
            )
        else:
            connection.execute(text("ALTER TABLE se_bench_study_trials ADD CONSTRAINT no CHECK (study != 'zebra')"))
    engine.dispose()
    with pytest.raises(StoreError, match=r"cannot be kept: .*(not this one|violates check)"):
        merge(urls[1], urls[0])
    assert rows(urls[0]) == before


def test_a_database_that_contradicts_itself_does_not_come_in(tmp_path: Path):
    own, other = str(tmp_path / "own.db"), str(tmp_path / "other.db")
    Store.open(own, create=True).close()
    with Store.open(other, create=True) as there:
        there.register("width", "?", {}, CANDIDATES, TRIALS)
        there.begin(run())
        finish(there, FIRST)
    with closing(sqlite3.connect(other)) as connection, connection:
        connection.execute("DELETE FROM se_bench_runs")
    with pytest.raises(StoreError, match="FOREIGN KEY") as caught:
        merge(other, own)
    assert caught.value.hint == f"se-bench db check --db {other}"
    with Store.open(own) as here:
        assert here.studies() == []


def test_more_trials_than_a_statement_has_parameters(urls: tuple[str, str]):
    many = [trial(0, seed) for seed in range(2_000)]
    with Store.open(urls[1], create=True) as there:
        there.register("large", "?", {}, [candidate(0)], many)
        there.begin(run())
        there.keep_all([each for own in many for each in (started(own), epoch(own, 1), ended(own))])
    found = merge(urls[1], urls[0])
    assert (found.settled, found.epochs) == (2_000, 2_000)
    assert rows(urls[0]) == rows(urls[1])
    assert merge(urls[1], urls[0]).equal == 2_000


def test_what_cannot_be_merged_leaves_everything_as_it_was(tmp_path: Path):
    own = tmp_path / "own.db"
    with Store.open(str(own), create=True) as store:
        store.register("width", "?", {}, CANDIDATES, TRIALS)
    newer, empty, note = tmp_path / "newer.db", tmp_path / "empty.db", tmp_path / "note.db"
    note.write_text("no database")
    empty.touch()
    Store.open(str(newer), create=True).close()
    with closing(sqlite3.connect(newer)) as connection, connection:
        connection.execute("UPDATE se_bench_schema SET version_num = '2031'")
    before = file_states(tmp_path)
    for other, says in (
        (tmp_path / "none.db", "there is no such database"),
        (empty, "no se-bench results"),
        (note, "not a SQLite database"),
        (newer, "newer than this se-bench"),
        (tmp_path / "." / "own.db", "cannot be merged into itself"),
    ):
        with pytest.raises(StoreError, match=says):
            merge(str(other), str(own))
        with pytest.raises(StoreError):
            merge(str(other), str(tmp_path / "made" / "new.db" if other.name != "own.db" else own))
    with pytest.raises(NoResultsError):
        merge(str(tmp_path / "none.db"), str(tmp_path / "new.db"))
    assert file_states(tmp_path) == before


def test_a_damaged_other_is_named(tmp_path: Path):
    """And not the database that it would have come into."""
    own, other = tmp_path / "own.db", tmp_path / "other.db"
    Store.open(str(own), create=True).close()
    with Store.open(str(other), create=True) as store:
        store.register("width", "?", {}, CANDIDATES, [trial(0, seed) for seed in range(500)])
    with closing(sqlite3.connect(other)) as connection:
        query = "SELECT rootpage, page_size FROM sqlite_master, pragma_page_size WHERE name = 'se_bench_trials'"
        page, size = connection.execute(query).fetchone()
    with other.open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(b"\xff" * size)
    with pytest.raises(StoreError, match="malformed") as caught:
        merge(str(other), str(own))
    assert str(caught.value.file).endswith("other.db")
    with Store.open(str(own)) as store:
        assert store.studies() == []


state = st.sampled_from(["absent", "planned", "running", "failed", "diverged", "completed"])
places = st.lists(state, min_size=6, max_size=6)
plans = st.lists(st.tuples(st.sampled_from(["width", "depth"]), st.sets(st.integers(0, 5))), max_size=3)


def fill(url: str, name: str, states: list[str], planned: list[tuple[str, set[int]]]) -> None:
    """Six trials of three architectures in any state; their numbers follow from the trial alone."""
    all_trials = [trial(number, seed) for number in range(3) for seed in range(2)]
    with Store.open(url, create=True) as store:
        store.begin(run(name))
        for own, how in zip(all_trials, states, strict=True):
            if how == "absent":
                continue
            store.register(f"of {own.trial_id}", "?", {}, [candidate(int(own.architecture_id[-1]))], [own])
            if how != "planned":
                store.keep_all([started(own, name), epoch(own, 1, train_loss=float("nan"))])
            if how in ("failed", "diverged", "completed"):
                # a trial diverges always or never
                status = Status.FAILED if how == "failed" else Status.DIVERGED if own.seed else Status.COMPLETED
                store.keep(ended(own, status, error=name if how == "failed" else "nan"))
        for study, chosen in planned:
            used = [all_trials[index] for index in sorted(chosen)]
            numbers = sorted({int(each.architecture_id[-1]) for each in used})
            store.register(study, f"{name}?", {"by": name}, [candidate(number) for number in numbers], used)


def settled(url: str) -> dict[str, list[tuple[Any, ...]]]:
    """All that two databases can share: the state of an unfinished trial is each one's own, as is when one moved."""
    found = rows(url)
    status, moved = (list(TrialRow.__table__.c.keys()).index(name) for name in ("status", "updated_at"))
    done = [row for row in found["se_bench_trials"] if row[status].settled]
    ids = {row[0] for row in done}
    trials = [(row[:moved] + row[moved + 1 :]) if row[0] in ids else row[:status] for row in found["se_bench_trials"]]
    return {
        **found,
        "se_bench_trials": trials,
        "se_bench_epochs": [row for row in found["se_bench_epochs"] if row[0] in ids],
    }


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(one=places, other=places, one_plans=plans, other_plans=plans)
def test_merged_both_ways_two_databases_hold_the_same(
    tmp_path_factory: pytest.TempPathFactory, one: list[str], other: list[str], one_plans: Any, other_plans: Any
):
    folder = tmp_path_factory.mktemp("both")
    a, b = str(folder / "a.db"), str(folder / "b.db")
    fill(a, "run-a", one, one_plans)
    fill(b, "run-b", other, other_plans)
    before = settled(a), settled(b)
    first, second = merge(b, a), merge(a, b)
    in_both = sum(
        {x, y} <= {"diverged", "completed"} for x, y in zip(one, other, strict=True)
    )  # both settled: who trained it and when is each one's own, the numbers are equal
    assert (first.conflicts, second.conflicts, first.equal) == ((), (), in_both)
    if not in_both:
        assert repr(settled(a)) == repr(settled(b))
    else:
        assert settled(a).keys() == settled(b).keys()
        for name in ("se_bench_studies", "se_bench_runs", "se_bench_candidates", "se_bench_study_trials"):
            assert settled(a)[name] == settled(b)[name]
        assert repr(settled(a)["se_bench_epochs"]) == repr(settled(b)["se_bench_epochs"])
    for name in ("se_bench_runs", "se_bench_epochs", "se_bench_architectures"):
        kept = [repr(row) for row in settled(a)[name]]
        assert all(repr(row) in kept for each in before for row in each[name])
    states = repr(rows(a)), repr(rows(b))
    merge(b, a)
    merge(a, b)
    assert (repr(rows(a)), repr(rows(b))) == states


def test_a_trial_there_by_another_run_of_the_same_name(tmp_path: Path):
    """A copy of a database, trained on in both places: the run is one, and stays as it is here."""
    a, b = str(tmp_path / "a.db"), str(tmp_path / "b.db")
    for url, command in ((a, "here"), (b, "there")):
        with Store.open(url, create=True) as store:
            store.register("width", "?", {}, CANDIDATES, TRIALS)
            store.begin(replace(run(), command=command, started_at=at(1)))
            finish(store, FIRST if command == "here" else SECOND)
    merge(b, a)
    with Store.open(a) as store:
        assert [each.command for each in store.records(TRIALS, []).runs] == ["here"]
        assert store.studies()[0].counts == {Status.COMPLETED: 2, Status.PLANNED: 2}
