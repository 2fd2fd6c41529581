"""Worker processes on this machine or a Ray cluster: trials go in, and what happens comes out.

Ray lives in a thread of its own (``head``); what happens comes to the caller's thread through one queue, so that
whoever asks is also who writes. Leaving the context (Ctrl-C, an error) takes a cluster of our own down.
"""

from __future__ import annotations

import math
import os
import queue
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

from se_bench.config.plan import Scheduler
from se_bench.data.datasets import Images
from se_bench.errors import EngineError
from se_bench.records import Record, Trial
from se_bench.search.conduct import Alone, Event, conduct
from se_bench.search.feed import Feed, Stopped
from se_bench.search.head import Head
from se_bench.search.process import ended
from se_bench.search.source import Fixed, Work
from se_bench.search.tuning import Listener, Worker, scheduler

from ray import tune  # isort: skip - after `tuning`, which sets what it reads from the environment

_LOOK_SECONDS = 2.0  # between two looks whether Ray's own processes live
_GO_ON = "run the same command to go on; trials in progress go on from their last epoch"
_SHARES = 10_000  # in which Ray counts
_MANY = 1000  # trials that a scheduler may have begun and paused
_EARLY = 4  # workers that start before it is known how many trials there are
_CARRIED_BYTES = 32 * 1024**2  # images up to this size reach workers of this machine through Ray; others they load


class Cluster:
    """A pool of workers: a Ray of our own with ``slots`` processors, or the one of ``head``."""

    def __init__(
        self,
        *,
        slots: int,
        gpus_per_trial: float = 0.0,
        schedule: Scheduler | None = None,
        epochs: int = 0,
        head: Head | None = None,
        worker: type[Worker] = Worker,
    ) -> None:
        """Workers for trials of ``epochs`` epochs, which ``schedule`` may stop early.

        A ``head`` is entered by whoever gives it, and serves this cluster alone. Another kind of ``worker`` trains
        otherwise.
        """
        pauses = schedule is not None and schedule.kind == "hyperband"
        self.slots = _MANY if pauses else slots
        self.ahead = slots
        self._gpus_per_trial = gpus_per_trial
        self._schedule = (schedule, epochs)
        cpus = slots if head is None or head.address else head.cpus
        self._cpus_per_trial = min(1.0, math.floor(cpus / slots * _SHARES) / _SHARES)
        self._owns_head = head is None
        self._head = head or Head(slots, gpus=gpus_per_trial > 0)
        self._worker = worker
        self._feed = Feed(most=self.slots, early=0 if self._head.address else min(slots, _EARLY))
        self._listener = Listener(self._feed)
        self._stack = ExitStack()
        self._is_open = False

    def __enter__(self) -> Self:
        if self._owns_head:
            self._stack.enter_context(self._head)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._stack:
            self.end()

    def end(self) -> None:
        """Let the workers go, whatever they do. Once is enough, more do no harm."""
        self._feed.end()

    def start(self) -> None:
        """Have the worker processes started, where that has not begun. The first work does that, too."""
        if not self._is_open:
            self._is_open = True
            self._head.run(self._drive)

    def serve(self, *, run_id: str, checkpoints: Path | None = None, images: Images | None = None) -> Self:
        """Say what all trials have in common, before the first is submitted.

        ``images`` spare the workers loading them: those of a Ray cluster get them, and the package, by Ray's own
        means, those of this machine small ones.
        """
        carried = images is not None and (self._head.address is not None or images.bytes <= _CARRIED_BYTES)
        self._feed.serve(run_id, checkpoints.absolute() if checkpoints else None, images if carried else None)
        return self

    def submit(self, work: Work) -> None:
        """Have ``work`` done when its turn comes."""
        self._feed.put(work)
        self.start()

    def next(self, timeout: float | None) -> Event | None:
        """What happens next; None where nothing does within ``timeout`` seconds.

        Raises what Ray raised, and :class:`EngineError` where its processes on this machine were killed.
        """
        self._feed.all_in()
        deadline = None if timeout is None else time.monotonic() + timeout
        while True:
            left = _LOOK_SECONDS if deadline is None else min(_LOOK_SECONDS, deadline - time.monotonic())
            try:
                event = self._listener.events.get(timeout=max(0.0, left))
            except queue.Empty:
                if ended(self._head.processes):
                    raise EngineError("Ray's own processes have ended", hint=_GO_ON) from None
                if deadline is not None and time.monotonic() >= deadline:
                    return None
                continue
            if isinstance(event, BaseException):
                raise event
            return event

    def _drive(self, problem: BaseException | None) -> None:
        """In Ray's thread, once it has started or failed to."""
        try:
            if problem:
                raise problem
            self._tune()
        except Stopped:
            pass
        except BaseException as raised:
            if not self._feed.ended:  # else nobody asks any more, and what it holds of Ray's would outlive Ray
                self._listener.events.put(raised)
        finally:
            self._feed.forget()

    def _tune(self) -> None:
        if not self._head.address:
            self._listener.logs = self._head.temp / "session_latest" / "logs"
        os.environ["TUNE_MAX_PENDING_TRIALS_PG"] = str(self.slots)  # or workers would start one after the other
        tune.Tuner(
            tune.with_resources(self._worker, {"cpu": self._cpus_per_trial, "gpu": self._gpus_per_trial}),
            tune_config=tune.TuneConfig(
                search_alg=self._feed,
                scheduler=scheduler(*self._schedule),
                num_samples=-1,
                reuse_actors=True,
            ),
            run_config=tune.RunConfig(
                name="trials",
                storage_path=str(self._head.temp / "tune"),
                callbacks=[self._listener],
                stop=self._feed.is_over,
                checkpoint_config=tune.CheckpointConfig(checkpoint_at_end=False),
                verbose=0,
            ),
        ).fit()


def train_all(trials: Sequence[Trial], *, run_id: str, slots: int, gpus_per_trial: float = 0.0) -> Iterator[Record]:
    """Train ``trials`` in their order, ``slots`` at a time, without a database, and yield every record as it comes."""
    if not trials:
        return
    with Cluster(slots=slots, gpus_per_trial=gpus_per_trial) as pool:
        yield from conduct(Fixed(trials), pool.serve(run_id=run_id), Alone())
