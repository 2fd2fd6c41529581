"""Studies over any axes made by hand: a candidate is its axes, and what each seed measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from se_bench.analysis.answer import Answer, answer
from se_bench.records import Candidate, Status, StudyRecords
from tests.analysis import small_studies

Axes = Mapping[str, Any]
Measured = Sequence[tuple[Axes, Mapping[int, float | Status]]]


def label(axes: Axes) -> str:
    return " ".join(f"{axis}={value}" for axis, value in axes.items())


def is_baseline(axes: Axes) -> bool:
    return axes.get("block") == "none"


def candidate(axes: Axes, place: int) -> Candidate:
    """Nets of one ``width`` share a baseline; a baseline has no axis of a block."""
    bare = small_studies.candidate(label(axes), place)
    return replace(bare, axes=dict(axes), architecture={"backbone": axes.get("width")}, is_baseline=is_baseline(axes))


def grid(measured: Measured) -> Answer:
    trials = [(label(axes), seed, value) for axes, seeds in measured for seed, value in seeds.items()]
    run = small_studies.records({"x": {0: 0.5}}).runs
    records = StudyRecords(
        candidates=tuple(candidate(axes, place) for place, (axes, _) in enumerate(measured)),
        trials=tuple(small_studies.trial(*each) for each in trials),
        epochs=(),
        runs=run,
    )
    return answer(small_studies.study(), records, [])
