"""CIFAR ResNets: He et al., "Deep Residual Learning", arXiv 1512.03385, Section 4.2, and "Identity Mappings",
arXiv 1603.05027.

A 3x3 stem, three stages of n units with widths w, 2w, 4w (w = 16), global average pooling, one linear layer. Basic
units of two 3x3 convolutions, depth 6n + 2; bottleneck units (depth 164) of 1x1, 3x3, 1x1 with outputs four times
as wide, depth 9n + 2. The first unit of stages 2 and 3 halves the resolution, in a bottleneck by its 3x3.

Post-activation (``cifar_resnet*``): ReLU after the addition; option B projects with BatchNorm, as libraries do.
Pre-activation (``cifar_preresnet*``): BatchNorm and ReLU in front of each convolution and at the end; the first
unit of each stage that changes shape shares its first BatchNorm and ReLU with the shortcut (as the authors' code,
and as the paper's Figure 4(e) for the first unit); option B projects without BatchNorm.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from torch import nn

from se_bench.nets.backbones.branches import (
    INNER,
    INNER_PREACTIVATED,
    basic_branch,
    bottleneck_branch,
    norm_relu,
    preactivated_branch,
)
from se_bench.nets.backbones.family import ResidualFamily
from se_bench.nets.backbones.places import Site
from se_bench.nets.backbones.residual import ResidualUnit, UnitShape, projection_shortcut, zero_pad_shortcut
from se_bench.nets.backbones.staged import conv_norm, relu, residual_shapes

STAGES = 3
EXPANSION = 4
"""Output channels of a bottleneck over those of its 3x3 convolution."""


@dataclass(frozen=True)
class CifarResNet(ResidualFamily):
    """The registered backbone of one depth."""

    depth: int
    bottleneck: bool = False
    preactivation: bool = False

    defaults = {"width": 16, "shortcut": "A"}  # noqa: RUF012
    allowed = {"width": range(1, 4097), "shortcut": ("A", "B")}  # noqa: RUF012

    @property
    def units(self) -> int:
        """Residual units a stage."""
        return (self.depth - 2) // (9 if self.bottleneck else 6)

    def shapes(self, width: int) -> list[UnitShape]:
        """Every residual unit, from input to output."""
        inner = [width * 2**stage for stage in range(STAGES)]
        return residual_shapes(
            [self.units] * STAGES,
            in_channels=width,
            out_channels=[channels * EXPANSION for channels in inner] if self.bottleneck else inner,
            inner_channels=inner if self.bottleneck else None,
        )

    def stem(self, channels: int, options: Mapping[str, Any]) -> nn.Module:
        """A 3x3 convolution, with BatchNorm and ReLU where units do not begin with theirs."""
        width = options["width"]
        if self.preactivation:
            return nn.Conv2d(channels, width, 3, padding=1, bias=False)
        return conv_norm(channels, width, 3, activation=relu)

    def unit(self, shape: UnitShape, options: Mapping[str, Any], site: Site | None) -> nn.Module:
        """A basic unit or a bottleneck, activated before or after."""
        pads = options["shortcut"] == "A"
        if self.preactivation:
            return ResidualUnit(
                preactivated_branch(shape),
                zero_pad_shortcut(shape) if pads else projection_shortcut(shape, norm=False),
                site,
                preactivation=norm_relu(shape.in_channels),
                shared_preactivation=shape.changes_shape,
                inner=INNER_PREACTIVATED if self.bottleneck else None,
            )
        return ResidualUnit(
            bottleneck_branch(shape, stride_in="3x3") if self.bottleneck else basic_branch(shape),
            zero_pad_shortcut(shape) if pads else projection_shortcut(shape),
            site,
            activation=relu(),
            inner=INNER if self.bottleneck else None,
        )

    def head(self, channels: int) -> nn.Module | None:
        """The BatchNorm and ReLU behind the last of units that begin with theirs."""
        return norm_relu(channels) if self.preactivation else None


cifar_resnet8 = CifarResNet(8)
cifar_resnet20 = CifarResNet(20)
cifar_resnet32 = CifarResNet(32)
cifar_resnet44 = CifarResNet(44)
cifar_resnet56 = CifarResNet(56)
cifar_resnet110 = CifarResNet(110)
cifar_resnet164 = CifarResNet(164, bottleneck=True)
cifar_preresnet20 = CifarResNet(20, preactivation=True)
cifar_preresnet56 = CifarResNet(56, preactivation=True)
cifar_preresnet110 = CifarResNet(110, preactivation=True)
cifar_preresnet164 = CifarResNet(164, bottleneck=True, preactivation=True)
