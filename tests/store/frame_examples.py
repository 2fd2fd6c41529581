"""A study with trials of every status and axes of every kind, for the tests of frames."""

from __future__ import annotations

import math
from typing import Any

from hypothesis import strategies as st
from store_examples import candidate, ended, epoch, run, started, trial

from se_bench.config.filters import Comparison, Filter, Joined, Kind, Not
from se_bench.records import Candidate, Status, Trial
from se_bench.store.frame import Frame
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


COLUMNS = (
    "accuracy", "loss", "validation_accuracy", "seed", "macs", "gate", "reduction", "stages", "bias", "kernel_size",
    "status", "candidate", "baseline", "error", "run_id", "trial_id", "started_at", "ended_at", "axis.loss",
)  # fmt: skip
WORDS = (
    "sigmoid",
    "softmax",
    "=<b>é",
    "É",
    "all",
    "1+2",
    "yes",
    "no",
    "adaptive",
    "s",
    "",
    "trial-00002-1",
    "run-1",
)
DATES = ("2025-03-01T12:00:03.123456", "2025-03-01", "2025-03-01T12:00:04Z")


def comparisons(frame: Frame) -> st.SearchStrategy[Comparison]:
    def of(name: str) -> st.SearchStrategy[Comparison]:
        kind = frame.kinds[name]
        ordered, text = ["<", "<=", ">", ">="], ["=", "!=", "in"]
        numbers: st.SearchStrategy[Any] = st.sampled_from([0, 1, 7, 4, 16, 0.6, 0.7, 0.9, 0.5, 3])
        if kind is Kind.FRACTION:
            numbers = st.floats(0, 1) | st.sampled_from([0.6, 0.7, 0.8, 0.9, 0.51])
        words: st.SearchStrategy[Any] = st.sampled_from(WORDS)
        if name == "status":
            words = st.sampled_from([each.value for each in Status])
        if kind is Kind.INSTANT:
            plain = st.tuples(st.just(name), st.sampled_from(ordered + text), st.tuples(st.sampled_from(DATES)))
        elif kind in (Kind.NUMBER, Kind.FRACTION):
            plain = st.tuples(st.just(name), st.sampled_from(ordered + text), st.tuples(numbers))
        else:
            either = words | numbers if kind is Kind.CATEGORY and name != "status" else words
            plain = st.tuples(st.just(name), st.sampled_from([*text, "~"]), st.tuples(either))
            if kind is Kind.CATEGORY and name != "status":
                plain |= st.tuples(st.just(name), st.sampled_from(ordered), st.tuples(numbers))
        return plain.map(lambda each: Comparison(*each)) | st.just(Comparison(name, "missing"))

    return st.sampled_from(COLUMNS).flatmap(of)


def filters(frame: Frame) -> st.SearchStrategy[Filter]:
    def joined(parts: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
        several = st.lists(parts, min_size=2, max_size=3).map(tuple)
        return st.builds(Joined, st.sampled_from(["and", "or"]), several) | st.builds(Not, parts)

    return st.builds(Filter, st.recursive(comparisons(frame), joined, max_leaves=5))
