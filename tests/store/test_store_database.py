"""Opening a database: what is accepted, and how the rest is refused without touching it."""

from __future__ import annotations

import logging
import os
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import inspect, text
from sqlalchemy.exc import OperationalError
from store_examples import candidate, file_states, finish, run, trial

import se_bench
from se_bench.errors import StoreError
from se_bench.records import Status
from se_bench.store.database import open_engine, parse_url
from se_bench.store.repository import Store

FOREIGN = ("studies", "trials", "runs", "alembic_version")  # Optuna's and MLflow's


def refusal(url: str, *, create: bool = False) -> StoreError:
    with pytest.raises(StoreError) as caught:
        Store.open(url, create=create)
    return caught.value


@contextmanager
def as_nobody() -> Iterator[None]:
    """Without root's right to write everywhere."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.mark.parametrize("spelling", ["{}/a/b/x.db", "sqlite:///{}/a/b/x.db", "sqlite+pysqlite:///{}/a/b/x.db"])
def test_a_file_is_made_with_its_folder(tmp_path: Path, spelling: str):
    with Store.open(spelling.format(tmp_path), create=True) as store:
        assert str(store) == str(tmp_path / "a/b/x.db")
        assert store.studies() == []
    with closing(sqlite3.connect(tmp_path / "a/b/x.db")) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_a_relative_path_and_the_home_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    Store.open("here/x.db", create=True).close()
    Store.open("~/x.db", create=True).close()
    assert (tmp_path / "here/x.db").is_file()
    assert (tmp_path / "home/x.db").is_file()


def test_every_connection_is_set_up(tmp_path: Path):
    engine = open_engine(str(tmp_path / "x.db"), create=True)
    with engine.connect() as one, engine.connect() as two:
        for connection in (one, two):
            found = {
                name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
                for name in ("foreign_keys", "synchronous", "busy_timeout", "journal_mode")
            }
            assert found == {
                "foreign_keys": 1,
                "synchronous": 1,
                "busy_timeout": 60_000,
                "journal_mode": "wal",
            }
    engine.dispose()


def test_what_is_not_there_is_not_made(tmp_path: Path):
    error = refusal(str(tmp_path / "results" / "x.db"))
    assert "there is no such database" in str(error)
    assert str(tmp_path / "results" / "x.db") in str(error)
    assert "se-bench run STUDY" in str(error)
    assert "--db" in str(error)
    assert list(tmp_path.iterdir()) == []


def test_a_database_without_results_is_left_alone(tmp_path: Path):
    path = tmp_path / "x.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE mine (a)")
    before = file_states(tmp_path)
    assert "no se-bench results" in str(refusal(str(path)))
    path_of_nothing = tmp_path / "empty.db"
    path_of_nothing.touch()
    assert "no se-bench results" in str(refusal(str(path_of_nothing)))
    assert file_states(tmp_path) == {**before, str(path_of_nothing): b""}


def test_an_empty_server_database_is_left_alone(postgresql_url: str):
    assert "no se-bench results" in str(refusal(postgresql_url))
    engine = open_engine(postgresql_url, create=True)
    assert "se_bench_schema" in inspect(engine).get_table_names()
    engine.dispose()


@pytest.mark.parametrize("create", [True, False])
@pytest.mark.parametrize("content", [b"epoch,loss\n1,0.5\n", b"x", b"SQLite format 3\n" * 9])
def test_a_file_that_is_no_database_stays_as_it_is(tmp_path: Path, content: bytes, create: bool):
    path = tmp_path / "results.csv"
    path.write_bytes(content)
    error = refusal(str(path), create=create)
    assert "not a SQLite database" in str(error)
    assert str(path) in str(error)
    assert file_states(tmp_path) == {str(path): content}


def test_a_damaged_database_is_one_message(tmp_path: Path):
    path = tmp_path / "x.db"
    path.write_bytes(b"SQLite format 3\0" + b"\xff" * 5000)
    before = file_states(tmp_path)
    assert "file is not a database" in str(refusal(str(path), create=True))
    assert file_states(tmp_path) == before


@pytest.mark.parametrize("create", [True, False])
def test_a_folder_is_no_database(tmp_path: Path, create: bool):
    assert "it is a folder" in str(refusal(str(tmp_path), create=create))


def test_a_path_below_a_file(tmp_path: Path):
    (tmp_path / "file").write_text("mine")
    error = refusal(str(tmp_path / "file" / "sub" / "x.db"), create=True)
    assert str(tmp_path / "file" / "sub" / "x.db") in str(error)
    assert "cannot be opened" in str(error)
    assert (tmp_path / "file").read_text() == "mine"


@pytest.fixture
def nobodys_folder() -> Iterator[Path]:
    """A folder that nobody may enter; pytest's own are below one of root's alone."""
    folder = Path(tempfile.mkdtemp(prefix="se-bench-"))
    folder.chmod(0o777)
    yield folder
    folder.chmod(0o700)
    shutil.rmtree(folder)


def test_a_folder_that_cannot_be_written(nobodys_folder: Path):
    nobodys_folder.chmod(0o555)
    with as_nobody():
        error = refusal(str(nobodys_folder / "x.db"), create=True)
        below = refusal(str(nobodys_folder / "sub" / "x.db"), create=True)
    assert f"the folder {nobodys_folder} cannot be written" in str(error)
    assert f"{nobodys_folder}/sub/x.db: cannot be opened: Permission denied" in str(below)
    assert list(nobodys_folder.iterdir()) == []


def test_a_file_that_cannot_be_written(nobodys_folder: Path):
    path = nobodys_folder / "x.db"
    Store.open(str(path), create=True).close()
    path.chmod(0o444)
    with as_nobody():
        assert f"the file {path} cannot be written" in str(refusal(str(path)))


@pytest.mark.parametrize("journal", ["wal", "delete"])
def test_who_only_reads_needs_no_right_to_write(nobodys_folder: Path, journal: str):
    path = nobodys_folder / "it's 100% x?y#z.db"
    Store.open(str(path), create=True).close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA journal_mode = {journal}")
    path.chmod(0o444)
    nobodys_folder.chmod(0o555)
    with as_nobody():
        engine = open_engine(str(path), only_read=True)
        with engine.connect() as connection:
            assert connection.exec_driver_sql("SELECT count(*) FROM se_bench_studies").scalar() == 0
            with pytest.raises(OperationalError, match="readonly"):
                connection.exec_driver_sql("DELETE FROM se_bench_studies")
        engine.dispose()
    assert [each.name for each in nobodys_folder.iterdir()] == [path.name]


def test_a_folder_that_cannot_be_entered(nobodys_folder: Path):
    nobodys_folder.chmod(0)
    with as_nobody():
        assert "Permission denied" in str(refusal(str(nobodys_folder / "x.db")))


def test_tables_of_others_are_untouched(url: str):
    """Optuna and MLflow have tables of the plain names, and both have Alembic's default one."""
    address = parse_url(url)
    if address.get_backend_name() == "sqlite":
        Path(str(address.database)).parent.mkdir()
    from sqlalchemy import create_engine

    engine = create_engine(address)
    with engine.begin() as connection:
        for name in FOREIGN:
            connection.execute(text(f"CREATE TABLE {name} (version_num VARCHAR(9) NOT NULL)"))
            connection.execute(text(f"INSERT INTO {name} VALUES ('v3.0.0.d')"))
    with Store.open(url, create=True) as store:
        store.register("width", "?", {}, [candidate(0)], [trial(0)])
        store.begin(run())
        finish(store, trial(0))
    with Store.open(url) as store:
        assert store.studies()[0].counts == {Status.COMPLETED: 1}
    with engine.connect() as connection:
        for name in FOREIGN:
            assert connection.execute(text(f"SELECT * FROM {name}")).all() == [("v3.0.0.d",)]
        ours = set(inspect(connection).get_table_names()) - set(FOREIGN)
    assert {name[:9] for name in ours} == {"se_bench_"}
    engine.dispose()


