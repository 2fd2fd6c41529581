"""A pool of one worker: this process. It has no Ray, and no way to lose a trial but to be told to."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import Any, Self

from se_bench.records import Ended, Record
from se_bench.search.conduct import Event
from se_bench.search.source import Work
from se_bench.search.trial import run_trial
from se_bench.training.checkpoint import Checkpoints


class Here:
    """Trains what it is given, one trial after the other."""

    slots = 1
    ahead = 0

    def __init__(self, *, run_id: str, checkpoints: Checkpoints, **_: Any) -> None:
        self._run_id = run_id
        self._checkpoints = checkpoints
        self._waiting: deque[Work] = deque()
        self._records: Iterator[Record] = iter(())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing to end."""

    def submit(self, work: Work) -> None:
        self._waiting.append(work)

    def next(self, timeout: float | None) -> Event | None:
        record = next(self._records, None)
        if record is None:
            if not self._waiting:
                return None
            self._records = run_trial(self._waiting.popleft().trial, self._run_id, checkpoints=self._checkpoints)
            record = next(self._records)
        if isinstance(record, Ended):
            self._records = iter(())
        return record
