"""Measured time of one architecture: a forward pass in evaluation, and a training step.

A time says nothing without its circumstances, so a measurement carries its batch, threads, device and clock, and
its spread. Counted costs understate it (SE-ResNet-50: 0.07 % more MACs, 2 to 26 % more time in published figures).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import nn
from torch.nn import functional as F

from se_bench.device import Device
from se_bench.nets.architecture import Architecture
from se_bench.nets.build import build
from se_bench.nets.init import materialise

CLOCK = "time.perf_counter, device synchronised"
LEARNING_RATE = 1e-3  # of the training step: its value does not matter, only that weights move and stay finite


@dataclass(frozen=True, slots=True, kw_only=True)
class Latency:
    """Times of one kind of pass, in milliseconds for the whole batch."""

    what: str
    """``forward`` (evaluation mode, no gradients) or ``train_step`` (forward, backward, SGD with momentum)."""
    p50_ms: float
    p95_ms: float
    repeats: int
    warmup: int
    """Passes before the first that was timed."""
    batch: int
    threads: int
    device: str
    clock: str = CLOCK


def measure(
    architecture: Architecture,
    *,
    batch: int = 1,
    threads: int = 1,
    repeats: int = 30,
    warmup: int = 5,
    device: Device | None = None,
) -> tuple[Latency, Latency]:
    """Time a forward pass and a training step on random images; values and images are the same every time.

    Args:
        architecture: what is built.
        batch: images a pass, at least 2 for the training step's BatchNorm at 1x1 maps.
        threads: of the CPU.
        repeats: timed passes of each kind.
        warmup: passes before them, which are not timed.
        device: where; the best there is by default.
    """
    device = device or Device.best()
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        net = device.place(materialise(build(architecture), lambda _: torch.Generator().manual_seed(0)))
        images = torch.randn(batch, *architecture.input_shape, generator=torch.Generator().manual_seed(0))
        images = device.move(images.contiguous(memory_format=torch.channels_last))
        labels = device.move(torch.arange(batch) % architecture.classes)
        # The mode is set outside of what is timed: it visits every module.
        forward = _timed("forward", _forward(net.eval(), images), repeats, warmup, batch, threads, device)
        step = _timed("train_step", _train_step(net.train(), images, labels), repeats, warmup, batch, threads, device)
        return forward, step
    finally:
        torch.set_num_threads(before)


def _forward(net: nn.Module, images: torch.Tensor) -> Callable[[], None]:
    def run() -> None:
        with torch.inference_mode():
            net(images)

    return run


def _train_step(net: nn.Module, images: torch.Tensor, labels: torch.Tensor) -> Callable[[], None]:
    optimiser = torch.optim.SGD(net.parameters(), lr=LEARNING_RATE, momentum=0.9)

    def run() -> None:
        F.cross_entropy(net(images), labels).backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        optimiser.zero_grad()

    return run


def _timed(
    what: str, run: Callable[[], None], repeats: int, warmup: int, batch: int, threads: int, device: Device
) -> Latency:
    for _ in range(warmup):
        run()
    times = []
    for _ in range(repeats):
        device.wait()
        started = time.perf_counter()
        run()
        device.wait()
        times.append(1000 * (time.perf_counter() - started))
    return Latency(
        what=what,
        p50_ms=_quantile(times, 0.50),
        p95_ms=_quantile(times, 0.95),
        repeats=repeats,
        warmup=warmup,
        batch=batch,
        threads=threads,
        device=f"{device.type}: {device.name}",
    )


def _quantile(times: list[float], share: float) -> float:
    return float(torch.tensor(times, dtype=torch.float64).quantile(share))
