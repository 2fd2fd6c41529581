"""The schema's history, and the steps from one revision to the next.

Our revision stands in a table of our own, ``se_bench_schema``: Optuna and MLflow both keep theirs in
Alembic's default ``alembic_version``, and a database may be shared with them.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text

if TYPE_CHECKING:
    from alembic.config import Config

VERSION_TABLE = "se_bench_schema"
SCRIPTS = Path(__file__).resolve().parent
"""Beside this file, in a checkout as in an installed wheel. A step's file begins with its revision: 0001, 0002, ..."""

_ADVISORY_LOCK = 0x5EBE_5C4E  # any number, as long as every se-bench takes the same


@dataclass(frozen=True)
class Schema:
    """Where a database's schema stands against this package's."""

    revision: str | None
    """The database's; None where there is none of ours."""
    head: str
    """This package's."""
    known: frozenset[str]
    """Every revision up to ``head``."""

    @property
    def is_newer(self) -> bool:
        """Whether a later se-bench wrote it: this one cannot know what its columns mean."""
        return self.revision is not None and self.revision not in self.known

    @property
    def is_older(self) -> bool:
        """Whether it can be brought up to date."""
        return self.revision is not None and self.revision in self.known and self.revision != self.head


def schema(connection: Connection) -> Schema:
    """Where the database behind ``connection`` stands. Only reads."""
    known = sorted(path.name.partition("_")[0] for path in (SCRIPTS / "versions").glob("[0-9]*.py"))
    has_one = inspect(connection).has_table(VERSION_TABLE)
    revision = connection.scalar(text(f"SELECT version_num FROM {VERSION_TABLE}")) if has_one else None
    return Schema(revision, known[-1], frozenset(known))


def migrate(connection: Connection) -> None:
    """Run every migration that is missing, within the caller's open transaction: all of them or none."""
    from alembic import command  # noqa: PLC0415 - a third of a second, which only a migration is worth

    command.upgrade(_config(connection), "head")


def take_turns(connection: Connection) -> None:
    """Let one process migrate at a time, until the transaction ends. SQLite's write lock does that anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})


def _config(connection: Connection) -> Config:
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config
