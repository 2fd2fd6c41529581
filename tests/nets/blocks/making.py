"""Blocks and maps with values for the tests of this folder: double precision, nothing at a special value."""

import torch

from se_bench import registry
from se_bench.config.axes import Axes
from tests.nets.modules import arrays, maps, scrambled

__all__ = ["arrays", "block", "channels_that_matter", "jacobian", "maps", "part", "scrambled"]


def part(kind, name, channels, **axes):
    """A part or block as its axes build it; its parameters at random, in evaluation mode."""
    found = registry.load(kind, name)
    return scrambled(found(channels, **found.resolve(channels, Axes(**axes))))


def block(name, channels, **axes):
    return part("block", name, channels, **axes)


def jacobian(function, channels, seed=0):
    """``d a_i / d z_j`` of a descriptor's function, ``(C, C)``."""
    z = maps(channels, seed=seed)
    return torch.autograd.functional.jacobian(lambda one: function(one[None])[0], z)


def channels_that_matter(module, x, channel):
    """The channels of ``x (1, C, H, W)`` that the output's channel depends on, by gradient."""
    x = x.clone().requires_grad_()
    (gradient,) = torch.autograd.grad(module(x)[0, channel].sum(), x)
    return set(gradient[0].abs().amax(dim=(1, 2)).nonzero().flatten().tolist())
