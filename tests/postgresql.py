"""A real PostgreSQL server for the session, with an empty database for each test, and one that a test may stop."""

from __future__ import annotations

import importlib.util
import itertools
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

import pytest

_numbers = itertools.count(1)


def _postgresql_binaries() -> Path | None:
    """Debian keeps ``initdb`` off the PATH; others have it beside ``pg_ctl``."""
    folders = []
    if pg_ctl := shutil.which("pg_ctl"):
        folders.append(Path(pg_ctl).resolve().parent)
    if pg_config := shutil.which("pg_config"):
        said = subprocess.run([pg_config, "--bindir"], capture_output=True, text=True, check=False).stdout
        folders.append(Path(said.strip() or "/nowhere"))
    versions = Path("/usr/lib/postgresql").glob("*/bin")
    folders += sorted(versions, key=lambda each: float(each.parent.name), reverse=True)
    complete = (each for each in folders if (each / "initdb").is_file() and (each / "pg_ctl").is_file())
    return next(complete, None)


def _missing(reason: str) -> NoReturn:
    """Skip; but in CI the server must be there."""
    if os.environ.get("CI"):
        pytest.fail(f"CI must test PostgreSQL: {reason}")
    pytest.skip(reason)


class Server:
    """A PostgreSQL server of our own, in a folder of its own."""

    def __init__(self) -> None:
        if importlib.util.find_spec("psycopg") is None:
            _missing("psycopg is not installed: pip install 'se-bench[postgresql]'")
        binaries = _postgresql_binaries()
        if binaries is None:
            _missing("no PostgreSQL server binaries (initdb, pg_ctl) on this machine")
        self._binaries = binaries
        self._as_owner: list[str] = []
        self.folder = Path(tempfile.mkdtemp(prefix="se-bench-pg-"))
        if os.geteuid() == 0:
            try:
                shutil.chown(self.folder, "postgres", "postgres")
            except LookupError:
                self.folder.rmdir()
                _missing("running as root, and there is no user postgres to run a PostgreSQL server")
            self._as_owner = ["runuser", "-u", "postgres", "--"]
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self._port = probe.getsockname()[1]
        made = self._call("initdb", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync", "--locale=C")
        assert made == 0, f"initdb failed in {self.folder}"

    def url(self, database: str = "") -> str:
        return f"postgresql://postgres@127.0.0.1:{self._port}/{database}".rstrip("/")

    def start(self) -> None:
        log = self.folder / "log"
        options = f"-p {self._port} -k {self.folder} -c listen_addresses=127.0.0.1 -c fsync=off -c max_connections=40"
        assert self._call("pg_ctl", "-w", "-l", str(log), "-o", options, "start") == 0, log.read_text()

    def stop(self) -> None:
        self._call("pg_ctl", "-w", "-m", "immediate", "stop")

    def _call(self, program: str, *arguments: str) -> int:
        command = [*self._as_owner, str(self._binaries / program), "-D", str(self.folder / "data"), *arguments]
        return subprocess.run(
            command, cwd=self.folder, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT, check=False
        ).returncode


@contextmanager
def _server() -> Iterator[Server]:
    server = Server()
    try:
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(server.folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """The URL of a server of our own, without a database's name."""
    with _server() as server:
        yield server.url()


@pytest.fixture
def own_postgresql() -> Iterator[Server]:
    """A server for one test, which may stop it."""
    with _server() as server:
        yield server


@pytest.fixture
def postgresql_url(postgresql_server: str) -> Iterator[str]:
    """The URL of an empty database on the server."""
    import psycopg

    name = f"results_{next(_numbers)}"
    with psycopg.connect(f"{postgresql_server}/postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        yield f"{postgresql_server}/{name}"
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
