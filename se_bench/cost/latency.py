"""Measured time of one architecture: a forward pass in evaluation, and a training step.

A time says nothing without its circumstances, so a measurement carries its batch, threads, device and clock, and
its spread. Counted costs understate it (SE-ResNet-50: 0.07 % more MACs, 2 to 26 % more time in published figures).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
from torch import nn
from torch.nn import functional as F

from se_bench.device import Device
from se_bench.nets.architecture import Architecture
from se_bench.nets.build import build
from se_bench.nets.init import materialise
from se_bench.records import LatencyReading

CLOCK = "time.perf_counter, device synchronised"
LEARNING_RATE = 1e-3  # of the training step: its value does not matter, only that weights move and stay finite


WARMUP = 5
"""Passes of each kind before the first that is timed."""
PASSES = 10
"""Passes of each net whose median is the value of one round."""


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
    warmup: int = WARMUP,
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
        net, images, labels = _subject(architecture, batch, device)
        # The mode is set outside of what is timed: it visits every module.
        forward = _timed("forward", _forward(net.eval(), images), repeats, warmup, batch, threads, device)
        step = _timed("train_step", _train_step(net.train(), images, labels), repeats, warmup, batch, threads, device)
        return forward, step
    finally:
        torch.set_num_threads(before)


def measure_in_turns(
    architectures: Mapping[str, Architecture],
    *,
    rounds: int,
    batch: int = 16,
    threads: int = 1,
    device: Device | None = None,
) -> LatencyReading:
    """Time several architectures in turns, pass by pass, so that they can be compared round by round.

    A machine is slower at one moment than at another, so all architectures must meet it at the same moments. Every
    second turn goes through them backwards, so that none always comes first. A round's value of an architecture is the
    median of its passes in the round; values of the same round belong together.

    Args:
        architectures: what is built, by name.
        rounds: values of each architecture.
        batch: images a pass, at least 2.
        threads: of the CPU.
        device: where; the best there is by default.
    """
    device = device or Device.best()
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        subjects = {name: _subject(each, batch, device) for name, each in architectures.items()}
        forward = {name: _forward(net, images) for name, (net, images, _) in subjects.items()}
        step = {name: _train_step(*subject) for name, subject in subjects.items()}
        forward_ms: list[dict[str, float]] = []
        step_ms: list[dict[str, float]] = []
        for number in range(rounds):
            warmup = 0 if number else WARMUP
            for runs, training, found in ((forward, False, forward_ms), (step, True, step_ms)):
                for net, _, _ in subjects.values():
                    net.train(training)
                found.append(_turns(runs, warmup, device))
    finally:
        torch.set_num_threads(before)
    return LatencyReading(
        batch=batch,
        threads=threads,
        device=_told(device),
        forward_ms={name: tuple(found[name] for found in forward_ms) for name in architectures},
        train_step_ms={name: tuple(found[name] for found in step_ms) for name in architectures},
    )


def _turns(runs: dict[str, Callable[[], None]], warmup: int, device: Device) -> dict[str, float]:
    """The median time of each over turns in which each has one pass."""
    for run in runs.values():
        _times(run, 0, warmup, device)
    times: dict[str, list[float]] = {name: [] for name in runs}
    for turn in range(PASSES):
        for name in reversed(runs) if turn % 2 else runs:
            times[name] += _times(runs[name], 1, 0, device)
    return {name: _median(own) for name, own in times.items()}


def _subject(architecture: Architecture, batch: int, device: Device) -> tuple[nn.Module, torch.Tensor, torch.Tensor]:
    """The net, images and labels, the same every time."""
    device.be_exact()
    net = device.place(materialise(build(architecture), lambda _: torch.Generator().manual_seed(0)), "float32")
    images = torch.randn(batch, *architecture.input_shape, generator=torch.Generator().manual_seed(0))
    images = device.move(images.contiguous(memory_format=torch.channels_last))
    return net, images, device.move(torch.arange(batch) % architecture.classes)


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
    times = _times(run, repeats, warmup, device)
    return Latency(
        what=what,
        p50_ms=_median(times),
        p95_ms=_quantile(times, 0.95),
        repeats=repeats,
        warmup=warmup,
        batch=batch,
        threads=threads,
        device=_told(device),
    )


def _times(run: Callable[[], None], repeats: int, warmup: int, device: Device) -> list[float]:
    """Milliseconds of each pass after the warm-up."""
    for _ in range(warmup):
        run()
    times = []
    for _ in range(repeats):
        device.wait()
        started = time.perf_counter()
        run()
        device.wait()
        times.append(1000 * (time.perf_counter() - started))
    return times


def _told(device: Device) -> str:
    return f"{device.type}: {device.name}"


def _median(times: list[float]) -> float:
    return _quantile(times, 0.5)


def _quantile(times: list[float], share: float) -> float:
    return float(torch.tensor(times, dtype=torch.float64).quantile(share))
