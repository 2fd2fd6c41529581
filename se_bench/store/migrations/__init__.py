"""The schema's history, and the steps from one revision to the next.

Our revision stands in a table of our own, ``se_bench_schema``: Optuna and MLflow both keep theirs in
Alembic's default ``alembic_version``, and a database may be shared with them.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

VERSION_TABLE = "se_bench_schema"
SCRIPTS = Path(__file__).resolve().parent
"""Beside this file, in a checkout as in an installed wheel."""

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
    context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
    scripts = ScriptDirectory.from_config(_config(connection))
    head = scripts.get_current_head()
    assert head is not None, "the package has lost its migrations"
    known = frozenset(script.revision for script in scripts.walk_revisions())
    return Schema(context.get_current_revision(), head, known)


def migrate(connection: Connection) -> None:
    """Run every migration that is missing, within the caller's open transaction: all of them or none."""
    command.upgrade(_config(connection), "head")


def take_turns(connection: Connection) -> None:
    """Let one process migrate at a time, until the transaction ends. SQLite's write lock does that anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config
