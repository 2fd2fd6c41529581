"""What Ray Tune needs of us: a trainable that stays warm, a feed of trials, a listener, and its schedulers."""

from __future__ import annotations

import queue
import threading
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import se_bench.search.ray_environment  # noqa: F401 - before Ray

# isort: split

import ray
from ray import tune
from ray.tune.schedulers import AsyncHyperBandScheduler, HyperBandScheduler, MedianStoppingRule, TrialScheduler
from ray.tune.search import Searcher

from se_bench.config.plan import Scheduler
from se_bench.data.datasets import Images
from se_bench.device import Device
from se_bench.records import Ended, Epoch, Started, Status, Trial
from se_bench.search.conduct import Died, Event, Replayed
from se_bench.search.judge import Judge
from se_bench.search.source import Work
from se_bench.search.trial import run_trial
from se_bench.training.checkpoint import Checkpoints

_LOG_LINES = 12
_IDLE_SECONDS = 0.05  # between two signs of life of a worker that waits for its first trial
_PATIENCE = 10.0  # seconds for all early workers to start, from the first on; then those that are there begin


class Worker(tune.Trainable):
    """A warm process: libraries stay imported and images in memory from one trial to the next.

    A step is a record, or an epoch that is known already and only shown to the scheduler.
    """

    _images: Images | None = None

    def setup(self, config: dict[str, Any]) -> None:
        """A worker process begins, with its libraries imported by now."""
        self.reset_config(config)

    def reset_config(self, new_config: dict[str, Any]) -> bool:
        """Another trial in the same process."""
        if new_config["trial"] is None:
            self._results = _idle()
            return True
        if new_config["images"] and not self._images:
            (self._images,) = ray.get(new_config["images"])
        self._results = self._of(Work(Trial(**new_config["trial"]), **new_config["work"]), new_config)
        return True

    def step(self) -> dict[str, Any]:
        """One result."""
        return next(self._results)

    def save_checkpoint(self, checkpoint_dir: str) -> None:
        """Nothing: a trial's own checkpoint is as recent as its last record."""

    def load_checkpoint(self, checkpoint: Any) -> None:
        """See :meth:`save_checkpoint`."""

    def _of(self, work: Work, config: dict[str, Any]) -> Iterator[dict[str, Any]]:
        seen = len(work.recorded)
        score = (lambda _: {}) if work.whole else _score
        for epoch in work.recorded:
            last = work.answered and epoch.epoch == seen
            yield {"record": None, "shown": epoch.epoch, "done": last, **score(epoch)}
        checkpoints = Checkpoints(Path(config["checkpoints"])) if config["checkpoints"] else None
        begun = {"record": None, "begun": True, "done": False}
        for record in run_trial(work.trial, config["run_id"], checkpoints=checkpoints, images=self._images):
            result: dict[str, Any] = {**begun, "record": record, "done": isinstance(record, Ended)}
            if isinstance(record, Epoch) and record.epoch > seen:
                result |= score(record)
            yield result
            if isinstance(record, Started):
                for epoch in record.epochs[seen:]:
                    yield {**begun, **score(epoch)}
                seen = max(seen, len(record.epochs))
            if isinstance(record, Ended):
                Device.best().release_memory()


def _idle() -> Iterator[dict[str, Any]]:
    """The results of a trial that is none, until the driver stops it: signs of life."""
    while True:
        yield {"record": None, "done": False}
        time.sleep(_IDLE_SECONDS)


def _score(epoch: Epoch) -> dict[str, Any]:
    """What a scheduler judges by."""
    return {"epoch": epoch.epoch, "score": epoch.validation_accuracy}


class Stopped(BaseException):
    """Ends Tune's loop at once; an Exception would have it wait for workers in the middle of an epoch."""


