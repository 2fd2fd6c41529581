"""Studies over several axes, made by hand: candidates are named by their axes, ``gate=tanh reduction=4``."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from itertools import product
from typing import Any

import numpy as np

from se_bench.analysis.answer import Answer
from se_bench.analysis.answer import answer as summarise
from se_bench.config.axes import Axes, show
from tests.analysis.small_studies import Measured, records, study

Levels = Mapping[str, Sequence[Any]]

FACTORS: Levels = {"squeeze": ("avg", "max", "std"), "gate": ("sigmoid", "tanh")}


def label(axes: Mapping[str, Any]) -> str:
    return " ".join(f"{axis}={show(value)}" for axis, value in axes.items())


def combinations(levels: Levels) -> list[dict[str, Any]]:
    return [dict(zip(levels, values, strict=True)) for values in product(*levels.values())]


def crossed(levels: Levels, accuracy: Callable[[Mapping[str, Any], int], float], seeds: int = 4) -> Answer:
    """A study of every combination; ``accuracy(axes, seed)`` is what it measured, the baseline's with no axes."""
    return of_candidates(combinations(levels), accuracy, seeds)


def of_candidates(
    candidates: Sequence[Mapping[str, Any]], accuracy: Callable[[Mapping[str, Any], int], float], seeds: int = 4
) -> Answer:
    """A study of these candidates; those of which nothing is measured give NaN."""
    measured: dict[str, dict[int, Any]] = {"baseline": {seed: accuracy({}, seed) for seed in range(seeds)}}
    for axes in candidates:
        values = {seed: accuracy(axes, seed) for seed in range(seeds)}
        measured[label(axes)] = {seed: value for seed, value in values.items() if not _is_nan(value)}
    return answered_with_axes(measured, {label(axes): axes for axes in candidates})


def answered_with_axes(measured: Measured, axes: Mapping[str, Mapping[str, Any]]) -> Answer:
    """The answer to a study in which every candidate has its axes, as its space says which matter."""
    asked = study()
    plain = records(measured)
    candidates = tuple(
        each
        if each.is_baseline
        else dataclasses.replace(each, axes=asked.space.active(Axes.read({"block": "se", **axes[each.label]})))
        for each in plain.candidates
    )
    return summarise(asked, dataclasses.replace(plain, candidates=candidates), [])


def noisy(seed: int = 0, spread: float = 0.004) -> Callable[[Mapping[str, Any], int], float]:
    """An effect of each axis, one interaction, a shift a seed, and noise; the same numbers for the same arguments."""

    def accuracy(axes: Mapping[str, Any], trial_seed: int) -> float:
        random = np.random.default_rng([seed, trial_seed, *label(axes).encode()])
        shift = np.random.default_rng([seed, trial_seed]).normal(0, 0.01)
        value = 0.8 + shift + random.normal(0, spread)
        value += {"max": 0.02, "std": -0.01}.get(axes.get("squeeze", ""), 0.0)
        value += 0.03 if axes.get("gate") == "tanh" else 0.0
        value += 0.02 if axes.get("gate") == "tanh" and axes.get("squeeze") == "max" else 0.0
        return float(value)

    return accuracy


def _is_nan(value: Any) -> bool:
    return isinstance(value, float) and np.isnan(value)
