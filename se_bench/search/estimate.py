"""How long trials will take: from the same trial with other seeds, else from a few steps tried here."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Mapping, Sequence
from itertools import islice

import torch

from se_bench.config.setting import Recipe
from se_bench.data import datasets
from se_bench.data.datasets import Images
from se_bench.device import Device
from se_bench.nets.architecture import Architecture
from se_bench.nets.build import build
from se_bench.nets.init import materialise
from se_bench.records import Candidate, Trial
from se_bench.training import seeds
from se_bench.training.loop import train_batches
from se_bench.training.numerics import make_deterministic
from se_bench.training.step import Step

PROBED_STEPS = {"cpu": 4, "cuda": 9}
"""Of each kind of device: a GPU is as fast as it will be from the fifth on (see ``training.step``)."""
PROBE_SECONDS = 0.5
"""No further candidate is tried once the probes have taken this long."""
EVALUATION_SHARE = 1 / 3
"""An evaluated image costs about a third of a trained one: it has no backward pass."""


def trial_seconds(
    trials: Sequence[Trial], candidates: Sequence[Candidate], durations: Mapping[str, float]
) -> dict[str, float]:
    """Expected seconds of each trial alone on one slot.

    ``durations`` are medians of completed trials (trial id -> seconds). Candidates without one are tried for
    a few steps; those that the probes have no time for are scaled from the slowest by their MACs. One that
    cannot be trained counts nothing: its trials will say why.
    """
    unknown = [trial for trial in trials if trial.trial_id not in durations]
    probed: dict[str, float] = {}
    costs = {candidate.architecture_id: candidate.cost.macs for candidate in candidates}
    started = time.perf_counter()
    untried: list[str] = []
    for trial in {trial.architecture_id: trial for trial in unknown}.values():
        if probed and time.perf_counter() - started > PROBE_SECONDS:
            untried.append(trial.architecture_id)
        else:
            with contextlib.suppress(Exception):
                probed[trial.architecture_id] = _probe(trial)
    if untried:
        slowest = max(probed, key=lambda identity: probed[identity])
        seconds_per_mac = probed[slowest] / costs[slowest]
        probed |= {identity: seconds_per_mac * costs[identity] for identity in untried}
    return {trial.trial_id: durations.get(trial.trial_id, probed.get(trial.architecture_id, 0.0)) for trial in trials}


def wall_seconds(seconds: Sequence[float], slots: int) -> float:
    """Time until the last of these trials ends, each given to the slot that is free first."""
    busy = [0.0] * slots
    for duration in seconds:
        busy[busy.index(min(busy))] += duration
    return max(busy)


def _probe(trial: Trial) -> float:
    threads = torch.get_num_threads()
    make_deterministic()
    try:
        choice = dict(trial.dataset)
        images = datasets.load(choice.pop("name"), choice)
        recipe = Recipe.read(dict(trial.recipe))
        return recipe.epochs * _epoch_seconds(trial, images, recipe, Device.best())
    finally:
        torch.set_num_threads(threads)
        Device.best().release_memory()  # trials need it


def _epoch_seconds(trial: Trial, images: Images, recipe: Recipe, device: Device) -> float:
    """Without the updates: they are 4 % of a small net's step."""
    net = materialise(
        build(Architecture.from_data(trial.architecture)),
        lambda name: seeds.generator(trial.seed, "init", name),
    )
    net = device.place(net, recipe.precision).train()
    forward_backward = Step(net, recipe, device)
    batches = train_batches(images, recipe, device)
    times = []
    for batch in islice(batches.epoch(torch.Generator(), torch.Generator()), PROBED_STEPS[device.type]):
        net.zero_grad()
        device.wait()
        started = time.perf_counter()
        forward_backward(batch)
        device.wait()
        times.append(time.perf_counter() - started)
    step = sorted(times)[len(times) // 2]
    evaluation = (len(images.test) + len(images.validation)) / recipe.batch_size * EVALUATION_SHARE
    return step * (len(batches) + evaluation)
