"""Wide ResNets for CIFAR: Zagoruyko & Komodakis, "Wide Residual Networks", arXiv 1605.07146, Table 1.

WRN-d-k: a 3x3 stem of w = 16 channels, three stages of n = (d - 4) / 6 basic pre-activation units (BatchNorm, ReLU,
3x3, twice) with widths kw, 2kw, 4kw, the first unit of stages 2 and 3 halving the resolution; BatchNorm, ReLU,
global average pooling, one linear layer. Without the paper's optional dropout between the two convolutions.

Shortcuts project by a 1x1 convolution without BatchNorm where shapes change, which the first unit of every stage
does, and there take the pre-activated input, as the authors' code. ``width`` is w.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from torch import nn

from se_bench.nets.backbones.branches import norm_relu, preactivated_branch
from se_bench.nets.backbones.family import ResidualFamily
from se_bench.nets.backbones.places import Site
from se_bench.nets.backbones.residual import ResidualUnit, UnitShape, projection_shortcut
from se_bench.nets.backbones.staged import residual_shapes

STAGES = 3


@dataclass(frozen=True)
class WideResNet(ResidualFamily):
    """The registered backbone of one depth and widening factor."""

    depth: int
    factor: int

    defaults = {"width": 16}  # noqa: RUF012
    allowed = {"width": range(1, 4097)}  # noqa: RUF012

    def shapes(self, width: int) -> list[UnitShape]:
        """Every residual unit, from input to output."""
        channels = [self.factor * width * 2**stage for stage in range(STAGES)]
        return residual_shapes([(self.depth - 4) // 6] * STAGES, in_channels=width, out_channels=channels)

    def stem(self, channels: int, options: Mapping[str, Any]) -> nn.Module:
        """A 3x3 convolution."""
        return nn.Conv2d(channels, options["width"], 3, padding=1, bias=False)

    def unit(self, shape: UnitShape, options: Mapping[str, Any], site: Site | None) -> nn.Module:
        """A basic pre-activation unit."""
        return ResidualUnit(
            preactivated_branch(shape),
            projection_shortcut(shape, norm=False),
            site,
            preactivation=norm_relu(shape.in_channels),
            shared_preactivation=shape.changes_shape,
        )

    def head(self, channels: int) -> nn.Module:
        """The last BatchNorm and ReLU."""
        return norm_relu(channels)


wrn16_8 = WideResNet(16, 8)
wrn28_10 = WideResNet(28, 10)
