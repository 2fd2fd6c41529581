"""What a GPU makes of small nets: `python -m benchmarks.gpu`.

Nets of CIFAR-10's size are trained on random images in its shape. Ours is the loop as a trial runs it; beside it the
same loop without recording its step, and forward, backward and step over batches that lie ready. Then as many trials at
once as are asked for, each in a process of its own, share the GPU. The last line printed is one JSON object.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from statistics import median
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from benchmarks.machine import machine
from se_bench.config.axes import Axes
from se_bench.config.setting import BackboneChoice, Recipe
from se_bench.data.datasets import Images, ImageSplit
from se_bench.device import Device, Recording
from se_bench.nets.build import build, resolve
from se_bench.nets.init import materialise
from se_bench.training import seeds
from se_bench.training.loop import train, train_batches
from se_bench.training.numerics import make_deterministic
from se_bench.training.optimiser import SGD

GPU = Device("cuda")
SHAPE = (3, 32, 32)
CLASSES = 10
IMAGES = 6_400
RECIPE = {"batch_size": 128, "learning_rate": 0.1, "weight_decay": 5e-4, "nesterov": True, "augment": "crop_flip"}
NETS = {
    "ResNet-20": ("cifar_resnet20", Axes(block="none")),
    "ResNet-20 + SE": ("cifar_resnet20", Axes(block="se")),
    "ResNet-56 + SE": ("cifar_resnet56", Axes(block="se")),
}
SHARED = "ResNet-20 + SE"


@dataclass(frozen=True)
class StepByStep(Device):
    """A GPU whose kernels are launched one by one."""

    type: str = "cuda"

    def record(self, work: Callable[..., tuple[Tensor, ...]], *inputs: Tensor) -> Recording | None:
        """Nothing is recorded."""
        return None


def main() -> None:
    options = read_options()
    if not torch.cuda.is_available():
        raise SystemExit("this machine has no GPU")
    make_deterministic()
    rates = {name: compared(name, options.repeats) for name in NETS}
    shared = {count: together(count, options.seconds) for count in options.at_once}
    figures: dict[str, Any] = {"benchmark": "gpu", "unit": "images/s", "nets": rates, "at_once": shared}
    figures["machine"] = {"gpu": GPU.name} | machine("torch")
    print(json.dumps(figures))


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=5, metavar="N", help="epochs of each, in turns (default 5)")
    parser.add_argument("--at-once", type=int, nargs="*", default=[1, 4], metavar="N", help="trials that share")
    parser.add_argument("--seconds", type=float, default=8.0, metavar="S", help="that they share for (default 8)")
    return parser.parse_args()


def compared(name: str, repeats: int) -> dict[str, Any]:
    """Images a second of a net's training, the ways in turns."""
    ways = {
        "ours": looped(name, recipe(repeats + 1), GPU),
        "one by one": looped(name, recipe(repeats + 1), StepByStep()),
        "bare": bare(name, "float32"),
        "ours, bfloat16": looped(name, recipe(repeats + 1, precision="bfloat16"), GPU),
        "bare, bfloat16": bare(name, "bfloat16"),
    }
    for way in ways.values():
        way()
    found: dict[str, list[float]] = {way: [] for way in ways}
    for turn in range(repeats):
        for way in reversed(ways) if turn % 2 else ways:
            found[way].append(ways[way]())
    medians = {way: round(median(rates)) for way, rates in found.items()}
    ratios = [ours / peer for ours, peer in zip(found["ours"], found["bare"], strict=True)]
    medians |= {"ratio": round(median(ratios), 3), "low": round(min(ratios), 3), "high": round(max(ratios), 3)}
    print(f"{name:16}", *(f"{way} {rate}" for way, rate in medians.items()), sep="  ", flush=True)
    return medians


def looped(name: str, rules: Recipe, device: Device) -> Callable[[], float]:
    """Images a second of one more epoch of the loop."""
    records = train("benchmark", net(name), images(), rules, 0, device)
    return lambda: IMAGES / next(records).train_seconds


def bare(name: str, precision: str) -> Callable[[], float]:
    """Images a second of bare steps over the first epoch's batches."""
    module = GPU.place(net(name), precision).train()
    rules = recipe(1)
    optimiser = SGD(module.parameters(), rules)
    order, augment = seeds.generator(0, "order", 1), seeds.generator(0, "augment", 1)
    batches = list(train_batches(images(), rules, GPU).epoch(order, augment))

    def steps() -> float:
        GPU.wait()
        started = time.perf_counter()
        for x, y in batches:
            with GPU.autocast(precision):
                logits = module(x)
            F.cross_entropy(logits.float(), y).backward()
            optimiser.step()
        GPU.wait()
        return IMAGES / (time.perf_counter() - started)

    return steps


def together(count: int, seconds: float) -> dict[str, float]:
    """Images a second of ``count`` trials at once, all in all, recorded and one by one."""
    found = {}
    for way, recorded in (("ours", True), ("one by one", False)):
        context = multiprocessing.get_context("spawn")
        with context.Manager() as manager, ProcessPoolExecutor(count, mp_context=context) as processes:
            ready = manager.Barrier(count)
            rates = list(processes.map(shared, [(ready, recorded, seconds)] * count))
        found[way] = round(sum(rates))
    print(f"{count:2d} at once", *(f"{way} {rate}" for way, rate in found.items()), sep="  ", flush=True)
    return found


def shared(asked: tuple[Any, bool, float]) -> float:
    """In a process of its own: images a second while the others train too."""
    ready, recorded, seconds = asked
    make_deterministic()
    way = looped(SHARED, recipe(1000), GPU if recorded else StepByStep())
    way()
    ready.wait()
    started, trained = time.perf_counter(), 0
    while time.perf_counter() - started < seconds:
        way()
        trained += IMAGES
    return trained / (time.perf_counter() - started)


def recipe(epochs: int, **changes: Any) -> Recipe:
    return Recipe.read({**RECIPE, "epochs": epochs, **changes})


def net(name: str) -> nn.Module:
    backbone, axes = NETS[name]
    architecture = resolve(BackboneChoice(name=backbone), axes, SHAPE, CLASSES)
    return materialise(build(architecture), lambda parameter: seeds.generator(0, "init", parameter))


def images() -> Images:
    """Noise in CIFAR-10's shape."""
    splits = [noise(count) for count in (IMAGES, 1, 256)]
    return Images("noise", tuple(map(str, range(CLASSES))), *splits)


def noise(count: int) -> ImageSplit:
    generator = torch.Generator().manual_seed(count)
    values = torch.randint(0, 256, (count, *SHAPE), generator=generator, dtype=torch.uint8)
    return ImageSplit(values, torch.arange(count) % CLASSES)


if __name__ == "__main__":
    main()
