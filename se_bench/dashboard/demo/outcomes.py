"""What became of the trials of a demonstration: invented, but shaped like what trials do.

Accuracy grows with the net's MACs, blocks and gates have effects of their own, trials of one seed go up and down
together, a test split of 2,000 images makes ties, some trials diverge or fail, and the last ones are still to come.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache

import numpy as np
from numpy.typing import NDArray

from se_bench.records import Candidate, Epoch, Status, Trial, TrialResult

FIRST_START = datetime(2026, 1, 5, 8, tzinfo=UTC)
SLOTS = 16
TEST_IMAGES = 2_000
STAGES = 3

BLOCK_GAIN: Mapping[str, float] = {
    "se": 0.012, "cbam": 0.013, "ese": 0.008, "srm": 0.009, "gct": 0.006, "simam": 0.004, "fca": 0.014
}  # fmt: skip
GATE_LOSS: Mapping[str, float] = {
    "softmax": 0.012, "softmax_scaled": 0.002, "tanh": 0.004, "relu": 0.006, "identity": 0.008
}  # fmt: skip
RISK: Mapping[str, float] = {"relu": 6.0, "identity": 10.0, "softmax_scaled": 3.0}
"""How many times more often than the other gates these make a trial diverge."""

INTERRUPTED: Mapping[Status, tuple[float, str]] = {
    Status.DIVERGED: (0.02, "the training loss is not finite in epoch {epoch}"),
    Status.STOPPED: (0.03, ""),
    Status.FAILED: (0.005, "RuntimeError: shape '<16, 4>' is invalid for input of size 48"),
    Status.OUT_OF_MEMORY: (0.002, "out of memory: 1.9 GiB wanted, 1.2 GiB free"),
    Status.CRASHED: (0.001, "the worker died three times; its last words: Segmentation fault (core dumped)"),
}
"""Share of all trials, and what their message says."""
WAITING = 0.01
"""Share of all trials that nobody has started."""

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True)
class Outcomes:
    """What became of each trial, in the order of the plan."""

    statuses: Sequence[Status]
    epochs: Integers
    """Epochs on record."""
    accuracy: Floats
    """Of the last epoch, had the trial been left to end."""
    seconds: Floats
    """An epoch's."""
    started: Floats
    """Seconds after :data:`FIRST_START`."""


def invent(candidates: Sequence[Candidate], of: Integers, seeds: Integers, epochs: int, seed: int) -> Outcomes:
    """Outcomes of trials of ``epochs`` epochs, each with its candidate's place ``of`` and its own of ``seeds``."""
    draw = np.random.default_rng([seed, 1])
    nets = np.array([_expected(each) for each in candidates]) + draw.normal(0, 0.003, len(candidates))
    shared = draw.normal(0, 0.005, int(seeds.max()) + 1)
    accuracy = nets[of] + shared[seeds] + draw.normal(0, 0.004, len(of))
    macs = np.array([each.cost.macs for each in candidates], dtype=float)
    seconds = (0.1 + 5e-7 * macs[of]) * draw.lognormal(0, 0.05, len(of))
    risk = np.array([RISK.get(str(each.axes.get("gate")), 1.0) for each in candidates])
    statuses = _statuses(risk[of], draw)
    done = np.where([each is Status.COMPLETED for each in statuses], epochs, draw.integers(1, epochs + 1, len(of)))
    done[[each is Status.PLANNED for each in statuses]] = 0
    return Outcomes(
        statuses=statuses,
        epochs=done,
        accuracy=np.round(np.clip(accuracy, 0, 1) * TEST_IMAGES) / TEST_IMAGES,
        seconds=seconds,
        started=np.cumsum(seconds * epochs / SLOTS) - seconds[0] * epochs / SLOTS,
    )


