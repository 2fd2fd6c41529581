"""What a driver holds of the database while it trains: leases with a heartbeat, and records that wait for it.

Where the database is away (stopped, locked, full) records are held in memory and written when it is back, in
their order. Whatever the driver loses with its memory, the trials' checkpoints still have.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Collection, Mapping
from datetime import timedelta
from types import TracebackType
from typing import Self

from se_bench.errors import StoreError
from se_bench.records import KnownTrial, Record
from se_bench.store.repository import Store

TERM = timedelta(seconds=60)
"""How long a lease stands without a sign of life."""
HEARTBEATS = 4
"""Signs of life in a term."""
BUSY_SECONDS = 5.0
"""How long a driver waits for its turn at a SQLite file before it says that the database is away."""
RETRY_SECONDS = 2.0
"""Between two tries to reach a database that is away."""


class Keeper:
    """One driver's hold on a database. Records count only while the driver's leases do."""

    def __init__(
        self,
        store: Store,
        *,
        holder: str,
        is_gone: Callable[[str], bool],
        notice: Callable[[str], None],
        term: timedelta = TERM,
    ) -> None:
        """``notice`` is told in a sentence when the database goes away and when it is back."""
        self._store = store
        self._holder = holder
        self._is_gone = is_gone
        self._notice = notice
        self._term = term
        self._held: list[Record] = []
        self._lost: set[str] = set()
        self._away_since: float | None = None
        self._next_try = 0.0
        self._ends = threading.Event()
        self._heart = threading.Thread(target=self._beat, name="heartbeat", daemon=True)

    def __enter__(self) -> Self:
        self._heart.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ends.set()
        self._heart.join()
        if self._held:
            self._write()  # an interrupt: once more, without waiting
        with contextlib.suppress(StoreError):  # then the leases end with their term, or with this process
            self._store.release(holder=self._holder)

    def claim(self, trial_id: str) -> bool:
        """Lease a trial: False where another driver has it, it is settled, or the database is away."""
        try:
            granted = self._store.claim([trial_id], holder=self._holder, term=self._term, is_gone=self._is_gone)
        except StoreError as problem:
            self._is_away(problem)
            return False
        self._lost -= granted
        return bool(granted)

    def lost(self, trial_id: str) -> bool:
        """Whether a record of the trial came too late, because somebody else has taken it over."""
        return trial_id in self._lost

    def elsewhere(self, trial_ids: Collection[str]) -> Mapping[str, KnownTrial]:
        """Those of the trials that nobody trains and that are settled or have failed."""
        try:
            return self._store.outcomes(trial_ids)
        except StoreError as problem:
            self._is_away(problem)
            return {}

    def keep(self, record: Record) -> list[Record]:
        """Commit ``record``; returns what is committed now, earlier records that were held included."""
        self._held.append(record)
        if self._away_since is not None and time.monotonic() < self._next_try:
            return []
        return self._write()

    def drain(self) -> list[Record]:
        """Write what is held, however long the database stays away; returns what was written."""
        written: list[Record] = []
        while self._held:
            written += self._write()
            if self._held:
                time.sleep(max(0.0, self._next_try - time.monotonic()))
        return written

    @property
    def held(self) -> int:
        """Records that wait for the database."""
        return len(self._held)

    def _write(self) -> list[Record]:
        try:
            counted = self._store.keep_all(self._held)
        except StoreError as problem:
            self._is_away(problem)
            return []
        written, self._held = self._held, []
        if self._away_since is not None:
            away = time.monotonic() - self._away_since
            self._notice(f"The database is back after {away:.0f} s; {len(written)} held records are written.")
            self._away_since = None
        self._lost |= {record.trial_id for record, counts in zip(written, counted, strict=True) if not counts}
        return [record for record, counts in zip(written, counted, strict=True) if counts]

    def _is_away(self, problem: StoreError) -> None:
        self._next_try = time.monotonic() + RETRY_SECONDS
        if self._away_since is None:
            self._away_since = time.monotonic()
            self._notice(f"{problem.message}\nTraining goes on; records are held until the database is back.")

    def _beat(self) -> None:
        while not self._ends.wait(self._term.total_seconds() / HEARTBEATS):
            with contextlib.suppress(StoreError):
                self._store.renew(holder=self._holder, term=self._term)
