"""SENet-154: Hu et al., "Squeeze-and-Excitation Networks", arXiv 1709.01507v4, appendix; the authors' 2017 entry.

A 64x4d ResNeXt-152 (units 3, 8, 36, 3; see ``resnet``) with SE blocks of reduction 16, changed so: the first 1x1 of
each bottleneck has half the channels (2p, then a 3x3 of 4p in 64 groups, then a 1x1 of 4p, for p = 64, 128, 256,
512); the 7x7 stem is three 3x3 convolutions of 64, 64 and 128 channels, the first with stride 2, before a 3x3 max
pooling with stride 2 whose size is rounded up; projections with stride 2 are 3x3 (that of the first stage, which
keeps the resolution, is 1x1); dropout of 0.2 in front of the classifier. A bottleneck's stride is in its 3x3.

The block is an axis like any other: the authors' net is ``block: se, reduction: 16, bias: true``, and ``none`` is
the same net without it. ``width`` w (64) scales every layer and the number of groups with it: w groups, of 2 (in)
and 4 (out) channels in the first stage. Left to the recipe: label smoothing and the frozen BatchNorm of the end.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from torch import nn

from se_bench.nets.backbones.branches import INNER, bottleneck_branch
from se_bench.nets.backbones.family import ResidualFamily
from se_bench.nets.backbones.places import Site
from se_bench.nets.backbones.residual import ResidualUnit, UnitShape, projection_shortcut
from se_bench.nets.backbones.staged import conv_norm, relu, residual_shapes

EXPANSION = 4
"""Channels of a unit's 3x3 convolution, and of its output, over the width."""
DROPOUT = 0.2


@dataclass(frozen=True)
class SENet(ResidualFamily):
    """The registered backbone."""

    depths: tuple[int, int, int, int]
    """Units of each stage."""

    defaults = {"width": 64}  # noqa: RUF012
    allowed = {"width": range(1, 1025)}  # noqa: RUF012
    least_input = 3

    def shapes(self, width: int) -> list[UnitShape]:
        """Every residual unit, from input to output."""
        channels = [EXPANSION * width * 2**stage for stage in range(len(self.depths))]
        return residual_shapes(self.depths, in_channels=2 * width, out_channels=channels, inner_channels=channels)

    def stem(self, channels: int, options: Mapping[str, Any]) -> nn.Module:
        """Three 3x3 convolutions and a max pooling."""
        width = options["width"]
        return nn.Sequential(
            conv_norm(channels, width, 3, stride=2, activation=relu),
            conv_norm(width, width, 3, activation=relu),
            conv_norm(width, 2 * width, 3, activation=relu),
            nn.MaxPool2d(3, stride=2, ceil_mode=True),
        )

    def unit(self, shape: UnitShape, options: Mapping[str, Any], site: Site | None) -> nn.Module:
        """A bottleneck whose first 1x1 is half as wide."""
        return ResidualUnit(
            bottleneck_branch(shape, stride_in="3x3", groups=options["width"], first_channels=_half(shape)),
            _shortcut(shape),
            site,
            activation=relu(),
            inner=INNER,
        )

    def classifier(self, channels: int, classes: int) -> nn.Module:
        """Dropout and a linear layer."""
        return nn.Sequential(OrderedDict(dropout=nn.Dropout(DROPOUT), linear=nn.Linear(channels, classes)))


def _half(shape: UnitShape) -> int:
    """Half the channels of a bottleneck's 3x3: those of its first 1x1."""
    assert shape.inner_channels is not None
    return shape.inner_channels // 2


def _shortcut(shape: UnitShape) -> nn.Module:
    """A projection, 3x3 where it has a stride."""
    if shape.stride == 1:
        return projection_shortcut(shape)
    conv = nn.Conv2d(shape.in_channels, shape.out_channels, 3, stride=shape.stride, padding=1, bias=False)
    return nn.Sequential(conv, nn.BatchNorm2d(shape.out_channels))


senet154 = SENet((3, 8, 36, 3))
