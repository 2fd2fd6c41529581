"""What a metric measures of a trial, and what is known where it measures nothing.

A trial that was started and is over without a final accuracy (diverged, failed, stopped early) has no value. One
that never comes to the level of ``epochs_to`` or ``seconds_to`` has a bound: it took longer than its training. In
both cases the truth is worse than what is on record, so what is on record may speak against that candidate, never
for it (``claims``).
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from se_bench.analysis.gate_measures import Parts, dynamics, saturation
from se_bench.config.claim import COSTS, GATES, LATENCIES, Claim
from se_bench.records import Epoch, GateReading, Status, StudyRecords, TrialResult

BySeed: TypeAlias = Mapping[str, Mapping[int, float]]
"""Architecture -> seed -> value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One metric of all trials of a study."""

    values: BySeed
    bounds: Mapping[str, frozenset[int]] = field(default_factory=dict)
    """Architecture -> seeds whose value is the best that it can be: the level was not reached."""
    lost: Mapping[str, frozenset[int]] = field(default_factory=dict)
    """Architecture -> seeds whose trial is over without a value."""

    def known(self, architecture: str) -> frozenset[int]:
        """The seeds whose trial is over."""
        return frozenset(self.values.get(architecture, {})) | self.lost.get(architecture, frozenset())

    def relative_to(self, reference: str) -> Measured:
        """Every value as a multiple of that of ``reference`` with the same seed."""
        against = self.values.get(reference, {})
        values = {
            architecture: {seed: value / against[seed] for seed, value in by_seed.items() if seed in against}
            for architecture, by_seed in self.values.items()
        }
        return replace(self, values=values)

    def flawed(self, architecture: str) -> frozenset[int]:
        """The seeds in which the truth is worse than what is on record."""
        return self.lost.get(architecture, frozenset()) | self.bounds.get(architecture, frozenset())


class Measures:
    """The metrics of a study's records, each computed once."""

    def __init__(self, records: StudyRecords) -> None:
        self._records = records
        self._trials = records.trials
        self._all_epochs = records.epochs
        self._epochs: dict[str, list[Epoch]] | None = None
        self._found: dict[tuple[str, float | None, int | None], Measured] = {}
        lost: defaultdict[str, set[int]] = defaultdict(set)
        for trial in records.trials:
            if trial.status.ends and trial.status is not Status.COMPLETED:
                lost[trial.architecture_id].add(trial.seed)
        self.lost = {architecture: frozenset(seeds) for architecture, seeds in lost.items()}

    def of(self, metric: str, level: float | None = None, stage: int | None = None) -> Measured:
        """A metric of training, with the accuracy to be reached or the stage where it has one."""
        key = (metric, level, stage)
        if key not in self._found:
            if metric in GATES:
                self._found[key] = self._gates(metric, stage)
            else:
                self._found[key] = self._latency(metric) if metric in LATENCIES else self._measure(metric, level, stage)
        return self._found[key]

    def of_claim(self, claim: Claim) -> Measured:
        """The metric that a claim is about; it must not be a cost, which no trial measures."""
        assert claim.metric not in COSTS
        return self.of(claim.metric, claim.level, claim.stage)

    def _latency(self, metric: str) -> Measured:
        """The rounds in which passes were timed, in place of the seeds in their order."""
        reading = self._records.latency
        seeds = list(dict.fromkeys(trial.seed for trial in self._trials))
        times = getattr(reading, {"latency_ms": "forward_ms"}.get(metric, metric)) if reading else {}
        return Measured(
            values={architecture: dict(zip(seeds, rounds, strict=False)) for architecture, rounds in times.items()}
        )

    def _gates(self, metric: str, stage: int | None) -> Measured:
        values: defaultdict[str, dict[int, float]] = defaultdict(dict)
        readings = {reading.trial_id: reading for reading in self._records.gates}
        without = {each.architecture_id for each in self._records.candidates if each.is_baseline}
        for trial in self._trials:
            if trial.status is not Status.COMPLETED:
                continue
            value: float | None = 0.0
            if trial.architecture_id not in without:
                reading = readings.get(trial.trial_id)
                value = _of_gates(metric, reading, stage) if reading else None
            if value is not None:
                values[trial.architecture_id][trial.seed] = value
        return Measured(values=dict(values), lost=self.lost)

    def _measure(self, metric: str, level: float | None, stage: int | None) -> Measured:
        values: defaultdict[str, dict[int, float]] = defaultdict(dict)
        bounds: defaultdict[str, set[int]] = defaultdict(set)
        for trial in self._trials:
            if trial.status is not Status.COMPLETED:
                continue
            if metric in ("accuracy", "loss", "train_seconds"):
                value: float | None = getattr(trial, metric)
            else:
                value, is_bound = _of_epochs(metric, self._epochs_of(trial), level, stage)
                if is_bound:
                    bounds[trial.architecture_id].add(trial.seed)
            if value is not None:
                values[trial.architecture_id][trial.seed] = value
        return Measured(
            values=dict(values),
            bounds={architecture: frozenset(seeds) for architecture, seeds in bounds.items()},
            lost=self.lost,
        )

    def _epochs_of(self, trial: TrialResult) -> Sequence[Epoch]:
        if self._epochs is None:
            self._epochs = defaultdict(list)
            for epoch in self._all_epochs:
                self._epochs[epoch.trial_id].append(epoch)
        return self._epochs[trial.trial_id]


def area_under_curve(epochs: Sequence[Epoch]) -> float:
    """The area under the learning curve over its length: the mean of the test accuracies of all epochs."""
    return math.fsum(epoch.test_accuracy for epoch in epochs) / len(epochs)


def gradient_norm(epochs: Sequence[Epoch], stage: int) -> float:
    """The mean over all epochs of a stage's gradient norm."""
    return math.fsum(epoch.gradient_norms[stage - 1] for epoch in epochs) / len(epochs)


def time_to(level: float, epochs: Sequence[Epoch], duration: Callable[[Epoch], float]) -> tuple[float, bool]:
    """When the learning curve first came to ``level``, and False; or how long the training was, and True.

    The curve is drawn straight from zero before the training, and from each epoch's test accuracy to the next.

    Args:
        level: the test accuracy to be reached.
        epochs: of one trial, in order.
        duration: how long one epoch took.
    """
    passed = before = 0.0
    for epoch in epochs:
        own = duration(epoch)
        if epoch.test_accuracy >= level:
            return passed + own * (level - before) / (epoch.test_accuracy - before), False
        passed += own
        before = epoch.test_accuracy
    return passed, True


def _of_epochs(metric: str, epochs: Sequence[Epoch], level: float | None, stage: int | None) -> tuple[float, bool]:
    """A metric of the learning curve, and whether it is only the best that the truth can be."""
    if metric == "aulc":
        return area_under_curve(epochs), False
    if metric == "gradient_norm":
        assert stage is not None
        return gradient_norm(epochs, stage), False
    assert level is not None
    if metric == "epochs_to":
        return time_to(level, epochs, lambda epoch: 1.0)
    return time_to(level, epochs, lambda epoch: epoch.train_seconds + epoch.test_seconds)


def _of_gates(metric: str, reading: GateReading, stage: int | None) -> float | None:
    """A metric of gates, in the deepest unit of the stage; a stage without a block has none, and 0."""
    if metric == "gate_dynamics":
        return dynamics(reading, stage)
    units = [unit for unit in reading.units if unit.stage == stage]
    if not units:
        return 0.0
    if metric == "gate_saturation":
        return saturation(units[-1])
    return Parts.of(units[-1], reading.images).class_share or 0.0
