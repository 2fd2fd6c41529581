"""Initial values: each parameter drawn from its own generator, so that equal names get equal values.

Backbone convolutions are He-normal with fan-out (arXiv 1502.01852), as the paper's; linear layers, and every
layer inside an attention block, are uniform in ±1/sqrt(fan-in), PyTorch's default: in short trainings
He-normal values in bias-free excitations cost points that have nothing to do with the block.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor, nn

from se_bench.nets.blocks.base import Block, Part


def materialise(net: nn.Module, generator: Callable[[str], torch.Generator]) -> nn.Module:
    """Give a net on the meta device memory (CPU, float32) and initial values.

    Args:
        net: a module as ``build.build`` returns it.
        generator: from a parameter's full name to the generator of its values.

    Raises:
        TypeError: the net holds a kind of layer that has no rule here.
    """
    allocate(net)
    inside_block: tuple[str, ...] = ()
    for path, module in net.named_modules():
        if isinstance(module, Block):
            inside_block = (*inside_block, f"{path}.")
        own = dict(module.named_parameters(recurse=False))
        if not own and not dict(module.named_buffers(recurse=False)):
            continue
        _fill(module, path, own, generator, in_block=path.startswith(inside_block) and bool(inside_block))
    return net


def allocate(net: nn.Module) -> nn.Module:
    """Give the parameters and buffers of a net memory on the CPU, without values.

    The same as ``net.to_empty(device="cpu")``, which imports sympy and more for a second to find the strides of tensors
    on the meta device; those of a net that was just built are plain.
    """
    for module in net.modules():
        for name, value in list(module.named_parameters(recurse=False)):
            setattr(module, name, nn.Parameter(torch.empty(value.shape, dtype=value.dtype), value.requires_grad))
        for name, buffer in list(module.named_buffers(recurse=False)):
            setattr(module, name, torch.empty(buffer.shape, dtype=buffer.dtype))
    return net


@torch.no_grad()
def _fill(
    module: nn.Module,
    path: str,
    own: dict[str, nn.Parameter],
    generator: Callable[[str], torch.Generator],
    *,
    in_block: bool,
) -> None:
    if isinstance(module, nn.BatchNorm2d | nn.BatchNorm1d):
        module.reset_running_stats()
        module.weight.fill_(1.0)
        module.bias.zero_()
        return
    if isinstance(module, Part):
        for name, value in own.items():
            module.fill(name, value, generator(f"{path}.{name}"))
        return
    if not isinstance(module, nn.Conv1d | nn.Conv2d | nn.Linear):
        raise TypeError(f"no rule for the initial values of {type(module).__name__} at {path!r}")
    for name, value in own.items():
        draw = generator(f"{path}.{name}")
        if isinstance(module, nn.Conv2d) and not in_block and name == "weight":
            fan_out = module.out_channels * math.prod(module.kernel_size) // module.groups
            value.normal_(0.0, math.sqrt(2.0 / fan_out), generator=draw)
        else:
            bound = 1.0 / math.sqrt(_fan_in(module.weight))
            value.uniform_(-bound, bound, generator=draw)


def _fan_in(weight: Tensor) -> int:
    return weight[0].numel()