class Feed(Searcher):
    """Suggests what the driver's thread hands in, ``most`` at a time.

    Before that it suggests ``warm`` trials that are none, so that worker processes start while the driver still plans.
    Such a trial ends when all of them have started and another is there to follow: Tune ends a process that has
    nothing to do, and one that starts where another is free.
    """

    def __init__(self, most: int, warm: int) -> None:
        super().__init__()
        self._common: dict[str, Any] = {}
        self._images: Images | None = None
        self._most = most
        self._to_warm = warm
        self._warming: set[str] = set()
        self._warm: set[str] = set()
        self._warm_since = 0.0
        self._followers = 0
        self._waiting: deque[Work] = deque()
        self._running = 0
        self._state = threading.Condition()
        self._all_in = False
        self._ended = False

    def __getstate__(self) -> dict[str, Any]:
        """Nothing: Tune pickles its searcher to resume by it, and nothing here is resumed."""
        return {}

    def serve(self, run_id: str, checkpoints: Path | None, images: Images | None) -> None:
        """From the driver's thread, before :meth:`put`: what all trials have in common."""
        self._common = {"run_id": run_id, "checkpoints": str(checkpoints) if checkpoints else None}
        self._images = images

    def put(self, work: Work) -> None:
        """From the driver's thread: one more."""
        with self._state:
            self._waiting.append(work)
            self._state.notify()

    def all_in(self) -> None:
        """From the driver's thread: it hands in no more before something happens."""
        if not self._all_in:
            with self._state:
                self._all_in = True
                self._state.notify()

    def end(self) -> None:
        """From the driver's thread: stop Tune at its next step."""
        with self._state:
            self._ended = True
            self._state.notify()

    def forget(self) -> None:
        """From Ray's thread: let go of what is Ray's, before it ends."""
        self._common = {}

    def check(self) -> None:
        """From Tune's thread: raise :class:`Stopped` where the driver wants an end."""
        if self._ended:
            raise Stopped

    def is_over(self, trial_id: str, result: dict[str, Any]) -> bool:
        """From Tune's thread, at each result: whether a trial that is none shall end."""
        if trial_id not in self._warming:
            return False
        with self._state:
            now = time.monotonic()
            self._warm_since = self._warm_since or now
            self._warm.add(trial_id)
            started = not self._to_warm and (self._warm == self._warming or now - self._warm_since > _PATIENCE)
            if started and self._followers:
                self._followers -= 1
                return True
            return started and self._all_in and not self._waiting

    def suggest(self, trial_id: str) -> dict[str, Any] | None:
        """The next trial's configuration; None while as many as may run do, or where none is waiting."""
        if self._to_warm:
            self._to_warm -= 1
            self._warming.add(trial_id)
            return {"trial": None, "work": {"whole": True}}
        with self._state:
            while self._has_to_wait():
                self._state.wait()  # Tune has nothing to do, and would only sleep
            self.check()
            if not self._waiting or self._running >= self._most:
                return None
            self._running += 1
            self._followers += 1
            work = self._waiting.popleft()
        if self._images and "images" not in self._common:
            self._common["images"] = ray.put((self._images,))
        how = {"recorded": work.recorded, "whole": work.whole}
        return {"images": None, **self._common, "trial": asdict(work.trial), "work": how}

    def on_trial_complete(self, trial_id: str, result: Any = None, error: bool = False) -> None:
        """One runs less."""
        with self._state:
            if trial_id in self._warming:
                self._warming.discard(trial_id)
                self._warm.discard(trial_id)
            else:
                self._running -= 1

    def save(self, checkpoint_path: str) -> None:
        """The database is the only memory."""

    def restore(self, checkpoint_path: str) -> None:
        """See :meth:`save`."""

    def _has_to_wait(self) -> bool:
        if self._ended or self._running or self._warm != self._warming:
            return False
        return not self._waiting or (len(self._waiting) < len(self._warm) and not self._all_in)


class Listener(tune.Callback):
    """Hands what happens to the thread that iterates."""

    def __init__(self, feed: Feed) -> None:
        self.events: queue.SimpleQueue[Event | BaseException | None] = queue.SimpleQueue()
        self.logs: Path | None = None
        """Where worker processes write, where that can be read."""
        self._feed = feed

    def __getstate__(self) -> dict[str, Any]:
        """Nothing: Tune pickles its callbacks to resume by them, and nothing here is resumed."""
        return {}

    def on_step_begin(self, iteration: int, trials: Any, **_: Any) -> None:
        """A moment at which Tune may end."""
        self._feed.check()

    def on_trial_result(self, iteration: int, trials: Any, trial: Any, result: Any, **_: Any) -> None:
        """A record, an epoch that was known, or a sign of life."""
        if result["record"] is not None:
            self.events.put(result["record"])

    def on_trial_complete(self, iteration: int, trials: Any, trial: Any, **_: Any) -> None:
        """It is at its end, or a scheduler has stopped it."""
        if trial.config["trial"] is None:
            return
        last = trial.last_result
        if isinstance(last["record"], Ended):
            return
        trial_id = trial.config["trial"]["trial_id"]
        if last.get("begun"):
            whole = last.get("epoch") == trial.config["trial"]["recipe"]["epochs"]  # some stop what is at its end
            status = Status.COMPLETED if whole else Status.STOPPED
            self.events.put(Ended(trial_id=trial_id, status=status, at=datetime.now(UTC)))
        else:
            self.events.put(Replayed(trial_id, last["shown"]))

    def on_trial_error(self, iteration: int, trials: Any, trial: Any, **_: Any) -> None:
        """Its worker process has ended."""
        if trial.config["trial"] is None:
            return  # the trial that would have followed starts another
        trial_id = trial.config["trial"]["trial_id"]
        said = Path(trial.error_file).read_text(encoding="utf-8", errors="replace").strip()
        if "OutOfMemoryError" in said:
            error = "the machine's memory did not suffice, and Ray ended the worker process"
            self.events.put(Ended(trial_id=trial_id, status=Status.OUT_OF_MEMORY, at=datetime.now(UTC), error=error))
            return
        last = said.splitlines()[-1]
        cause = last.partition("worker process has died. ")[2] or last
        tail = _last_lines(self.logs, trial.last_result.get("pid") if trial.last_result else None)
        log = "\n".join([f"the worker process died: {cause}", *tail])
        self.events.put(Died(trial_id, log, by_trial="node has died" not in said))


def scheduler(asked: Scheduler | None, epochs: int) -> TrialScheduler | None:
    """Tune's scheduler for what a plan asks for, over trials of so many epochs."""
    if asked is None:
        return None
    by: dict[str, Any] = {"time_attr": "epoch", "metric": "score", "mode": "max"}
    if asked.kind == "asha":
        rungs = {"grace_period": asked.grace_epochs, "reduction_factor": asked.reduction}
        return Judge(AsyncHyperBandScheduler(**by, **rungs, max_t=epochs))
    if asked.kind == "hyperband":
        return Judge(HyperBandScheduler(**by, max_t=epochs, reduction_factor=asked.reduction))
    return Judge(MedianStoppingRule(**by, grace_period=asked.grace_epochs))


def _last_lines(logs: Path | None, pid: int | None) -> list[str]:
    """The end of what a worker process wrote."""
    if logs is None or pid is None:
        return []
    written = [path.read_text(encoding="utf-8", errors="replace") for path in sorted(logs.glob(f"worker-*-{pid}.err"))]
    lines = [line for text in written for line in text.splitlines() if line.strip() and not line.startswith(":")]
    return lines[-_LOG_LINES:]
