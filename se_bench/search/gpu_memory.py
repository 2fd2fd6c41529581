"""How many trials share a GPU: as many as its memory holds of the one that takes most."""

from __future__ import annotations

import math
import multiprocessing
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor

from se_bench.config.setting import Recipe
from se_bench.data import datasets
from se_bench.device import Device
from se_bench.nets.architecture import Architecture
from se_bench.nets.build import build
from se_bench.nets.init import materialise
from se_bench.records import Candidate, Trial
from se_bench.training import seeds
from se_bench.training.memory import most_used

RESERVE = 0.1
"""Of what was measured, added to it: fragments, and steps that differ."""


def measured_share(trials: Iterable[Trial], candidates: Iterable[Candidate]) -> float:
    """The share of a GPU, 1 over a whole number, that is enough for each of ``trials``.

    It is measured on one of them, in a process of its own that gives the GPU back; 1.0 where there is no GPU.
    """
    memory = {each.architecture_id: each.cost.memory_bytes for each in candidates}
    largest = max(trials, key=lambda trial: memory[trial.architecture_id], default=None)
    if largest is None:
        return 1.0
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as process:
        found = process.submit(measure, largest).result()
    return 1.0 if found is None else share_of(*found)


def measure(trial: Trial) -> tuple[int, int] | None:
    """Bytes that ``trial`` takes of this process's GPU, and all that the GPU has; None on the CPU."""
    device = Device.best()
    images = datasets.load(trial.dataset["name"], {key: value for key, value in trial.dataset.items() if key != "name"})
    net = materialise(
        build(Architecture.from_data(trial.architecture)),
        lambda parameter: seeds.generator(trial.seed, "init", parameter),
    )
    used = most_used(net, images, Recipe.read(dict(trial.recipe)), device)
    total = device.memory_bytes
    return None if used is None or total is None else (used, total)


def share_of(used: int, total: int) -> float:
    """The share of a GPU of ``total`` bytes for trials of ``used`` bytes each, with a reserve; at most 1."""
    return 1 / max(1, math.floor(total / (used * (1 + RESERVE))))
