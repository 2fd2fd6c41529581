"""The feed: trials from the driver's thread to Ray Tune's, which asks for them as a search algorithm's proposals."""

from __future__ import annotations

import threading
import time
from collections import deque
from dataclasses import asdict
from pathlib import Path
from typing import Any

import se_bench.search.ray_environment  # noqa: F401 - before Ray

# isort: split

import ray
from ray.tune.search import Searcher

from se_bench.data.datasets import Images
from se_bench.search.source import Work

_PATIENCE = 10.0  # seconds for all early workers to start, from the first on; then those that are there begin


class Stopped(BaseException):
    """Ends Tune's loop at once; an Exception would have it wait for workers in the middle of an epoch."""


class Feed(Searcher):
    """Suggests what the driver's thread hands in, ``most`` at a time.

    As long as nothing is handed in, it suggests up to ``early`` placeholders: trials that are none, whose worker
    processes start while the driver still plans. A placeholder ends when all of them have started (or have had ten
    seconds from the first on) and another trial is there to follow in its process, or when no more come. Tune ends a
    process that has nothing to do, and one that is starting where another is free: hence all the waiting.
    """

    def __init__(self, most: int, early: int) -> None:
        super().__init__()
        self._common: dict[str, Any] = {}
        self._images: Images | None = None
        self._most = most
        self._to_place = early
        self._placeholders: set[str] = set()
        self._started: set[str] = set()
        """Those of the placeholders whose workers are there."""
        self._started_since = 0.0
        self._followers = 0
        """Trials that were handed out, and for which no placeholder has ended yet."""
        self._waiting: deque[Work] = deque()
        self._running = 0
        self._state = threading.Condition()
        self._all_in = False
        self.ended = False

    def __getstate__(self) -> dict[str, Any]:
        """Nothing: Tune pickles its searcher to resume by it, and nothing here is resumed."""
        return {}

    # From the driver's thread

    def serve(self, run_id: str, checkpoints: Path | None, images: Images | None) -> None:
        """What all trials have in common; before the first :meth:`put`."""
        self._common = {"run_id": run_id, "checkpoints": str(checkpoints) if checkpoints else None}
        self._images = images

    def put(self, work: Work) -> None:
        """One more."""
        with self._state:
            self._waiting.append(work)
            self._all_in = False
            self._state.notify()

    def all_in(self) -> None:
        """No more come before something happens."""
        with self._state:
            self._all_in = True
            self._state.notify()

    def end(self) -> None:
        """Stop Tune at its next step."""
        with self._state:
            self.ended = True
            self._state.notify()

    # From Tune's thread

    def check(self) -> None:
        """Raise :class:`Stopped` where the driver wants an end."""
        if self.ended:
            raise Stopped

    def forget(self) -> None:
        """Let go of what is Ray's, before it ends."""
        self._common = {}

    def suggest(self, trial_id: str) -> dict[str, Any] | None:
        """The next trial's configuration; None while as many as may run do, or where none is waiting."""
        with self._state:
            if self._waiting:
                self._to_place = 0
            if self._to_place:
                self._to_place -= 1
                self._placeholders.add(trial_id)
                return {"trial": None, "work": {"whole": True}}
            while self._has_to_wait():
                self._state.wait()  # Tune has nothing to do, and would only sleep
            self.check()
            if not self._waiting or self._running >= self._most:
                return None
            if self._placeholders and self._followers >= len(self._placeholders):
                return None  # its own worker would start, and be ended for one that a placeholder leaves
            self._running += 1
            self._followers += 1
            work = self._waiting.popleft()
        if self._images and "images" not in self._common:
            self._common["images"] = ray.put((self._images,))
        how = {"recorded": work.recorded, "whole": work.whole}
        return {"images": None, **self._common, "trial": asdict(work.trial), "work": how}

    def is_over(self, trial_id: str, result: dict[str, Any]) -> bool:
        """At each result: whether this is a placeholder, and shall end."""
        with self._state:
            if trial_id not in self._placeholders:
                return False
            now = time.monotonic()
            self._started_since = self._started_since or now
            self._started.add(trial_id)
            if self._to_place or (self._started != self._placeholders and now - self._started_since <= _PATIENCE):
                return False
            if self._followers:
                self._followers -= 1
                return True
            return self._all_in and not self._waiting

    def on_trial_complete(self, trial_id: str, result: Any = None, error: bool = False) -> None:
        """One runs less."""
        with self._state:
            if trial_id in self._placeholders:
                self._placeholders.discard(trial_id)
                self._started.discard(trial_id)
            else:
                self._running -= 1

    def save(self, checkpoint_path: str) -> None:
        """The database is the only memory."""

    def restore(self, checkpoint_path: str) -> None:
        """See :meth:`save`."""

    def _has_to_wait(self) -> bool:
        if self.ended or self._running or self._started != self._placeholders:
            return False
        return not self._waiting or (len(self._waiting) < len(self._started) and not self._all_in)
