"""What Ray Tune needs of us beside the feed of trials: a trainable that stays warm, a listener, and its schedulers."""

from __future__ import annotations

import gc
import queue
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import se_bench.search.ray_environment  # noqa: F401 - before Ray

# isort: split

import ray
from ray import tune
from ray.tune.schedulers import AsyncHyperBandScheduler, HyperBandScheduler, MedianStoppingRule, TrialScheduler

from se_bench.config.plan import Scheduler
from se_bench.data.datasets import Images
from se_bench.device import Device
from se_bench.records import Ended, Epoch, Started, Status, Trial
from se_bench.search.conduct import Died, Event, Replayed
from se_bench.search.feed import Feed
from se_bench.search.judge import Judge
from se_bench.search.source import Work
from se_bench.search.trial import run_trial
from se_bench.training.checkpoint import Checkpoints

_LOG_LINES = 12
_IDLE_SECONDS = 0.05  # between two signs of life of a worker that waits for its first trial


class Worker(tune.Trainable):
    """A warm process: libraries stay imported and images in memory from one trial to the next.

    A step is a record, or an epoch that is known already and only shown to the scheduler.
    """

    _images: Images | None = None
    _results: Iterator[dict[str, Any]]

    def setup(self, config: dict[str, Any]) -> None:
        """A worker process begins, with its libraries imported by now."""
        gc.freeze()  # they stay: what is collected after a trial is the trial's
        self.reset_config(config)

    def reset_config(self, new_config: dict[str, Any]) -> bool:
        """Another trial in the same process."""
        self._results = iter(())
        _tidy()  # after a trial that a scheduler has stopped
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
            if isinstance(record, Ended):
                _tidy()  # before its last result: nothing is asked for after that
            if isinstance(record, Epoch) and record.epoch > seen:
                result |= score(record)
            yield result
            if isinstance(record, Started):
                for epoch in record.epochs[seen:]:
                    yield {**begun, **score(epoch)}
                seen = max(seen, len(record.epochs))


def _tidy() -> None:
    """Give back what the trial before has held."""
    gc.collect()
    Device.best().release_memory()


def _idle() -> Iterator[dict[str, Any]]:
    """The results of a trial that is none, until the driver stops it: signs of life."""
    while True:
        yield {"record": None, "done": False}
        time.sleep(_IDLE_SECONDS)


def _score(epoch: Epoch) -> dict[str, Any]:
    """What a scheduler judges by."""
    return {"epoch": epoch.epoch, "score": epoch.validation_accuracy}


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
