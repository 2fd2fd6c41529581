"""Studies that a figure may meet: ordinary ones, those in which something is missing, and those that are too much."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import numpy as np
import plotly.graph_objects as go

from se_bench import registry
from se_bench.analysis.answer import Answer
from se_bench.config.dashboard import Panel
from se_bench.records import Status
from tests.analysis.crossed_studies import FACTORS, crossed, noisy
from tests.analysis.small_studies import FULL, ODD, Measured, answered, claim, with_claim

HOSTILE = '<img src=x onerror="alert(1)">&</script>'
MANY: Measured = {
    "baseline": {0: 0.8, 1: 0.81},
    **{f"reduction={2**power}": {0: 0.8 + power / 100, 1: 0.82} for power in range(14)},
}
PARTIAL: Measured = {
    "baseline": {0: 0.80, 1: 0.82, 2: Status.RUNNING},
    "reduction=2": {0: 0.85, 1: Status.DIVERGED, 2: Status.PLANNED},
    "reduction=4": {0: 0.85, 1: Status.STOPPED, 2: Status.OUT_OF_MEMORY},
    "reduction=16": {0: Status.FAILED, 1: Status.CRASHED, 2: Status.PLANNED},
}
NOT_FINITE: Measured = {
    "baseline": {0: 0.8, 1: math.nan},
    "reduction=2": {0: math.nan, 1: math.nan},
    "reduction=4": {0: math.inf, 1: 0.9},
}


def hostile(name: str = HOSTILE) -> Answer:
    """Names, values of axes and claims with HTML in them."""
    measured: Measured = {"baseline": FULL["baseline"], name: FULL["reduction=2"], "b": FULL["reduction=16"]}
    asked = claim("better").model_copy(update={"id": name, "says": name})
    answer = answered(measured, [(asked, name, "baseline")])

    def spoilt(axes: Mapping[str, Any]) -> dict[str, Any]:
        return {axis: f"{name}{value}" if axis in ("reduction", "bias") else value for axis, value in axes.items()}

    candidates = tuple(
        dataclasses.replace(each, candidate=dataclasses.replace(each.candidate, axes=spoilt(each.candidate.axes)))
        for each in answer.candidates
    )
    return dataclasses.replace(answer, candidates=candidates)


def thousands() -> Answer:
    """A family for each of 2,500 candidates, two seeds each."""
    random = np.random.default_rng(0)
    values = np.clip(random.normal(0.8, 0.05, (2500, 1)) + random.normal(0, 0.01, (2500, 2)), 0, 1)
    return answered(
        {"baseline": {0: 0.8, 1: 0.81}, **{f"c{i}": dict(enumerate(v)) for i, v in enumerate(values.tolist())}}
    )


def factorial() -> Answer:
    return dataclasses.replace(crossed(FACTORS, noisy()), claims=with_claim(FULL).claims)


STUDIES: dict[str, Callable[[], Answer]] = {
    "full": lambda: with_claim(FULL),
    "factorial": factorial,
    "many": lambda: answered(MANY),
    "partial": lambda: with_claim(PARTIAL),
    **{name: lambda name=name: with_claim(ODD[name]) for name in ODD},  # type: ignore[misc]
    "no claim": lambda: answered(FULL),
    "one trial": lambda: answered({"baseline": {0: 0.8}}),
    "not finite": lambda: answered(NOT_FINITE),
    "single objective": lambda: answered(FULL, objectives={"accuracy": "maximize"}),
    "costs are maximised": lambda: answered(FULL, objectives={"loss": "minimize", "macs": "maximize"}),
    "hostile names": hostile,
    "thousands of families": thousands,
}


@cache
def study(name: str) -> Answer:
    return STUDIES[name]()


def value_of(figure: str, answer: Answer, **options: Any) -> Any:
    return registry.load("figure", figure).compute(answer, Panel.read({"figure": figure, **options}))


@cache
def drawn(figure: str, name: str) -> go.Figure | None:
    """A figure of a study, by their names; None where it has no value."""
    value = value_of(figure, study(name))
    return None if value is None else registry.load("figure", figure).draw(value)
