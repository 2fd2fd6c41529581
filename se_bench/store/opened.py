"""What every way of looking at a database shares: an engine that is given back at the end, and transactions."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Self

from sqlalchemy import Connection, Engine

from se_bench.store import database


class Opened:
    """An open database; what goes wrong with it is a :class:`StoreError`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def close(self) -> None:
        """Give back every connection. Nothing is pending: what was kept is kept."""
        self._engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __str__(self) -> str:
        return database.shown(self._engine.url)

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with database.translated(self._engine.url), database.reading(self._engine) as connection:
            yield connection
