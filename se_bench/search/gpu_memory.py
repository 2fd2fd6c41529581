"""How many trials share a GPU: as many as its memory holds of the one that takes most, and the cores can feed."""

from __future__ import annotations

import math
import multiprocessing
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool

import torch

from se_bench.config.setting import Recipe
from se_bench.data import datasets
from se_bench.device import Device, gpu_count
from se_bench.errors import EngineError
from se_bench.nets.architecture import Architecture
from se_bench.nets.build import build
from se_bench.nets.init import materialise
from se_bench.records import Candidate, Trial
from se_bench.search.process import cores
from se_bench.training import seeds
from se_bench.training.memory import most_used
from se_bench.training.numerics import make_deterministic

RESERVE = 0.1
"""Of what was measured, added to it: fragments, and steps that differ."""
_NAME_IT = "name a share instead: --gpus-per-trial 0.25 lets four trials share a GPU"


def measured_share(trials: Iterable[Trial], candidates: Iterable[Candidate]) -> float:
    """The share of a GPU, 1 over a whole number, that is enough for each of ``trials``.

    Each has a core of its own, too: a process without one keeps no GPU busy.

    It is measured on one of them, in a process of its own that gives the GPU back; 1.0 where there is no GPU or one is
    not enough.

    Raises :class:`~se_bench.errors.EngineError` where the process dies.
    """
    memory = {each.architecture_id: each.cost.memory_bytes for each in candidates}
    largest = max(trials, key=lambda trial: memory[trial.architecture_id], default=None)
    if largest is None:
        return 1.0
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as process:
        try:
            found = process.submit(measure, largest).result()
        except BrokenProcessPool as problem:
            raise EngineError("the process that measured a trial's memory died", hint=_NAME_IT) from problem
    if found is None:
        return 1.0
    return share_of(*found, cores=cores() // gpu_count())


def measure(trial: Trial) -> tuple[int, int] | None:
    """Bytes that ``trial`` takes of this process's GPU, and all that the GPU has; None on the CPU."""
    make_deterministic()  # other algorithms take other memory
    device = Device.best()
    images = datasets.load(trial.dataset["name"], {key: value for key, value in trial.dataset.items() if key != "name"})
    net = materialise(
        build(Architecture.from_data(trial.architecture)),
        lambda parameter: seeds.generator(trial.seed, "init", parameter),
    )
    try:
        used = most_used(net, images, Recipe.read(dict(trial.recipe)), device)
    except torch.OutOfMemoryError:
        used = device.memory_bytes
    total = device.memory_bytes
    return None if used is None or total is None else (used, total)


def share_of(used: int, total: int, *, cores: int) -> float:
    """The share of a GPU of ``total`` bytes for trials of ``used`` bytes and a core each, with a reserve; at most 1."""
    return 1 / max(1, min(math.floor(total / (used * (1 + RESERVE))), cores))
