"""The learning curves of one trial, beside those of its other seeds and of its baseline with the same seed."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from se_bench.records import Epoch

Metric = Literal["accuracy", "loss"]
Role = Literal["other", "baseline", "train", "test"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A value after each epoch; epochs whose value is not finite are left out."""

    name: str
    role: Role
    """``test`` and ``train`` are the trial's own, ``other`` the test values of another seed."""
    epochs: tuple[int, ...]
    values: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialCurves:
    """What the figure of a trial's curves shows."""

    metric: Metric
    lines: tuple[Line, ...]
    """In the order of drawing: the trial's own last."""
    diverged_after: int | None
    """The epoch whose own test value is the first that is not finite."""


def compute(
    metric: Metric, own: Sequence[Epoch], others: Mapping[int, Sequence[Epoch]], baseline: Sequence[Epoch] = ()
) -> TrialCurves | None:
    """The curves of a metric; None where the trial has no epoch on record.

    Args:
        own: the trial's epochs.
        others: seed -> epochs of the same candidate.
        baseline: epochs of the baseline with the trial's seed.
    """
    if not own:
        return None
    lines = [_line(f"seed {seed}", "other", metric, "test", epochs) for seed, epochs in sorted(others.items())]
    lines.append(_line("baseline, same seed", "baseline", metric, "test", baseline))
    lines.append(_line("train", "train", metric, "train", own))
    lines.append(_line("test", "test", metric, "test", own))
    broken = [epoch.epoch for epoch in own if not math.isfinite(_value(epoch, metric, "test"))]
    return TrialCurves(
        metric=metric,
        lines=tuple(line for line in lines if line.epochs),
        diverged_after=min(broken, default=None),
    )


def _line(name: str, role: Role, metric: Metric, split: str, epochs: Sequence[Epoch]) -> Line:
    found = [(epoch.epoch, value) for epoch in epochs if math.isfinite(value := _value(epoch, metric, split))]
    return Line(
        name=name, role=role, epochs=tuple(number for number, _ in found), values=tuple(value for _, value in found)
    )


def _value(epoch: Epoch, metric: Metric, split: str) -> float:
    return float(getattr(epoch, f"{split}_{metric}"))
