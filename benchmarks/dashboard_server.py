"""The server's side of the dashboards' budgets: what is read, filtered, sorted, drawn and sent, without a browser."""

from __future__ import annotations

import gzip
import json
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from se_bench.analysis import density
from se_bench.analysis.front import front
from se_bench.config.filter_text import parse
from se_bench.config.filters import EVERYTHING
from se_bench.dashboard.demo.fill import fill
from se_bench.dashboard.exports import Form, Selection, export, provenance
from se_bench.records import Epoch, Status
from se_bench.store.frame import Frame
from se_bench.store.frames import Frames
from se_bench.store.repository import Store

STUDY = "demo_grid"
SEEDS = 10
REPEATS = 5
FILTER = "accuracy > 85% and reduction in (4, 8) and not gate = softmax"
GRID = ("candidate", "seed", "status", "accuracy", "macs", "params", "loss", "train_seconds")
"""What the table of a study page shows first."""


@dataclass(frozen=True)
class Measurement:
    """One figure beside its budget."""

    what: str
    trials: int
    value: float
    unit: str
    budget: float | None = None

    @property
    def kept(self) -> bool | None:
        """Whether the budget is kept; None where there is none."""
        return None if self.budget is None else self.value <= self.budget


def database(folder: Path, trials: int) -> tuple[str, float | None]:
    """A demonstration of this size, and the seconds that it took to make it; None where it was there."""
    path = folder / f"demo-{trials}.db"
    if path.exists():
        return str(path), None
    started = time.perf_counter()
    fill(str(path), STUDY, trials=trials, seeds=SEEDS, epochs=8 if trials <= 100_000 else 1, seed=0)
    return str(path), time.perf_counter() - started


def measure(url: str, trials: int) -> Iterator[Measurement]:
    """Everything that the server does for a page, at this number of trials."""

    def milliseconds(what: str, action: Callable[[], Any], budget: float | None = None) -> Measurement:
        repeats = 1 if "cold" in what else REPEATS
        return Measurement(what, trials, 1000 * median(action, repeats), "ms", budget)

    with Frames.open(url) as frames:
        yield milliseconds("list of studies, cold", frames.studies)
        yield milliseconds("study read into columns, cold", lambda: frames.frame(STUDY))
        frame = frames.frame(STUDY)
        yield milliseconds("watermark, nothing moved", lambda: frames.watermark(STUDY), budget=30)
        yield _followed(url, frames, trials)
        yield milliseconds("filter and count", lambda: frame.matching(parse(FILTER)).sum())
        yield milliseconds("table block of 100, filtered and sorted anew", lambda: _block(frame), budget=100)
        packed = gzip.compress(_block(frame), 6)
        yield Measurement("table block of 100, gzip", trials, len(packed) / 1000, "kB", 20)
        yield from _drawing(frame, trials)
        yield from _export(frames, frame, trials)


def _drawing(frame: Frame, trials: int) -> Iterator[Measurement]:
    """Every trial as a point: the front exactly, and what stands for the points where they are too many."""
    known = ~frame.trials["accuracy"].missing()
    accuracy = frame.trials["accuracy"].values[known]
    macs = frame.candidates["macs"].values[frame.of[known]].astype(np.float64)
    budget = {100_000: 50.0, 1_000_000: 1_000.0}.get(trials)
    exactly = median(lambda: front(macs, accuracy))
    yield Measurement("front in two dimensions", trials, 1000 * exactly, "ms", budget)
    if density.is_dense(len(accuracy)):
        yield Measurement(
            "256 x 256 bins", trials, 1000 * median(lambda: density.density(macs, accuracy, log_x=True)), "ms"
        )
    packed = gzip.compress(macs.astype(np.float32).tobytes() + accuracy.astype(np.float32).tobytes(), 6)
    yield Measurement("all points as float32, gzip", trials, len(packed) / 1e6, "MB")


def _followed(url: str, frames: Frames, trials: int) -> Measurement:
    """From a commit to a frame that has it."""
    frame = frames.frame(STUDY)
    running = int(np.flatnonzero(frame.trials["status"].values == list(Status).index(Status.RUNNING))[0])
    trial_id = frame.trials["trial_id"].plain(np.array([running]))[0]
    times = []
    with Store.open(url) as store:
        for _ in range(REPEATS):
            store.keep(_epoch(trial_id))
            before = frames._kept[STUDY].frame
            started = time.perf_counter()
            assert frames.frame(STUDY) is not before
            times.append(time.perf_counter() - started)
    return Measurement("study brought up to date after a commit", trials, 1000 * statistics.median(times), "ms")


def _epoch(trial_id: str) -> Epoch:
    numbers = dict.fromkeys(("train_loss", "train_accuracy", "test_loss", "test_accuracy"), 0.5)
    return Epoch(trial_id=trial_id, epoch=1, train_seconds=1.0, test_seconds=0.1, gradient_norms=(1.0,), **numbers)


def _block(frame: Frame) -> bytes:
    places = frame.order([("accuracy", "desc")], np.flatnonzero(frame.matching(parse(FILTER))))
    return json.dumps(frame.rows(places[:100], GRID)).encode()


def _export(frames: Frames, frame: Frame, trials: int) -> Iterator[Measurement]:
    chosen = Selection(filter=EVERYTHING, places=np.arange(len(frame)))
    forms: tuple[Form, ...] = ("csv", "parquet")
    for form in forms:
        told = provenance(frames, frame, chosen, form, datetime.now(UTC))
        started = time.perf_counter()
        size = sum(len(piece) for piece in export(frame, chosen.places, form, told))
        yield Measurement(f"export of all as {form}", trials, time.perf_counter() - started, "s")
        yield Measurement(f"its size as {form}", trials, size / 1e6, "MB")


def median(action: Callable[[], Any], repeats: int = REPEATS) -> float:
    times = []
    for _ in range(repeats):
        started = time.perf_counter()
        action()
        times.append(time.perf_counter() - started)
    return statistics.median(times)
