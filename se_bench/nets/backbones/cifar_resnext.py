"""ResNeXt for CIFAR: Xie et al., "Aggregated Residual Transformations", arXiv 1611.05431, Section 5.3 and Table 7.

ResNeXt-29, 8x64d: a 3x3 stem of 64 channels, three stages of three bottlenecks (1x1, 3x3 in 8 groups, 1x1) with
outputs of 256, 512 and 1024 channels, the first unit of stages 2 and 3 halving the resolution by its 3x3; global
average pooling, one linear layer. A group of the first stage has d = 64 channels, so its 3x3 has 8 d = 512; later
stages double it. ``width`` is d; the stem and the outputs, 4 d in the first stage, follow it.

Shortcuts project (1x1 and BatchNorm) where shapes change: of the three usual kinds, the one with the 34.4 M
parameters that the paper prints. Departure: post-activation, as the authors' code, whose README says that the
paper's CIFAR figures are of pre-activated units and that these are better.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from torch import nn

from se_bench.nets.backbones.branches import INNER, bottleneck_branch
from se_bench.nets.backbones.family import ResidualFamily
from se_bench.nets.backbones.places import Site
from se_bench.nets.backbones.residual import ResidualUnit, UnitShape, projection_shortcut
from se_bench.nets.backbones.staged import conv_norm, relu, residual_shapes

STAGES = 3
EXPANSION = 4
"""Output channels of a unit over the width."""


@dataclass(frozen=True)
class CifarResNeXt(ResidualFamily):
    """The registered backbone of one depth and cardinality."""

    depth: int
    cardinality: int

    defaults = {"width": 64}  # noqa: RUF012
    allowed = {"width": range(1, 1025)}  # noqa: RUF012

    def shapes(self, width: int) -> list[UnitShape]:
        """Every residual unit, from input to output."""
        widths = [width * 2**stage for stage in range(STAGES)]
        return residual_shapes(
            [(self.depth - 2) // 9] * STAGES,
            in_channels=width,
            out_channels=[EXPANSION * channels for channels in widths],
            inner_channels=[self.cardinality * channels for channels in widths],
        )

    def stem(self, channels: int, options: Mapping[str, Any]) -> nn.Module:
        """A 3x3 convolution, BatchNorm and ReLU."""
        return conv_norm(channels, options["width"], 3, activation=relu)

    def unit(self, shape: UnitShape, options: Mapping[str, Any], site: Site | None) -> nn.Module:
        """A bottleneck with groups."""
        return ResidualUnit(
            bottleneck_branch(shape, stride_in="3x3", groups=self.cardinality),
            projection_shortcut(shape),
            site,
            activation=relu(),
            inner=INNER,
        )


cifar_resnext29_8x64d = CifarResNeXt(29, 8)