@pytest.mark.parametrize(
    "url",
    [
        "",
        "  ",
        "mysql://a:hunter2@b/c",
        "sqlite://",
        "sqlite:///:memory:",
        "sqlite:///x.db?mode=ro",
        "://hunter2",
    ],
)
def test_other_addresses_are_refused_with_what_is_allowed(url: str):
    error = refusal(url, create=True)
    assert "postgresql://USER@HOST/DATABASE" in error.allowed
    assert "hunter2" not in str(error)


def test_a_password_is_never_shown():
    with socket.socket() as closed_port:  # bound and not listening: refused at once
        closed_port.bind(("127.0.0.1", 0))
        place = f"127.0.0.1:{closed_port.getsockname()[1]}/results"
        for url in (
            f"postgresql://me:hunter2@{place}",
            f"postgres://me:hunter2@{place}",
            f"postgresql://me@{place}?password=hunter2",
            "postgresql://me:hunter2@/results?host=/nowhere/hunter2",  # the driver's message quotes it
            f"postgresql://me:hunter2@{place}?no_such_option=hunter2",
            f"postgresql://me:hunter2@127.0.0.1:port/results",  # noqa: F541
            "postgresql+psycopg2://me:hunter2@host/results",
        ):
            pytest.importorskip("psycopg")
            assert "hunter2" not in str(refusal(url, create=True))
        assert f"postgresql://me@{place}: cannot be opened" in str(refusal(f"postgresql://me:hunter2@{place}"))


def test_a_missing_server_database_is_named(postgresql_server: str):
    error = refusal(f"{postgresql_server}/nowhere", create=True)
    assert 'database "nowhere" does not exist' in str(error)
    assert error.hint == "createdb nowhere"


def test_a_missing_driver_is_named_with_its_extra(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "psycopg", None)  # what Python does for a module that is not there
    error = refusal("postgresql://me:hunter2@host/results")
    assert error.hint == "pip install 'se-bench[postgresql]'"
    assert "hunter2" not in str(error)


def test_a_lost_database_is_one_message(tmp_path: Path):
    with Store.open(str(tmp_path / "x.db"), create=True) as store:
        with closing(sqlite3.connect(tmp_path / "x.db")) as vandal:
            vandal.execute("DROP TABLE se_bench_epochs")
            vandal.commit()
        with pytest.raises(StoreError, match=r"x\.db: cannot be used: no such table: se_bench_epochs"):
            store.records([trial(0)], [])


def test_opening_is_silent_and_leaves_logging_alone(url: str, capfd: pytest.CaptureFixture[str]):
    mine = logging.getLogger("some.library")
    root = logging.getLogger()
    before = (root.level, list(root.handlers), mine.disabled, mine.level)
    Store.open(url, create=True).close()
    assert (root.level, list(root.handlers), mine.disabled, mine.level) == before
    assert capfd.readouterr() == ("", "")


def test_an_installed_package_brings_its_migrations(tmp_path: Path):
    """A copy of the package alone, below a folder that Alembic's configuration could misread."""
    site = tmp_path / "100%(here)s, site"
    shutil.copytree(Path(se_bench.__file__).parent, site / "se_bench", ignore=shutil.ignore_patterns("__pycache__"))
    code = (
        "import sys, se_bench.store.repository as r; assert sys.argv[1] in r.__file__, r.__file__; "
        "r.Store.open('x.db', create=True).close(); r.Store.open('x.db').close()"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code, str(site)],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(site)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout, done.stderr, done.returncode) == ("", "", 0)
