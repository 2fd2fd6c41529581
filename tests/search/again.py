"""A ResNet-8 under another name: the same net in every respect, but for what its parameters are called.

Initial values are drawn by the names of parameters, so it starts from other ones, and sees the same batches. Two
spellings of one net are one candidate, so a net can be compared with itself only like this.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from torch import nn

from se_bench.nets.backbones.cifar_resnet import cifar_resnet8
from se_bench.nets.backbones.places import Place, Site
from se_bench.nets.backbones.staged import StagedNet

NAME = "cifar_resnet8_again"


class Again:
    """The registered backbone."""

    defaults = cifar_resnet8.defaults
    allowed = cifar_resnet8.allowed

    def places(self, options: Mapping[str, Any]) -> tuple[Place, ...]:
        return cifar_resnet8.places(options)

    def build(
        self, options: Mapping[str, Any], input_shape: tuple[int, int, int], classes: int, blocks: Mapping[str, Site]
    ) -> nn.Module:
        return Renamed(cifar_resnet8.build(options, input_shape, classes, blocks))


class Renamed(nn.Module):
    """A staged net with its parts under other names (``stage01`` for ``stage1``) in the same order."""

    def __init__(self, net: nn.Module) -> None:
        super().__init__()
        assert isinstance(net, StagedNet)
        for name, part in net.named_children():
            self.add_module(re.sub(r"^stage", "stage0", name) if name.startswith("stage") else f"the_{name}", part)

    def forward(self, x):
        for part in self.children():
            x = part(x)
        return x


again = Again()
