"""A study with trials of every status and axes of every kind, for the tests of frames."""

from __future__ import annotations

import math
from typing import Any

from store_examples import candidate, ended, epoch, run, started, trial

from se_bench.records import Candidate, Status, Trial
from se_bench.store.repository import Store

SPACE = {"axes": {"gate": {}, "reduction": {}, "stages": {}, "bias": {}, "kernel_size": {}, "unused": {}}}
DEFINITION = {"study": {"name": "width"}, "space": SPACE}
AXES: list[dict[str, Any]] = [
    {},
    {"gate": "sigmoid", "reduction": 4, "stages": "all", "bias": True, "kernel_size": "adaptive"},
    {"reduction": 16, "gate": "softmax", "stages": (1, 2), "bias": False, "kernel_size": 3},
    {"reduction": (2, 4, 8), "gate": "sigmoid", "stages": (3,), "bias": None, "kernel_size": 5},
    {"reduction": 4, "gate": "=<b>é", "stages": "all", "bias": True, "kernel_size": None, "loss": "an axis"},
]
CANDIDATES: list[Candidate] = [candidate(number, axes=axes) for number, axes in enumerate(AXES)]
TRIALS: list[Trial] = [trial(number, seed) for seed in (0, 1, 7) for number in range(len(AXES))]
ENDS = [
    Status.COMPLETED, Status.COMPLETED, Status.DIVERGED, Status.COMPLETED, Status.FAILED,
    Status.STOPPED, Status.COMPLETED, Status.OUT_OF_MEMORY, Status.CRASHED, Status.COMPLETED,
]  # fmt: skip
"""What became of the first trials; then one is running, and the others are planned."""


def fill(store: Store) -> Store:
    store.register("width", "How wide?", DEFINITION, CANDIDATES, TRIALS)
    store.begin(run())
    for number, (of, end) in enumerate(zip(TRIALS, ENDS, strict=False)):
        store.keep(started(of, seconds=number))
        for place in range(1, 3 if end is Status.COMPLETED else 2):
            accuracy = math.nan if end is Status.DIVERGED else 0.1 * (number % 4) + 0.3 * place
            validation = 0.5 + number / 100 if number % 2 else None
            store.keep(epoch(of, place, test_accuracy=accuracy, validation_accuracy=validation))
        error = "" if end in (Status.COMPLETED, Status.STOPPED) else f"<b>{end.value}</b>; '--"
        store.keep(ended(of, end, seconds=number + 9.5, error=error))
    store.keep(started(TRIALS[len(ENDS)], seconds=99))
    return store
