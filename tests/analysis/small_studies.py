"""Studies made by hand: what each candidate measured, seed by seed, as records and as an answer.

A value is the accuracy of a completed trial, or the status of one that is not. The first candidate is the
baseline. A completed trial has two epochs; its loss is ``1 - accuracy`` and it took ``10 + seed`` seconds. The gates of
every completed net with a block have been read.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from math import isfinite
from typing import Any

from se_bench.analysis import measures
from se_bench.analysis.answer import Answer, answer
from se_bench.analysis.claims import ClaimAnswer, Design, judge
from se_bench.analysis.looks import Looks
from se_bench.config.claim import Claim
from se_bench.config.load import Study, load_study
from se_bench.records import (
    Candidate,
    Cost,
    Epoch,
    GateReading,
    Intervention,
    Run,
    Status,
    StudyRecords,
    TrialResult,
    UnitGates,
)

Measured = Mapping[str, Mapping[int, float | Status]]

NOON = datetime(2025, 3, 1, 12, 0, tzinfo=UTC)
FULL: Measured = {
    "baseline": {0: 0.80, 1: 0.82, 2: 0.81},
    "reduction=2": {0: 0.85, 1: 0.86, 2: 0.84},
    "reduction=16": {0: 0.79, 1: 0.83, 2: 0.82},
}
ODD: dict[str, Measured] = {
    "no trial": {"baseline": {}, "reduction=2": {}},
    "nothing trained": {"baseline": {0: Status.PLANNED}, "reduction=2": {0: Status.PLANNED}},
    "one seed": {"baseline": {0: 0.8}, "reduction=2": {0: 0.9}},
    "failed only": {"baseline": {0: Status.FAILED, 1: Status.DIVERGED}, "reduction=2": {0: Status.FAILED}},
    "half way": {
        "baseline": {0: 0.8, 1: Status.RUNNING},
        "reduction=2": {0: Status.RUNNING, 1: 0.9},
        "reduction=4": {0: Status.PLANNED},
    },
    "one diverged": {"baseline": {0: 0.8, 1: 0.81}, "reduction=2": {0: 0.9, 1: Status.DIVERGED}},
    "equal values": {"baseline": {0: 0.8, 1: 0.8}, "reduction=2": {0: 0.9, 1: 0.9}},
}
"""Studies in which something is missing."""


def study(
    *,
    claims: Iterable[Claim] = (),
    objectives: Mapping[str, str] | None = None,
    seeds: tuple[int, int] | None = None,
) -> Study:
    """The shipped study, with these claims and objectives; ``seeds`` are the least and the most of a range."""
    loaded = load_study("reduction_ratio")
    changes: dict[str, Any] = {"claims": tuple(claims)}
    if seeds:
        changes |= {"first_seeds": seeds[0], "seeds": tuple(range(seeds[1]))}
    if objectives is not None:
        changes["objectives"] = dict(objectives)
    return dataclasses.replace(loaded, **changes)


def identity(label: str) -> str:
    return f"architecture of {label}"


def candidate(label: str, place: int) -> Candidate:
    """Each candidate costs more than the one before it."""
    axes: dict[str, Any] = {"block": "none"}
    if place:
        axes = {"block": "se", "reduction": place, "bias": False, "stages": (1, 2)}
    return Candidate(
        architecture_id=identity(label),
        label=label,
        axes=axes,
        architecture={},
        is_baseline=not place,
        cost=Cost(
            params=1000 + 100 * place,
            block_params=100 * place,
            buffers=7,
            macs=10_000 + 50 * place,
            elementwise=500 + place,
            activations=300,
            memory_bytes=4000 + place,
        ),
    )


def trial(label: str, seed: int, value: float | Status) -> TrialResult:
    common: dict[str, Any] = {
        "trial_id": f"{label}/{seed}",
        "architecture_id": identity(label),
        "seed": seed,
    }
    if value is Status.PLANNED:
        return TrialResult(status=Status.PLANNED, **common)
    common |= {"run_id": "run", "started_at": NOON + timedelta(minutes=seed)}
    if isinstance(value, Status):
        error = f"{value.value} on purpose\nraised by hand" if value.unsuccessful else ""
        return TrialResult(status=value, epochs=1, train_seconds=5.0, error=error, **common)
    return TrialResult(
        status=Status.COMPLETED,
        epochs=2,
        accuracy=value,
        loss=1 - value,
        train_seconds=10.0 + seed,
        ended_at=NOON + timedelta(minutes=seed, seconds=10 + seed),
        **common,
    )


def epochs(label: str, seed: int, value: float | Status) -> list[Epoch]:
    if value is Status.PLANNED:
        return []
    if value is Status.DIVERGED:
        return [epoch(label, seed, 1, math.nan)]
    if isinstance(value, Status):
        return [epoch(label, seed, 1, 0.5)]
    return [epoch(label, seed, 1, value / 2), epoch(label, seed, 2, value)]


def epoch(label: str, seed: int, number: int, accuracy: float) -> Epoch:
    return Epoch(
        trial_id=f"{label}/{seed}",
        epoch=number,
        train_loss=1.5 - accuracy,
        train_accuracy=accuracy,
        test_loss=1 - accuracy,
        test_accuracy=accuracy,
        train_seconds=4.0,
        test_seconds=1.0,
        gradient_norms=(1.0, accuracy),
    )


def reading(label: str, seed: int, accuracy: float) -> GateReading:
    """Two units and three classes; frozen gates cost one point, shuffled ones two."""

    def unit(stage: int, channels: int) -> UnitGates:
        means = [[0.5 + 0.1 * math.sin(seed + k * stage + c) for c in range(channels)] for k in range(3)]
        return UnitGates(
            unit=f"stage{stage}.0",
            stage=stage,
            means=tuple(map(tuple, means)),
            deviations=((0.05,) * channels,) * 3,
            low=0.01 * seed,
            high=0.02 * stage,
        )

    losses = {"frozen": 0.01 + 0.001 * seed, "shuffled": 0.02}
    return GateReading(
        trial_id=f"{label}/{seed}",
        seed=seed,
        accuracy=accuracy,
        classes=("cat", "dog", "eel"),
        images=(10, 10, 12),
        units=(unit(1, 4), unit(2, 6)),
        interventions=tuple(
            Intervention(kind=kind, stage=stage, accuracy=accuracy - loss)
            for stage in (None, 1, 2)
            for kind, loss in losses.items()
        ),
    )


def records(measured: Measured) -> StudyRecords:
    baseline = next(iter(measured))
    trials = [(label, seed, value) for label, seeds in measured.items() for seed, value in seeds.items()]
    environment = {"processor": "a <fast> one", "slots": 2, "cores": 2, "python": "3.11", "packages": {}, "gpus": []}
    run = Run(run_id="run", study="reduction_ratio", command="se-bench", started_at=NOON, environment=environment)
    return StudyRecords(
        candidates=tuple(candidate(label, place) for place, label in enumerate(measured)),
        trials=tuple(trial(*each) for each in trials),
        epochs=tuple(record for each in trials for record in epochs(*each)),
        runs=(run,) if trials else (),
        gates=tuple(
            reading(*each)
            for each in trials
            if each[0] != baseline and not isinstance(each[2], Status) and isfinite(each[2])
        ),
    )


def claim(expect: str, *, margin: float = 0.0, metric: str = "accuracy", name: str = "it", **more: Any) -> Claim:
    """A claim; of a trend where ``more`` has ``along``, else of a candidate against the baseline."""
    sides = {} if "along" in more else {"candidate": {"reduction": 2}}
    words = {"id": name, "says": f"{metric} is {expect}", "metric": metric, "expect": expect, "margin": margin}
    return Claim.read({**sides, **words, **more})


def judged(
    claims: Sequence[tuple[Claim, *tuple[str, ...]]],
    metrics: Mapping[str, Mapping[str, Mapping[int, float]]],
    *,
    lost: Mapping[str, Iterable[int]] | None = None,
    bounds: Mapping[str, Iterable[int]] | None = None,
    seeds: Sequence[int] = tuple(range(100)),
    looks: Looks | None = None,
) -> tuple[ClaimAnswer, ...]:
    """Verdicts on values of candidates: metric -> label -> seed -> value, and the seeds that went wrong."""
    labels = list(dict.fromkeys(label for _, *compared in claims for label in compared))

    def measure(asked: Claim) -> measures.Measured:
        flaws = ({label: frozenset(found) for label, found in (each or {}).items()} for each in (lost, bounds))
        gone, beyond = flaws
        return measures.Measured(values=metrics.get(asked.metric, {}), lost=gone, bounds=beyond)

    return judge(
        [(asked, tuple(compared)) for asked, *compared in claims],
        measure,
        {label: candidate(label, place) for place, label in enumerate(labels)},
        Design(tuple(seeds), looks),
    )


def answered(
    measured: Measured,
    claims: Sequence[tuple[Claim, *tuple[str, ...]]] = (),
    *,
    objectives: Mapping[str, str] | None = None,
    seeds: tuple[int, int] | None = None,
) -> Answer:
    """The answer to a study; each claim with the labels of the candidates that it compares."""
    asked = study(claims=[each for each, *_ in claims], objectives=objectives, seeds=seeds)
    compared = [(each, tuple(identity(label) for label in labels)) for each, *labels in claims]
    return answer(asked, records(measured), compared)


def with_claim(measured: Measured) -> Answer:
    """The answer with one claim: that the second candidate is better than the baseline."""
    baseline, second, *_ = measured
    return answered(measured, [(claim("better"), second, baseline)])
