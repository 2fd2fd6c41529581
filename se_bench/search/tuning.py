"""What Ray Tune needs of us: a trainable that stays warm, a feed of trials, a listener, and its schedulers."""

from __future__ import annotations

import queue
import threading
from collections import deque
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

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


class Worker(tune.Trainable):
    """A warm process: libraries stay imported and images in memory from one trial to the next.

    A step is a record, or an epoch that is known already and only shown to the scheduler.
    """

    def setup(self, config: dict[str, Any], images: Images | None = None) -> None:
        """A worker process begins."""
        self._images = images
        self.reset_config(config)

    def reset_config(self, new_config: dict[str, Any]) -> bool:
        """Another trial in the same process."""
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


def _score(epoch: Epoch) -> dict[str, Any]:
    """What a scheduler judges by."""
    return {"epoch": epoch.epoch, "score": epoch.validation_accuracy}


class Stopped(BaseException):
    """Ends Tune's loop at once; an Exception would have it wait for workers in the middle of an epoch."""


class Feed(Searcher):
    """Suggests what the driver's thread hands in, ``most`` at a time."""

    def __init__(self, run_id: str, checkpoints: Path | None, most: int) -> None:
        super().__init__()
        self._common = {"run_id": run_id, "checkpoints": str(checkpoints) if checkpoints else None}
        self._most = most
        self._waiting: deque[Work] = deque()
        self._running = 0
        self._state = threading.Condition()
        self._ended = False

    def __getstate__(self) -> dict[str, Any]:
        """Nothing: Tune pickles its searcher to resume by it, and nothing here is resumed."""
        return {}

    def put(self, work: Work) -> None:
        """From the driver's thread: one more."""
        with self._state:
            self._waiting.append(work)
            self._state.notify()

    def end(self) -> None:
        """From the driver's thread: stop Tune at its next step."""
        with self._state:
            self._ended = True
            self._state.notify()

    def check(self) -> None:
        """From Tune's thread: raise :class:`Stopped` where the driver wants an end."""
        if self._ended:
            raise Stopped

    def suggest(self, trial_id: str) -> dict[str, Any] | None:
        """The next trial's configuration; None while as many as may run do, or where none is waiting."""
        with self._state:
            while not self._waiting and not self._running and not self._ended:
                self._state.wait()  # Tune has nothing to do, and would only sleep
            self.check()
            if not self._waiting or self._running >= self._most:
                return None
            self._running += 1
            work = self._waiting.popleft()
        how = {"recorded": work.recorded, "whole": work.whole}
        return {"trial": asdict(work.trial), "work": how, **self._common}

    def on_trial_complete(self, trial_id: str, result: Any = None, error: bool = False) -> None:
        """One runs less."""
        with self._state:
            self._running -= 1

    def save(self, checkpoint_path: str) -> None:
        """The database is the only memory."""

    def restore(self, checkpoint_path: str) -> None:
        """See :meth:`save`."""


class Listener(tune.Callback):
    """Hands what happens to the thread that iterates."""

    def __init__(self, feed: Feed, logs: Path | None) -> None:
        self.events: queue.SimpleQueue[Event | BaseException | None] = queue.SimpleQueue()
        self._feed = feed
        self._logs = logs

    def __getstate__(self) -> dict[str, Any]:
        """Nothing: Tune pickles its callbacks to resume by them, and nothing here is resumed."""
        return {}

    def on_step_begin(self, iteration: int, trials: Any, **_: Any) -> None:
        """A moment at which Tune may end."""
        self._feed.check()

    def on_trial_result(self, iteration: int, trials: Any, trial: Any, result: Any, **_: Any) -> None:
        """A record, or an epoch that was known."""
        if result["record"] is not None:
            self.events.put(result["record"])

    def on_trial_complete(self, iteration: int, trials: Any, trial: Any, **_: Any) -> None:
        """It is at its end, or a scheduler has stopped it."""
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
        trial_id = trial.config["trial"]["trial_id"]
        said = Path(trial.error_file).read_text(encoding="utf-8", errors="replace").strip()
        if "OutOfMemoryError" in said:
            error = "the machine's memory did not suffice, and Ray ended the worker process"
            self.events.put(Ended(trial_id=trial_id, status=Status.OUT_OF_MEMORY, at=datetime.now(UTC), error=error))
            return
        last = said.splitlines()[-1]
        cause = last.partition("worker process has died. ")[2] or last
        tail = _last_lines(self._logs, trial.last_result.get("pid") if trial.last_result else None)
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
