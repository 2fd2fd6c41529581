"""The role of excitation: how gates differ between channels, classes and images, and whether that matters.

The *class share* is the part of gates' variance over images that lies between classes, B / (B + W) in the terms of
``gate_measures``: 0 where gates do not tell classes apart, 1 where nothing else moves them. The *class correlation* is
the mean correlation of two classes' profiles over channels: 1 where all classes have the same profile, as in Hu et al.,
"Squeeze-and-Excitation Networks", arXiv 1709.01507v4, Section 7.2 for early units.

Channels of two seeds have nothing to do with each other, so seeds are compared by which classes they tell apart:
*agreement* is the mean correlation, over pairs of seeds, of the correlations between all pairs of classes.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from se_bench.analysis.estimates import Difference, Estimate, difference, estimate
from se_bench.analysis.gate_measures import Array, Parts, correlation, mean_if_known
from se_bench.records import GateReading, StudyRecords, UnitGates


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitStatistics:
    """One unit, over seeds."""

    unit: str
    stage: int
    channels: int
    mean: Estimate
    """Mean gate."""
    channel_spread: Estimate
    """Standard deviation of channels' means."""
    class_spread: Estimate
    """Root of B / C: how far classes' means lie from their channel's."""
    image_spread: Estimate
    """Root of W / C: how far an image lies from its class's mean."""
    class_share: Estimate
    """B / (B + W)."""
    class_correlation: Estimate
    """Mean correlation between two classes."""
    agreement: float | None
    """Between seeds; None where fewer than two seeds, or fewer than three classes, can be compared."""
    low: Estimate
    """Share of gates near their lower end; n is 0 where there is none."""
    high: Estimate
    """Share near the upper end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """The mean gate of each channel for each class in the deepest unit of a stage, with one seed."""

    unit: str
    stage: int
    means: tuple[tuple[float, ...], ...]
    """A row a class."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GateEffect:
    """What an intervention changes."""

    kind: str
    stage: int | None
    """The only stage whose gates are not their own; None: all."""
    difference: Difference
    """Accuracy with the intervention minus without, seed by seed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CandidateGates:
    """The gates of one candidate."""

    label: str
    seeds: tuple[int, ...]
    classes: tuple[str, ...]
    units: tuple[UnitStatistics, ...]
    """From input to output."""
    profiles: tuple[Profile, ...]
    """One a stage, of the first seed."""
    effects: tuple[GateEffect, ...]
    """Interventions on all gates, then on those of each stage alone."""


MOST_DRAWN = 7
"""Candidates whose gates a figure shows, as many as have a colour of their own: the first of the plan."""


def of_records(records: StudyRecords, most: int | None = None) -> tuple[CandidateGates, ...]:
    """The gates of each candidate with readings of at least one gate, in the order of the plan; the first ``most``."""
    architecture_of = {trial.trial_id: trial.architecture_id for trial in records.trials}
    read: defaultdict[str, list[GateReading]] = defaultdict(list)
    for reading in records.gates:
        if reading.units:
            read[architecture_of[reading.trial_id]].append(reading)
    known = [each for each in records.candidates if each.architecture_id in read]
    return tuple(summary(each.label, read[each.architecture_id]) for each in known[:most])


def summary(label: str, readings: Sequence[GateReading]) -> CandidateGates:
    """The statistics of one candidate over its readings, one a seed and at least one."""
    readings = sorted(readings, key=lambda reading: reading.seed)
    first = readings[0]
    deepest = {unit.stage: unit for unit in first.units}
    return CandidateGates(
        label=label,
        seeds=tuple(reading.seed for reading in readings),
        classes=first.classes,
        units=tuple(
            _unit([(reading.units[place], reading.images) for reading in readings]) for place in range(len(first.units))
        ),
        profiles=tuple(Profile(unit=unit.unit, stage=stage, means=unit.means) for stage, unit in deepest.items()),
        effects=tuple(
            GateEffect(
                kind=own.kind,
                stage=own.stage,
                difference=difference(
                    {reading.seed: reading.interventions[place].accuracy for reading in readings},
                    {reading.seed: reading.accuracy for reading in readings},
                ),
            )
            for place, own in enumerate(first.interventions)
        ),
    )


def _unit(of_seeds: Sequence[tuple[UnitGates, tuple[int, ...]]]) -> UnitStatistics:
    parts = [Parts.of(unit, images) for unit, images in of_seeds]
    first = of_seeds[0][0]

    def over_seeds(value: Callable[[Parts], float | None]) -> Estimate:
        return estimate([found for part in parts if (found := value(part)) is not None])

    return UnitStatistics(
        unit=first.unit,
        stage=first.stage,
        channels=len(first.means[0]),
        mean=over_seeds(lambda part: float(part.channel_means.mean())),
        channel_spread=over_seeds(lambda part: float(part.channel_means.std())),
        class_spread=over_seeds(lambda part: math.sqrt(part.between / len(part.channel_means))),
        image_spread=over_seeds(lambda part: math.sqrt(part.within / len(part.channel_means))),
        class_share=over_seeds(lambda part: part.class_share),
        class_correlation=over_seeds(lambda part: mean_if_known(part.class_correlations)),
        agreement=_agreement([part.class_correlations for part in parts]),
        low=estimate([unit.low for unit, _ in of_seeds if unit.low is not None]),
        high=estimate([unit.high for unit, _ in of_seeds if unit.high is not None]),
    )


def _agreement(of_seeds: Sequence[Array]) -> float | None:
    return mean_if_known(np.array([correlation(one, other) for one, other in combinations(of_seeds, 2)]))
