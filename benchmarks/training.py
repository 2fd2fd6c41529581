"""How much of the bare training speed the training loop reaches: `python benchmarks/training.py`.

Ours is the loop as a trial runs it (shuffling, normalising, learning rate, sums for the record, gradient
norms). The peer is what no loop can beat: forward, backward and optimiser step over batches that lie ready.
Both train the net of the setting `digits` on its images, in one thread, epoch by epoch in turns, so that a
noisy machine disturbs both; each turn gives one ratio. The last line printed is one JSON object.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from statistics import median
from typing import Any

import torch
from torch import nn
from torch.nn import functional as F

from se_bench.config.axes import Axes
from se_bench.config.load import load_setting
from se_bench.config.setting import Recipe, Setting
from se_bench.data import datasets
from se_bench.data.batches import Batch
from se_bench.data.datasets import Images
from se_bench.device import Device
from se_bench.nets.build import build, resolve
from se_bench.nets.init import materialise
from se_bench.search.environment import describe
from se_bench.training import seeds
from se_bench.training.loop import train, train_batches
from se_bench.training.numerics import make_deterministic

GOAL = 0.90
CPU = Device("cpu")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=12, metavar="N", help="epochs of each (default 12)")
    repeats = parser.parse_args().repeats
    make_deterministic()
    setting = load_setting("digits")
    images = datasets.load(setting.dataset.name, setting.dataset.options)
    # One epoch more than is counted: the first of each warms caches up. The schedule spans them all.
    recipe = setting.recipe.model_copy(update={"epochs": repeats + 1})
    ours, peer = our_epochs(setting, images, recipe), bare_epochs(setting, images, recipe)
    ours(), peer()
    pairs = []
    for turn in range(repeats):
        first, second = (ours, peer) if turn % 2 == 0 else (peer, ours)
        rates = {first: first(), second: second()}
        pairs.append((rates[ours], rates[peer]))
        print(
            f"turn {turn + 1:2d}: loop {rates[ours]:7.0f} images/s, "
            f"bare {rates[peer]:7.0f}, ratio {rates[ours] / rates[peer]:.3f}"
        )
    print(json.dumps(figures(pairs)))


def our_epochs(setting: Setting, images: Images, recipe: Recipe) -> Callable[[], float]:
    """A function that trains one more epoch with the loop and returns images a second of its training part."""
    records = train("benchmark", new_net(setting, images), images, recipe, seed=0, device=CPU)
    count = len(train_batches(images, recipe, CPU)) * recipe.batch_size
    return lambda: count / next(records).train_seconds


def bare_epochs(setting: Setting, images: Images, recipe: Recipe) -> Callable[[], float]:
    """The same for the bare steps, on the batches of the loop's first epoch."""
    net = CPU.place(new_net(setting, images), "float32").train()
    optimiser = torch.optim.SGD(
        net.parameters(),
        lr=recipe.learning_rate,
        momentum=recipe.momentum,
        nesterov=recipe.nesterov,
        weight_decay=recipe.weight_decay,
        foreach=True,
    )
    order, augment = seeds.generator(0, "order", 1), seeds.generator(0, "augment", 1)
    batches = list(train_batches(images, recipe, CPU).epoch(order, augment))
    return lambda: len(batches) * recipe.batch_size / bare_seconds(net, optimiser, batches)


def bare_seconds(net: nn.Module, optimiser: torch.optim.Optimizer, batches: Sequence[Batch]) -> float:
    started = time.perf_counter()
    for x, y in batches:
        F.cross_entropy(net(x), y).backward()
        optimiser.step()
        optimiser.zero_grad(set_to_none=True)
    return time.perf_counter() - started


def new_net(setting: Setting, images: Images) -> nn.Module:
    """The setting's net without a block, with the initial values of seed 0."""
    architecture = resolve(setting.backbone, Axes(block="none"), images.input_shape, images.num_classes)
    return materialise(build(architecture), lambda name: seeds.generator(0, "init", name))


def figures(pairs: Sequence[tuple[float, float]]) -> dict[str, Any]:
    """What the JSON line says of (loop, bare) images a second, turn by turn."""
    ratio = spread([loop / bare for loop, bare in pairs], 3)
    here = describe(slots=1, gpus_per_trial=0.0)
    return {
        "benchmark": "training",
        "unit": "images/s",
        "ours": spread([loop for loop, _ in pairs], 0),
        "peer": {"name": "forward + backward + step on ready batches"} | spread([bare for _, bare in pairs], 0),
        "ratio": ratio,
        "n": len(pairs),
        "goal": GOAL,
        "meets_goal": ratio["median"] >= GOAL,
        "machine": {
            "processor": here["processor"],
            "cores": here["cores"],
            "torch": here["packages"]["torch"],
            "date": f"{datetime.now(UTC):%Y-%m-%d}",
        },
    }


def spread(values: Sequence[float], digits: int) -> dict[str, float]:
    """Median and range."""
    rounded = {"median": median(values), "low": min(values), "high": max(values)}
    return {name: round(value, digits) for name, value in rounded.items()}


if __name__ == "__main__":
    main()
