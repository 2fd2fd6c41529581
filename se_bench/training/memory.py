"""The memory that training takes: a few steps and a batch of evaluation show it, whatever the epochs."""

from __future__ import annotations

from itertools import islice

import torch
from torch import nn

from se_bench.config.setting import Recipe
from se_bench.data.datasets import Images
from se_bench.device import Device
from se_bench.training.loop import eval_batches, train_batches
from se_bench.training.optimiser import SGD
from se_bench.training.step import Step

_STEPS = 5
"""The first takes memory for the momenta; the fourth is recorded, in memory of its own; the fifth replays it."""


def most_used(net: nn.Module, images: Images, recipe: Recipe, device: Device) -> int | None:
    """Bytes of the GPU that training ``net`` takes at most, with all images on it; None on the CPU.

    ``net`` lies on the CPU and has its initial values; they are changed.
    """
    net = device.place(net, recipe.precision)
    batches = train_batches(images, recipe, device)
    test = eval_batches(images.test, images, device)
    forward_backward = Step(net, recipe, device)
    optimiser = SGD(net.parameters(), recipe)
    generator = torch.Generator().manual_seed(0)
    net.train()
    for batch in islice(batches.epoch(generator, generator), _STEPS):
        forward_backward(batch)
        optimiser.step()
    with torch.inference_mode(), device.autocast(recipe.precision):
        net.eval()(next(iter(test))[0])
    device.wait()
    return device.most_used_bytes
