"""A driver's hold on its database through outages: a file locked by another tool, a full one, a stopped server."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from store_examples import candidate, ended, epoch, run, started, trial

from se_bench.records import Record, Status
from se_bench.store.keeper import Keeper
from se_bench.store.repository import Store

ALL = [started(trial(0)), epoch(trial(0), 1), epoch(trial(0), 2), ended(trial(0))]


def planned(store: Store) -> None:
    store.register("width", "?", {}, [candidate(0)], [trial(0)])
    store.begin(run())


@contextmanager
def keeper(store: Store, notices: list[str], **changes: object) -> Iterator[Keeper]:
    values = {"holder": "me", "is_gone": lambda _: False, "notice": notices.append, **changes}
    with Keeper(store, **values) as opened:  # type: ignore[arg-type]
        yield opened


def kept(store: Store) -> tuple[Status, int]:
    (result,) = store.records([trial(0)], []).trials
    return result.status, result.epochs


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "results.db"


@pytest.fixture
def impatient(file: Path) -> Iterator[Store]:
    """A store that does not wait for a lock."""
    with Store.open(str(file), create=True, busy_seconds=0.0) as opened:
        planned(opened)
        yield opened


def test_records_are_committed_as_they_come(store: Store):
    planned(store)
    notices: list[str] = []
    with keeper(store, notices) as own:
        assert own.claim(trial(0).trial_id)
        for number, record in enumerate(ALL):
            assert own.keep(record) == [record]
            assert kept(store)[1] == min(number, 2)
        assert own.drain() == []
    assert kept(store) == (Status.COMPLETED, 2)
    assert notices == []


def test_a_locked_file_holds_records_until_it_is_free(impatient: Store, file: Path):
    notices: list[str] = []
    with keeper(impatient, notices) as own, closing(sqlite3.connect(file, isolation_level=None)) as other:
        assert own.claim(trial(0).trial_id)
        other.execute("BEGIN IMMEDIATE")
        assert [own.keep(record) for record in ALL] == [[]] * 4
        assert (own.held, kept(impatient)) == (4, (Status.PLANNED, 0))
        assert len(notices) == 1
        assert "database is locked" in notices[0]
        assert notices[0].endswith("Training goes on; records are held until the database is back.")
        other.execute("ROLLBACK")
        assert own.drain() == ALL
    assert kept(impatient) == (Status.COMPLETED, 2)
    assert len(notices) == 2
    assert "4 held records are written" in notices[1]


def test_a_full_file_holds_records_until_there_is_room(impatient: Store, file: Path):
    """As a full disk does, SQLite says SQLITE_FULL where its file may not grow."""
    notices: list[str] = []
    limit = 0

    def confine(connection: sqlite3.Connection, *_: object) -> None:
        connection.execute(f"PRAGMA max_page_count = {limit or 2**30}")

    with closing(sqlite3.connect(file)) as connection:
        limit = connection.execute("PRAGMA page_count").fetchone()[0]
    from sqlalchemy import event

    event.listen(impatient._engine, "checkout", confine)
    many = [started(trial(0)), *(epoch(trial(0), number) for number in range(1, 400)), ended(trial(0))]
    with keeper(impatient, notices) as own:
        written: list[Record] = []
        for record in many:
            written += own.keep(record)
        assert own.held > 0
        assert "full" in notices[0]
        limit = 0
        assert written + own.drain() == many
    assert kept(impatient) == (Status.COMPLETED, 399)


def test_whoever_is_interrupted_during_an_outage_tries_once_more(impatient: Store, file: Path):
    own = Keeper(impatient, holder="me", is_gone=lambda _: False, notice=lambda _: None)
    own.__enter__()
    own.claim(trial(0).trial_id)
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert own.keep(ALL[0]) == []
        assert not own.claim(trial(0).trial_id)
        assert own.elsewhere([trial(0).trial_id]) == {}
        other.execute("ROLLBACK")
    own.__exit__(KeyboardInterrupt, KeyboardInterrupt(), None)
    assert kept(impatient)[0] is Status.RUNNING


def test_a_heartbeat_keeps_the_lease_through_many_terms(store: Store, url: str):
    planned(store)
    term = timedelta(seconds=0.2)
    beats = threading.Semaphore(0)
    renew = store.renew

    def counted(**how: object) -> None:
        renew(**how)  # type: ignore[arg-type]
        beats.release()

    store.renew = counted  # type: ignore[method-assign]
    with Store.open(url) as other, keeper(store, [], term=term) as own:
        assert own.claim(trial(0).trial_id)
        for _ in range(12):  # three terms
            assert beats.acquire(timeout=30)
        assert other.claim([trial(0).trial_id], holder="b", term=term) == set()
    with Store.open(url) as other:
        assert other.claim([trial(0).trial_id], holder="b", term=term), "it is given back at the end"


def test_what_somebody_else_has_taken_over_is_lost(store: Store, url: str):
    planned(store)
    with Store.open(url) as other, keeper(store, []) as own:
        assert own.claim(trial(0).trial_id)
        own.keep(ALL[0])
        other.claim([trial(0).trial_id], holder="b", term=timedelta(hours=1), is_gone=lambda _: True)
        assert own.keep(ALL[1]) == []
        assert own.lost(trial(0).trial_id)
        assert not own.claim(trial(0).trial_id)
        other.begin(run("run-2"))
        for record in (started(trial(0), "run-2"), *ALL[1:]):
            other.keep(record)
        (known,) = own.elsewhere([trial(0).trial_id]).values()
        assert (known.result.status, len(known.epochs)) == (Status.COMPLETED, 2)


def test_a_stopped_server_holds_records_until_it_is_started(own_postgresql):
    server = own_postgresql
    notices: list[str] = []
    with Store.open(server.url("postgres"), create=True) as opened:
        planned(opened)
        with keeper(opened, notices) as own:
            assert own.claim(trial(0).trial_id)
            assert own.keep(ALL[0]) == ALL[:1]
            server.stop()
            assert [own.keep(record) for record in ALL[1:]] == [[]] * 3
            assert len(notices) == 1
            server.start()
            assert own.drain() == ALL[1:]
        assert kept(opened) == (Status.COMPLETED, 2)
    assert "The database is back" in notices[1]
