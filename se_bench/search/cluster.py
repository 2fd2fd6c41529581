"""Many trials at once: Ray Tune gives them to warm worker processes and the driver gets their records.

Ray lives in a thread of its own, from start to shutdown; records come to the caller's thread through one
queue, so that whoever iterates is also who writes. Stopping the iteration (Ctrl-C, an error) takes the whole
cluster down. An interrupt strikes the caller's thread, never Ray half-way through starting.
"""

from __future__ import annotations

import logging
import os
import queue
import shutil
import tempfile
import threading
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

# What Ray and Tune read from the environment, before they are imported; what the user has set stands.
os.environ.update(
    {
        "RAY_USAGE_STATS_ENABLED": "0",
        "RAY_ENABLE_AUTO_CONNECT": "0",  # no second cluster after a shutdown
        "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
        "RAY_CHDIR_TO_TRIAL_DIR": "0",  # a relative path of a dataset means the same in a worker
        "RAY_AIR_NEW_OUTPUT": "0",  # the newer output is not silent, whatever its verbosity
        "TUNE_DISABLE_AUTO_CALLBACK_LOGGERS": "1",
        "TUNE_DISABLE_SIGINT_HANDLER": "1",
        "TUNE_PRINT_ALL_TRIAL_ERRORS": "0",  # they become records
        "TUNE_GLOBAL_CHECKPOINT_S": "86400",  # the database is the only memory
        "TUNE_WARN_EXCESSIVE_EXPERIMENT_CHECKPOINT_SYNC_THRESHOLD_S": "0",
    }
    | os.environ
)

import ray
from ray import tune
from ray.tune.search import Searcher

from se_bench.records import Ended, Record, Status, Trial
from se_bench.search.trial import run_trial

_OBJECT_STORE_BYTES = 100 * 1024**2  # records are small; Ray's default takes a third of the memory
_FAREWELL_SECONDS = 4.0  # for Ray's thread to end; it takes one to two, and more only while Ray starts
_TEMP_PREFIX = "se-bench-"
_LONGEST_TEMP = 40  # characters; sockets below it must stay under the system's limit of 107


def train_all(trials: Sequence[Trial], *, run_id: str, slots: int, gpus_per_trial: float = 0.0) -> Iterator[Record]:
    """Train ``trials`` in their order, ``slots`` at a time, and yield every record as it comes.

    A trial that raises, or whose worker process dies, ends as ``failed``; the others go on.
    """
    if not trials:
        return
    _remove_what_the_killed_left()
    temp = Path(tempfile.mkdtemp(prefix=f"{_TEMP_PREFIX}{os.getpid()}-", dir=_short_temp()))
    forward = _Forward()
    driver = threading.Thread(
        target=_drive, args=(trials, run_id, slots, gpus_per_trial, temp, forward), name="ray", daemon=True
    )
    try:
        driver.start()
        while (event := forward.events.get()) is not None:
            if isinstance(event, BaseException):
                raise event
            yield event
    finally:
        forward.stopped.set()
        driver.join(_FAREWELL_SECONDS)
        shutil.rmtree(temp, ignore_errors=True)


