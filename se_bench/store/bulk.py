"""Many rows in few statements, in the SQL that SQLite and PostgreSQL share."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from operator import itemgetter
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import InstrumentedAttribute

from se_bench.store.tables import Base

_ROWS_AT_ONCE = 10_000
"""Rows that are made ready for the driver together: a million need not be in memory twice."""
_PER_STATEMENT = 900
"""Below the 999 parameters that SQLite was built with before 3.32, and far below PostgreSQL's 65,535."""


def upsert(
    connection: Connection,
    model: type[Base],
    rows: Sequence[Mapping[str, Any]],
    *,
    update: Iterable[str] = (),
) -> None:
    """Insert ``rows``; where a primary key is taken, set the columns ``update``, or leave the row as it is.

    Rows are written in the order of their keys: two drivers that write the same rows then wait for each other
    instead of each holding what the other needs.
    """
    if not rows:
        return
    table = model.__table__
    assert isinstance(table, Table)
    keys = [column.name for column in table.primary_key]
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    statement = insert(table)
    changes = {name: statement.excluded[name] for name in update}
    if changes:
        statement = statement.on_conflict_do_update(index_elements=keys, set_=changes)
    else:
        statement = statement.on_conflict_do_nothing(index_elements=keys)
    ordered = sorted(rows, key=itemgetter(*keys))
    for start in range(0, len(ordered), _ROWS_AT_ONCE):
        connection.execute(statement, ordered[start : start + _ROWS_AT_ONCE])


def select_in(
    connection: Connection,
    statement: Select[*tuple[Any, ...]],
    column: InstrumentedAttribute[str] | ColumnElement[str],
    values: Iterable[str],
) -> Iterator[Any]:
    """The rows of ``statement`` whose ``column`` is one of ``values``, however many; hundreds a query."""
    wanted = list(dict.fromkeys(values))
    for start in range(0, len(wanted), _PER_STATEMENT):
        chunk = wanted[start : start + _PER_STATEMENT]
        yield from connection.execute(statement.where(column.in_(chunk)))
