"""Whether anything was committed to a database since the last look, for the price of a millisecond."""

from __future__ import annotations

import threading

from sqlalchemy import Engine, text


class Pulse:
    """The same answer twice means that no transaction was committed in between; another may mean nothing.

    SQLite counts the commits of others for a connection, so one is kept for it. PostgreSQL names the transactions
    that a snapshot sees. Take it before reading: what is committed meanwhile then changes the next one.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._lock = threading.Lock()
        self._own = engine.raw_connection() if engine.dialect.name == "sqlite" else None

    def take(self) -> str:
        """The pulse now."""
        if self._own is None:
            with self._engine.connect() as connection:
                return str(connection.scalar(text("SELECT CAST(pg_current_snapshot() AS text)")))
        with self._lock:
            cursor = self._own.cursor()
            try:
                return str(cursor.execute("PRAGMA data_version").fetchone()[0])
            finally:
                cursor.close()

    def close(self) -> None:
        """Give its connection back."""
        if self._own is not None:
            self._own.close()
