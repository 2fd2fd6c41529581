"""Opening a database, or saying in one message why it cannot be used.

SQLite works in WAL mode with ``synchronous=NORMAL``: a committed record survives the death of the process;
one committed in the last moments before a power failure may be lost, and is then trained again. Nothing is
written before the database is known to be ours and of our schema.
"""

from __future__ import annotations

import json
import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import (
    ArgumentError,
    DataError,
    DBAPIError,
    IntegrityError,
    NotSupportedError,
    ProgrammingError,
)

from se_bench.errors import NoResultsError, StoreError
from se_bench.store.migrations import Schema, migrate, schema, take_turns

BUSY_SECONDS = 60.0
"""How long a writer waits for its turn at a SQLite file."""

_OUR_FAULT = (IntegrityError, ProgrammingError, DataError, NotSupportedError)
_WRITE = {"se_bench_write": True}
_NO_RESULTS_HINT = "run `se-bench run STUDY` first, or name another database with --db"
_SPELLINGS = ("results/FILE.db", "sqlite:///results/FILE.db", "postgresql://USER@HOST/DATABASE")


def open_engine(
    url: str, *, create: bool = False, only_read: bool = False, busy_seconds: float = BUSY_SECONDS
) -> Engine:
    """An engine on the database at ``url``, whose schema is this package's.

    ``url`` is a SQLite file's path, ``sqlite:///path`` or ``postgresql://user@host/database``. With
    ``create``, a missing file, its folder and our tables are made; tables of others are left alone. Whoever will
    ``only_read`` cannot write, needs no right to, and does not even change a file's mode to WAL. Whoever waits for
    a SQLite file's lock gives up after ``busy_seconds``.

    Raises :class:`StoreError` where the database is missing, unwritable, unreachable, no database, or of a newer
    or older schema.
    """
    address = parse_url(url)
    engine = _engine(address, create=create, only_read=only_read, busy_seconds=busy_seconds)
    try:
        with translated(address, opening=True):
            with reading(engine) as connection:
                found = schema(connection)
            _refuse_other_schema(address, found)
            if found.revision is None and not create:
                raise NoResultsError("no se-bench results in it", file=shown(address), hint=_NO_RESULTS_HINT)
            if found.revision is None:
                _create_schema(engine)
            if _is_sqlite(address) and not only_read:
                _use_wal(engine)
    except BaseException:
        engine.dispose()
        raise
    return engine


def upgrade(url: str) -> tuple[str, str]:
    """Bring the schema of the database at ``url`` up to date, all steps or none: (revision before, after).

    Raises :class:`StoreError` as :func:`open_engine` does, but for an older schema.
    """
    address = parse_url(url)
    engine = _engine(address, create=False)
    try:
        with translated(address, opening=True):
            with reading(engine) as connection:  # a newer database is not even locked
                found = schema(connection)
            if found.revision is None:
                raise NoResultsError("no se-bench results in it", file=shown(address), hint=_NO_RESULTS_HINT)
            _refuse_other_schema(address, found, older=False)
            if found.is_older:
                with writing(engine) as connection:
                    take_turns(connection)
                    migrate(connection)
            return found.revision, found.head
    finally:
        engine.dispose()


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A connection on which all queries see one moment of the database."""
    # SQLite's transactions always do
    options = {"isolation_level": "REPEATABLE READ"} if engine.dialect.name == "postgresql" else {}
    with engine.connect().execution_options(**options) as connection:
        yield connection


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A connection in a transaction that is committed at the end, or rolled back by an exception.

    SQLite's write lock is taken at once: a transaction that reads first and locks later fails, without
    waiting, when another process has written in between.
    """
    with engine.connect().execution_options(**_WRITE) as connection, connection.begin():
        yield connection


@contextmanager
def translated(address: URL, *, opening: bool = False) -> Iterator[None]:
    """Turn what a driver says of the machine (locked, full) into a :class:`StoreError`, without password.

    What is a fault of ours (a broken constraint, wrong SQL) passes, except while ``opening``: there it means
    missing rights or a database that is not what it seems.
    """
    try:
        yield
    except DBAPIError as error:
        if isinstance(error, _OUR_FAULT) and not opening:
            raise
        said = " ".join(str(error.orig).split())
        for secret in _secrets(address):
            said = said.replace(secret, "***")
        verb = "opened" if opening else "used"
        raise StoreError(f"cannot be {verb}: {said}", file=shown(address), hint=_hint(address, said)) from error


def parse_url(url: str) -> URL:
    """The address that a user's ``url`` or path means. Raises :class:`StoreError`, without password."""
    if "://" not in url:
        if not url.strip():
            raise StoreError("no database is named", allowed=_SPELLINGS)
        return URL.create("sqlite", database=str(Path(url).expanduser()))
    try:
        address = make_url(url)
    except (ArgumentError, ValueError):
        raise StoreError("the database URL cannot be read", allowed=_SPELLINGS) from None
    backend, _, driver = address.drivername.partition("+")
    if backend == "sqlite" and driver in ("", "pysqlite"):
        if address.database in (None, "", ":memory:") or address.query:
            raise StoreError("a SQLite database is a file, without options", allowed=_SPELLINGS)
        return URL.create("sqlite", database=str(Path(str(address.database)).expanduser()))
    if backend in ("postgresql", "postgres") and driver in ("", "psycopg"):
        return address.set(drivername="postgresql+psycopg")
    raise StoreError(f"no database of kind {address.drivername!r}", allowed=_SPELLINGS)