def records(
    trials: Sequence[Trial], places: Sequence[int], outcomes: Outcomes, runs: Sequence[str], epochs: int, seed: int
) -> Iterator[tuple[TrialResult, tuple[Epoch, ...]]]:
    """The result and the epochs of those of the trials at ``places`` that were started."""
    curves = _curves(outcomes.accuracy[places], epochs, np.random.default_rng([seed, 2, places[0]]))
    for place, curve in zip(places, curves.tolist(), strict=True):
        status, done = outcomes.statuses[place], int(outcomes.epochs[place])
        if status is Status.PLANNED:
            continue
        trial = trials[place]
        kept = _epochs(trial.trial_id, curve[:done], float(outcomes.seconds[place]), status)
        started = FIRST_START + timedelta(seconds=float(outcomes.started[place]))
        spent = math.fsum(each.train_seconds + each.test_seconds for each in kept)
        completed = status is Status.COMPLETED
        yield (
            TrialResult(
                trial_id=trial.trial_id,
                architecture_id=trial.architecture_id,
                seed=trial.seed,
                status=status,
                epochs=done,
                accuracy=kept[-1].test_accuracy if completed else None,
                loss=kept[-1].test_loss if completed else None,
                validation_accuracy=kept[-1].validation_accuracy,
                train_seconds=spent,
                error=INTERRUPTED[status][1].format(epoch=done) if status in INTERRUPTED else "",
                run_id=runs[place * len(runs) // len(trials)],
                started_at=started,
                ended_at=None if status is Status.RUNNING else started + timedelta(seconds=spent),
            ),
            kept,
        )


def _expected(candidate: Candidate) -> float:
    """What a net's accuracy would be without luck: by its size, its block and its gate, best at r near 8."""
    axes = candidate.axes
    accuracy = 1 - 0.9 * math.pow(candidate.cost.macs, -0.13)
    if candidate.is_baseline:
        return accuracy
    off = abs(math.log2(axes["reduction"] / 8)) if "reduction" in axes else 0
    share = 1.0 if axes["stages"] == "all" else 0.6
    gain: float = BLOCK_GAIN[axes["block"]] - GATE_LOSS.get(str(axes.get("gate")), 0.0) - 0.0015 * off
    return accuracy + share * gain


def _statuses(risk: Floats, draw: np.random.Generator) -> list[Status]:
    """A status for each trial: at least one of every kind where there are some hundred trials."""
    number = len(risk)
    statuses = [Status.COMPLETED] * number
    waiting = round(WAITING * number)
    running = min(SLOTS, waiting)
    for place in range(number - waiting - running, number):
        statuses[place] = Status.RUNNING if place < number - waiting else Status.PLANNED
    # The smallest of exponential waiting times: a choice without repetition, in proportion to the risk.
    order = np.argsort(draw.exponential(1 / risk[: number - waiting - running]))
    taken = 0
    for status, (share, _) in INTERRUPTED.items():
        for place in order[taken : taken + round(share * number)]:
            statuses[place] = status
        taken += round(share * number)
    return statuses


def _curves(accuracy: Floats, epochs: int, draw: np.random.Generator) -> Floats:
    """Accuracies (trials, epochs) that rise to the last one."""
    after = np.arange(1, epochs + 1)
    shape: Floats = (1 - 0.75 * np.exp(-4 * after / epochs)) / (1 - 0.75 * np.exp(-4))
    curves: Floats = accuracy[:, None] * shape + draw.normal(0, 0.004, (len(accuracy), epochs))
    curves[:, -1] = accuracy
    return curves


def _epochs(trial_id: str, accuracy: Sequence[float], seconds: float, status: Status) -> tuple[Epoch, ...]:
    found = [
        Epoch(
            trial_id=trial_id,
            epoch=number,
            train_loss=3.0 * (1 - reached),
            train_accuracy=min(1.0, reached + 0.01),
            test_loss=3.2 * (1 - reached),
            test_accuracy=reached,
            train_seconds=0.9 * seconds,
            test_seconds=0.1 * seconds,
            gradient_norms=_norms(number),
            validation_loss=3.1 * (1 - reached),
            validation_accuracy=min(1.0, reached + 0.004),
        )
        for number, reached in enumerate(accuracy, start=1)
    ]
    if status is Status.DIVERGED:
        wild = (math.inf,) * STAGES
        found[-1] = replace(found[-1], train_loss=math.nan, test_loss=math.inf, gradient_norms=wild)
        found[-1] = replace(found[-1], train_accuracy=0.1, test_accuracy=0.1, validation_accuracy=0.1)
    return tuple(found)


@cache
def _norms(epoch: int) -> tuple[float, ...]:
    return tuple(1 / (epoch + stage) for stage in range(STAGES))
