"""Made-up studies whose truth is known: accuracies from a model of seeds, as records of completed trials."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from se_bench.analysis.answer import Answer, answer
from se_bench.analysis.claims import Asked, Verdict
from se_bench.analysis.sequential import next_seed
from se_bench.config.claim import Claim
from se_bench.config.load import Study, load_study
from se_bench.records import Candidate, Cost, Status, StudyRecords, TrialResult

NAMES = ("baseline", "a", "b", "c", "d")
BASE = 0.89
"""Accuracy of a candidate whose mean is 0."""
SPREAD = 0.007
"""Standard deviation of an accuracy over seeds: that of the quick setting."""
UNEQUAL = (0.0015, 0.0075, 0.003, 0.006, 0.02)
"""Spreads that differ from candidate to candidate, as in the quick studies."""
CORRELATION = (0.55, 0.73)
"""Of two candidates over seeds: the range that was measured."""
POINT = 0.01


@dataclass(frozen=True, kw_only=True)
class World:
    """How accuracies come about."""

    seeds: tuple[int, int]
    """The least and the most; equal for a fixed number."""
    means: tuple[float, ...] = (0.0,) * len(NAMES)
    """True accuracy of each candidate, less ``BASE``."""
    spreads: tuple[float, ...] = (SPREAD,) * len(NAMES)
    degrees: float = math.inf
    """Of freedom of the noise's t distribution: fewer are heavier tails."""
    images: int = 2048
    """Of the test split: accuracies are multiples of one over it."""
    correlation: tuple[float, float] = CORRELATION
    """Of two candidates over seeds; each study has one from this range."""

    def draw(self, rng: np.random.Generator) -> NDArray[np.float64]:
        """Accuracies, (candidates, seeds): a part that all candidates of a seed share, and one of their own."""
        shared = rng.uniform(*self.correlation)
        noise = [self._noise(rng, (1, self.seeds[1])), self._noise(rng, (len(NAMES), self.seeds[1]))]
        spread = np.array(self.spreads)[:, None]
        exact = (
            BASE
            + np.array(self.means)[:, None]
            + spread * (math.sqrt(shared) * noise[0] + math.sqrt(1 - shared) * noise[1])
        )
        return np.asarray(np.round(exact * self.images) / self.images)

    def _noise(self, rng: np.random.Generator, shape: tuple[int, int]) -> NDArray[np.float64]:
        if math.isinf(self.degrees):
            return rng.standard_normal(shape)
        return rng.standard_t(self.degrees, shape) * math.sqrt((self.degrees - 2) / self.degrees)


Known = tuple[Claim, tuple[str, ...], Verdict | None]
"""A claim, the candidates that it compares, and the one verdict that is true; None where the truth is on the limit."""


def claim(expect: str, margin: float = 0.0, **more: object) -> Claim:
    """A claim about made-up candidates."""
    sides = {} if "along" in more else {"candidate": "baseline"}
    return Claim.read({"id": "it", "says": "", "expect": expect, "margin": margin, **sides, **more})


def along(expect: str, margin: float = 0.0) -> Claim:
    """A claim about a trend over four candidates."""
    return claim(expect, margin, along={"reduction": [2, 4, 8, 16]})


def than(expect: str) -> Claim:
    """A claim about an interaction."""
    return claim(expect, than={"candidate": "baseline"})


NO_EFFECT: tuple[Known, ...] = (
    (claim("better"), ("a", "baseline"), None),
    (claim("worse"), ("b", "baseline"), None),
    (claim("not_worse"), ("c", "baseline"), None),
    (claim("higher"), ("a", "b"), None),
    (than("better"), ("a", "b", "c", "d"), None),
    (along("increasing"), ("a", "b", "c", "d"), None),
    (claim("not_worse", POINT), ("d", "baseline"), Verdict.SUPPORTED),
    (claim("equivalent", POINT), ("a", "d"), Verdict.SUPPORTED),
)
"""Of candidates that are all the same."""
LIMIT_MEANS = (0.0, POINT, -POINT, 0.0, 0.0)
AT_THE_LIMIT: tuple[Known, ...] = (
    (claim("better", POINT), ("a", "baseline"), None),
    (claim("not_worse", POINT), ("b", "baseline"), None),
    (claim("worse", POINT), ("b", "c"), None),
    (claim("equivalent", POINT), ("a", "c"), Verdict.REFUTED),
    (claim("equivalent", POINT), ("b", "d"), Verdict.REFUTED),
    (along("increasing", POINT), ("b", "a", "c", "d"), Verdict.REFUTED),
)
"""Of differences that are exactly their margin; equivalence and the trend are false a hair beyond it."""
MIXED_MEANS = (0.0, 0.05, -0.05, 0.0, 0.0)
MIXED: tuple[Known, ...] = (
    (claim("better"), ("a", "baseline"), Verdict.SUPPORTED),
    (claim("better"), ("b", "baseline"), Verdict.REFUTED),
    (claim("better"), ("c", "baseline"), None),
    (claim("worse"), ("d", "baseline"), None),
    (claim("higher"), ("c", "d"), None),
)
"""Of effects that are found each time, which leaves the others all of the error rate, and of none."""


def study_of(world: World) -> Study:
    """A study with the seeds of ``world``."""
    first, last = world.seeds
    return replace(load_study("reduction_ratio"), seeds=tuple(range(last)), first_seeds=first)


def judged(study: Study, accuracies: NDArray[np.float64], claims: Sequence[Asked]) -> Answer:
    """The answer to a study in which every trial is completed."""
    return answer(study, records_of(accuracies, dict.fromkeys(NAMES, accuracies.shape[1])), claims)


def one_by_one(study: Study, accuracies: NDArray[np.float64], claims: Sequence[Asked]) -> Answer:
    """The answer to a study that adds seeds where ``next_seed`` wants them."""
    seeds = dict.fromkeys(NAMES, study.first_seeds)
    while True:
        records = records_of(accuracies, seeds)
        needed = next_seed(study, records, claims).architectures
        if not needed:
            return answer(study, records, claims)
        for name in needed:
            seeds[name] += 1


def records_of(accuracies: NDArray[np.float64], seeds: Mapping[str, int]) -> StudyRecords:
    """The first trials of each candidate, as many as ``seeds`` says."""
    cost = Cost(params=1, block_params=0, buffers=0, macs=1, elementwise=1, activations=1, memory_bytes=1)
    return StudyRecords(
        candidates=tuple(
            Candidate(
                architecture_id=name, label=name, axes={}, architecture={}, is_baseline=name == "baseline", cost=cost
            )
            for name in NAMES
        ),
        trials=tuple(
            TrialResult(
                trial_id=f"{name}/{seed}",
                architecture_id=name,
                seed=seed,
                status=Status.COMPLETED,
                epochs=1,
                accuracy=float(accuracy),
                loss=1.0,
                train_seconds=1.0,
            )
            for name, row in zip(NAMES, accuracies, strict=True)
            for seed, accuracy in enumerate(row[: seeds[name]])
        ),
        epochs=(),
    )