def shown(address: URL) -> str:
    """The address for messages: a file's path, or a server's without password and options."""
    if _is_sqlite(address):
        return str(address.database)
    bare = URL.create(
        "postgresql",
        username=address.username,
        host=address.host,
        port=address.port,
        database=address.database,
    )
    return bare.render_as_string()


def _engine(address: URL, *, create: bool, only_read: bool = False, busy_seconds: float = BUSY_SECONDS) -> Engine:
    options: dict[str, Any] = {
        "json_serializer": json.JSONEncoder(allow_nan=False).encode,  # PostgreSQL refuses NaN in JSON: so does SQLite
        "hide_parameters": True,
    }
    if _is_sqlite(address):
        path = Path(str(address.database))
        _check_file(path, create=create, only_read=only_read)
        if only_read:
            options["creator"] = partial(_connect_to_read, path)
        engine = create_engine(address, connect_args={"timeout": busy_seconds}, **options)
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    if only_read:
        options["execution_options"] = {"postgresql_readonly": True}
    try:
        return create_engine(address, pool_pre_ping=True, **options)
    except ImportError as error:
        raise StoreError(
            "PostgreSQL needs the driver psycopg, which is not installed",
            file=shown(address),
            hint="pip install 'se-bench[postgresql]'",
        ) from error


def _connect_to_read(path: Path) -> sqlite3.Connection:
    """A connection that changes nothing, whether or not its owner may.

    Beside the file SQLite keeps notes for readers and writers. Who may write tidies them up at the end; where the
    folder cannot be written and there are none, the file is read as one that nobody changes.
    """
    mode = "rw"
    if not (_may(os.W_OK, path) and _may(os.W_OK, path.parent)):
        has_notes = path.with_name(path.name + "-wal").exists()
        mode = "ro" if has_notes or _may(os.W_OK, path.parent) else "ro&immutable=1"
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode={mode}", uri=True, timeout=BUSY_SECONDS, check_same_thread=False
    )
    connection.execute("PRAGMA query_only = ON")
    return connection


def _may(right: int, path: Path) -> bool:
    return os.access(path, right, effective_ids=os.access in os.supports_effective_ids)


def _check_file(path: Path, *, create: bool, only_read: bool = False) -> None:
    """Refuse what SQLite would misread, or would make without being asked to."""
    try:
        if create:
            path.parent.mkdir(parents=True, exist_ok=True)
        if path.is_dir():
            raise StoreError("it is a folder, not a database", file=path)
        exists = path.exists()
        if not exists and not create:
            raise NoResultsError("there is no such database", file=path, hint=_NO_RESULTS_HINT)
        start = b""
        if exists:
            with path.open("rb") as file:
                start = file.read(16)
        if start and start != b"SQLite format 3\0":
            raise StoreError("it is not a SQLite database", file=path, hint="name another with --db")
    except OSError as error:
        raise StoreError(f"cannot be opened: {error.strerror}", file=path, hint="name another with --db") from error
    for kind, place in (("folder", path.parent), ("file", path))[: 2 if exists else 1]:
        if not only_read and not _may(os.W_OK, place):
            raise StoreError(
                f"the {kind} {place} cannot be written",
                file=path,
                hint="give yourself the right to write it, or name another database with --db",
            )


def _prepare_sqlite(connection: sqlite3.Connection, _record: Any) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves: sqlite3 would not before reading or DDL
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA synchronous = NORMAL")


def _begin_sqlite(connection: Connection) -> None:
    will_write = "se_bench_write" in connection.get_execution_options()
    connection.exec_driver_sql("BEGIN IMMEDIATE" if will_write else "BEGIN")


def _use_wal(engine: Engine) -> None:
    """Readers beside a writer. The mode stays with the file; changing it needs a moment alone with it."""
    deadline = time.monotonic() + BUSY_SECONDS
    raw = engine.raw_connection()
    try:
        cursor = raw.cursor()
        while True:
            if cursor.execute("PRAGMA journal_mode").fetchone() == ("wal",):
                return
            try:
                cursor.execute("PRAGMA journal_mode = WAL").fetchone()
            except sqlite3.OperationalError:  # SQLite does not wait by itself here
                if time.monotonic() > deadline:
                    return  # the older mode is as safe; its readers and writers wait for each other
                time.sleep(0.01)
            else:
                return
    finally:
        raw.close()


def _create_schema(engine: Engine) -> None:
    with writing(engine) as connection:
        take_turns(connection)
        migrate(connection)


def _refuse_other_schema(address: URL, found: Schema, *, older: bool = True) -> None:
    if found.is_newer:
        raise StoreError(
            f"its schema {found.revision!r} is newer than this se-bench knows ({found.head!r}), so nothing was written",
            file=shown(address),
            hint="upgrade se-bench: `pip install --upgrade se-bench`",
        )
    if found.is_older and older:
        raise StoreError(
            f"its schema {found.revision!r} is older than this se-bench's ({found.head!r})",
            file=shown(address),
            hint="se-bench db upgrade",
        )


def _hint(address: URL, said: str) -> str | None:
    if "locked" in said:
        return "another program holds the database; end it, or wait and repeat the command"
    if "does not exist" in said and not _is_sqlite(address):
        return f"createdb {address.database}"
    return None


def _secrets(address: URL) -> list[str]:
    options = address.query.get("password", ())
    given = [str(address.password or ""), *([options] if isinstance(options, str) else options)]
    return [secret for secret in given if secret]


def _is_sqlite(address: URL) -> bool:
    return address.get_backend_name() == "sqlite"
