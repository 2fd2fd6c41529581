"""Worker processes on this machine or a Ray cluster: trials go in, and what happens comes out.

Ray lives in a thread of its own, from start to shutdown; what happens comes to the caller's thread through
one queue, so that whoever asks is also who writes. Leaving the context (Ctrl-C, an error) takes a cluster of
our own down. An interrupt strikes the caller's thread, never Ray half-way through starting.
"""

from __future__ import annotations

import logging
import os
import queue
import shutil
import tempfile
import threading
import time
import warnings
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import se_bench
from se_bench.config.plan import Scheduler
from se_bench.data.datasets import Images
from se_bench.errors import EngineError
from se_bench.records import Record, Trial
from se_bench.search.conduct import Alone, Event, conduct
from se_bench.search.process import children, ended, is_running
from se_bench.search.source import Fixed, Work
from se_bench.search.tuning import Feed, Listener, Stopped, Worker, scheduler

import ray  # isort: skip - after `tuning`, which sets what it reads from the environment
from ray import tune  # isort: skip

_OBJECT_STORE_BYTES = 100 * 1024**2  # records are small; Ray's default takes a third of the memory
_FAREWELL_SECONDS = 4.0  # for Ray's thread to end; it takes one to two, and more only while Ray starts
_TEMP_PREFIX = "se-bench-"
_LONGEST_TEMP = 40  # characters; sockets below it must stay under the system's limit of 107
_LOOK_SECONDS = 2.0  # between two looks whether Ray's own processes live
_GO_ON = "run the same command to go on; trials in progress go on from their last epoch"
_MANY = 1000  # trials that a scheduler may have begun and paused


class Cluster:
    """A pool of workers: a Ray of our own with ``slots`` processors, or the one that runs at ``address``."""

    def __init__(
        self,
        *,
        run_id: str,
        slots: int,
        gpus_per_trial: float = 0.0,
        checkpoints: Path | None = None,
        schedule: Scheduler | None = None,
        epochs: int = 0,
        address: str | None = None,
        images: Images | None = None,
        worker: type[Worker] = Worker,
    ) -> None:
        """Workers for trials of ``epochs`` epochs, which ``schedule`` may stop early.

        At an ``address``, the package and ``images`` go to the workers by Ray's own means. Another kind of ``worker``
        trains otherwise.
        """
        pauses = schedule is not None and schedule.kind == "hyperband"
        self.slots = _MANY if pauses else slots
        self.ahead = slots
        self._cpus = slots
        self._gpus_per_trial = gpus_per_trial
        self._schedule = (schedule, epochs)
        self._address = address
        self._images = images
        self._worker = worker
        self._feed = Feed(run_id, checkpoints.absolute() if checkpoints else None, most=self.slots)
        self._stack = ExitStack()
        self._head: dict[int, str] = {}

    def __enter__(self) -> Self:
        _remove_what_the_killed_left()
        own = f"{_TEMP_PREFIX}{os.getpid()}-"
        folder = tempfile.TemporaryDirectory(prefix=own, dir=_short_temp(), ignore_cleanup_errors=True)
        self._temp = Path(self._stack.enter_context(folder))
        logs = None if self._address else self._temp / "session_latest" / "logs"
        self._listener = Listener(self._feed, logs)
        self._thread = threading.Thread(target=self._drive, name="ray", daemon=True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._stack:
            self._feed.end()
            if self._thread.ident is not None:
                self._thread.join(_FAREWELL_SECONDS)

    def submit(self, work: Work) -> None:
        """Have ``work`` done when its turn comes. The first work starts the workers."""
        self._feed.put(work)
        if self._thread.ident is None:
            self._thread.start()

    def next(self, timeout: float | None) -> Event | None:
        """What happens next; None where nothing does within ``timeout`` seconds.

        Raises what Ray raised, and :class:`EngineError` where its processes on this machine were killed.
        """
        deadline = None if timeout is None else time.monotonic() + timeout
        while True:
            left = _LOOK_SECONDS if deadline is None else min(_LOOK_SECONDS, deadline - time.monotonic())
            try:
                event = self._listener.events.get(timeout=max(0.0, left))
            except queue.Empty:
                if ended(self._head):
                    raise EngineError("Ray's own processes have ended", hint=_GO_ON) from None
                if deadline is not None and time.monotonic() >= deadline:
                    return None
                continue
            if isinstance(event, BaseException):
                raise event
            return event

    def _drive(self) -> None:
        """The cluster's whole life."""
        logging.getLogger("ray").setLevel(logging.CRITICAL)
        try:
            ray.init(**self._where(), log_to_driver=False, logging_level=logging.CRITICAL)
            self._head = {} if self._address else children("gcs_server", "raylet/raylet")
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                self._tune()
        except Stopped:
            pass
        except BaseException as problem:
            self._listener.events.put(problem)
        finally:
            ray.shutdown()

    def _where(self) -> dict[str, Any]:
        if self._address:
            return {
                "address": self._address,
                "runtime_env": {"py_modules": [str(Path(se_bench.__file__).parent)]},
            }
        return {
            "address": "local",
            "num_cpus": self._cpus,
            "num_gpus": None if self._gpus_per_trial else 0,
            "object_store_memory": _OBJECT_STORE_BYTES,
            "include_dashboard": False,
            "_temp_dir": str(self._temp),
        }

    def _tune(self) -> None:
        os.environ["TUNE_MAX_PENDING_TRIALS_PG"] = str(self.slots)  # or workers would start one after the other
        worker = tune.with_parameters(self._worker, images=self._images) if self._images else self._worker
        tune.Tuner(
            tune.with_resources(worker, {"cpu": 1, "gpu": self._gpus_per_trial}),
            tune_config=tune.TuneConfig(
                search_alg=self._feed,
                scheduler=scheduler(*self._schedule),
                num_samples=-1,
                reuse_actors=True,
            ),
            run_config=tune.RunConfig(
                name="trials",
                storage_path=str(self._temp / "tune"),
                callbacks=[self._listener],
                checkpoint_config=tune.CheckpointConfig(checkpoint_at_end=False),
                verbose=0,
            ),
        ).fit()


def train_all(trials: Sequence[Trial], *, run_id: str, slots: int, gpus_per_trial: float = 0.0) -> Iterator[Record]:
    """Train ``trials`` in their order, ``slots`` at a time, without a database, and yield every record as it comes."""
    if not trials:
        return
    with Cluster(run_id=run_id, slots=slots, gpus_per_trial=gpus_per_trial) as pool:
        yield from conduct(Fixed(trials), pool, Alone())


def _short_temp() -> Path:
    default = tempfile.gettempdir()
    return Path(default if len(default) <= _LONGEST_TEMP else "/tmp")


def _remove_what_the_killed_left() -> None:
    """Remove the folders of drivers that are gone: a process that is killed cannot tidy up behind itself."""
    for folder in _short_temp().glob(f"{_TEMP_PREFIX}*-*"):
        pid = folder.name.removeprefix(_TEMP_PREFIX).partition("-")[0]
        if pid.isdigit() and not is_running(int(pid)):
            shutil.rmtree(folder, ignore_errors=True)
