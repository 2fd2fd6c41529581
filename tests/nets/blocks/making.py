"""Blocks and maps with values for the tests of this folder: double precision, nothing at a special value."""

import torch

from se_bench import registry
from se_bench.config.axes import Axes


def part(kind, name, channels, **axes):
    """A part or block as its axes build it; its parameters at random, in evaluation mode."""
    found = registry.load(kind, name)
    return scrambled(found(channels, **found.resolve(channels, Axes(**axes))))


def block(name, channels, **axes):
    return part("block", name, channels, **axes)


def scrambled(module, seed=0):
    """Every parameter and running statistic away from zero and one, variances positive; evaluation mode."""
    generator = torch.Generator().manual_seed(seed)
    module.double().eval()
    with torch.no_grad():
        for name, value in module.state_dict().items():
            if name.endswith("running_var"):
                value.uniform_(0.5, 2.0, generator=generator)
            elif value.is_floating_point():
                value.normal_(0.1, 0.5, generator=generator)
    return module


def arrays(module):
    """The state as NumPy arrays by name."""
    return {name: value.numpy() for name, value in module.state_dict().items()}


def maps(*shape, seed=0):
    """Values of either sign, double precision."""
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def jacobian(function, channels, seed=0):
    """``d a_i / d z_j`` of a descriptor's function, ``(C, C)``."""
    z = maps(channels, seed=seed)
    return torch.autograd.functional.jacobian(lambda one: function(one[None])[0], z)


def channels_that_matter(module, x, channel):
    """The channels of ``x (1, C, H, W)`` that the output's channel depends on, by gradient."""
    x = x.clone().requires_grad_()
    (gradient,) = torch.autograd.grad(module(x)[0, channel].sum(), x)
    return set(gradient[0].abs().amax(dim=(1, 2)).nonzero().flatten().tolist())