def _drive(
    trials: Sequence[Trial], run_id: str, slots: int, gpus_per_trial: float, temp: Path, forward: _Forward
) -> None:
    """The cluster's whole life."""
    logging.getLogger("ray").setLevel(logging.CRITICAL)
    try:
        ray.init(
            address="local",
            num_cpus=slots,
            num_gpus=None if gpus_per_trial else 0,
            object_store_memory=_OBJECT_STORE_BYTES,
            include_dashboard=False,
            log_to_driver=False,
            logging_level=logging.CRITICAL,
            _temp_dir=str(temp),
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            _tune(trials, run_id, slots, gpus_per_trial, temp, forward)
    except _Stopped:
        pass
    except BaseException as problem:
        forward.events.put(problem)
    finally:
        ray.shutdown()
        forward.events.put(None)


def _tune(
    trials: Sequence[Trial], run_id: str, slots: int, gpus_per_trial: float, temp: Path, forward: _Forward
) -> None:
    tune.Tuner(
        tune.with_resources(_Worker, {"cpu": 1, "gpu": gpus_per_trial}),
        tune_config=tune.TuneConfig(
            search_alg=_InOrder(trials, run_id),
            num_samples=len(trials),
            max_concurrent_trials=slots,
            reuse_actors=True,
        ),
        run_config=tune.RunConfig(
            name="trials",
            storage_path=str(temp / "tune"),
            callbacks=[forward],
            checkpoint_config=tune.CheckpointConfig(checkpoint_at_end=False),
            verbose=0,
        ),
    ).fit()


class _Worker(tune.Trainable):
    """A warm process: libraries stay imported and images in memory from one trial to the next."""

    def setup(self, config: dict[str, Any]) -> None:
        self.reset_config(config)

    def reset_config(self, new_config: dict[str, Any]) -> bool:
        self._records = run_trial(Trial(**new_config["trial"]), new_config["run_id"])
        return True

    def step(self) -> dict[str, Any]:
        record = next(self._records)
        return {"record": record, "done": isinstance(record, Ended)}


class _InOrder(Searcher):
    """Suggests the planned trials one after the other."""

    def __init__(self, trials: Sequence[Trial], run_id: str) -> None:
        super().__init__()
        self._remaining = iter(trials)
        self._run_id = run_id

    def suggest(self, trial_id: str) -> dict[str, Any] | str:
        trial = next(self._remaining, None)
        return {"trial": asdict(trial), "run_id": self._run_id} if trial else Searcher.FINISHED

    def on_trial_complete(self, trial_id: str, result: Any = None, error: bool = False) -> None:
        """Planned trials do not depend on results."""

    def save(self, checkpoint_path: str) -> None:
        """The database is the only memory."""

    def restore(self, checkpoint_path: str) -> None:
        """See :meth:`save`."""


class _Stopped(BaseException):
    """Ends Tune's loop at once; an Exception would have it wait for workers in the middle of an epoch."""


class _Forward(tune.Callback):
    """Hands every record to the thread that iterates, and ends Tune's loop when that thread stops."""

    def __init__(self) -> None:
        self.events: queue.SimpleQueue[Record | BaseException | None] = queue.SimpleQueue()
        self.stopped = threading.Event()

    def __getstate__(self) -> dict[str, Any]:
        """Nothing: Tune pickles its callbacks to resume by them, and nothing here is resumed."""
        return {}

    def on_step_begin(self, iteration: int, trials: Any, **_: Any) -> None:
        if self.stopped.is_set():
            raise _Stopped

    def on_trial_result(self, iteration: int, trials: Any, trial: Any, result: Any, **_: Any) -> None:
        self.events.put(result["record"])

    def on_trial_error(self, iteration: int, trials: Any, trial: Any, **_: Any) -> None:
        lines = Path(trial.error_file).read_text(encoding="utf-8", errors="replace").strip().splitlines()
        cause = lines[-1].partition("worker process has died. ")
        self.events.put(
            Ended(
                trial_id=trial.config["trial"]["trial_id"],
                status=Status.FAILED,
                at=datetime.now(UTC),
                error=f"the worker process died: {cause[2] or cause[0]}",
            )
        )


def _short_temp() -> Path:
    default = tempfile.gettempdir()
    return Path(default if len(default) <= _LONGEST_TEMP else "/tmp")


def _remove_what_the_killed_left() -> None:
    """Remove the folders of drivers that are gone: a process that is killed cannot tidy up behind itself."""
    for folder in _short_temp().glob(f"{_TEMP_PREFIX}*-*"):
        pid = folder.name.removeprefix(_TEMP_PREFIX).partition("-")[0]
        if pid.isdigit() and not _is_running(int(pid)):
            shutil.rmtree(folder, ignore_errors=True)


def _is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)  # asks, and sends nothing
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
