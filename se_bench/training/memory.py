"""The memory that training takes: a few steps and a batch of evaluation show it, whatever the epochs."""

from __future__ import annotations

from itertools import islice

import torch
from torch import nn

from se_bench.config.setting import Recipe
from se_bench.data.datasets import Images
from se_bench.device import Device
from se_bench.training.loop import eval_batches, forward_backward, train_batches
from se_bench.training.optimiser import SGD

_STEPS = 3
"""The first takes memory for the momenta, the second has all of it, the third shows that it stays."""


def most_used(net: nn.Module, images: Images, recipe: Recipe, device: Device) -> int | None:
    """Bytes of the GPU that training ``net`` takes at most, with all images on it; None on the CPU.

    ``net`` lies on the CPU and has its initial values; they are changed.
    """
    net = device.place(net)
    batches = train_batches(images, recipe, device)
    test = eval_batches(images.test, images, device)
    optimiser = SGD(net.parameters(), recipe)
    generator = torch.Generator().manual_seed(0)
    for batch in islice(batches.epoch(generator, generator), _STEPS):
        forward_backward(net, batch, recipe, device)
        optimiser.step()
    with torch.inference_mode(), device.autocast(recipe.precision):
        net.eval()(next(iter(test))[0])
    device.wait()
    return device.most_used_bytes
