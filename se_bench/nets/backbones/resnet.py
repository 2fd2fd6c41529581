"""ImageNet ResNets and ResNeXts: He et al., "Deep Residual Learning", arXiv 1512.03385, Table 1, and Xie et al.,
"Aggregated Residual Transformations", arXiv 1611.05431, Table 1.

A 7x7 stem with stride 2 and a 3x3 max pooling with stride 2; four stages (conv2_x ... conv5_x of the papers, so
that stage1 is conv2_x) with widths w, 2w, 4w, 8w (w = 64), the first unit of all but the first halving the
resolution; global average pooling, one linear layer. Units of two 3x3 convolutions (18, 34), or bottlenecks of
1x1, 3x3, 1x1 with outputs four times as wide. Shortcuts project (1x1 and BatchNorm) where shapes change.

``stride_in``: the convolution of a bottleneck that carries the stride. ``3x3`` is "v1.5", torchvision's and timm's;
``1x1`` is the paper's, and that of the SE paper's nets. Basic units and ResNeXts (Table 1) have it in a 3x3.
``stem_pool``: ``padded`` is torchvision's; ``ceil`` the Caffe nets', without padding and rounding sizes up: on
224x224 images of the same size and cost, but its windows lie one pixel further. Takes 3x3 pixels and more.
ResNeXt 32x4d: the 3x3 has 32 groups of 4, 8, 16, 32 channels; another ``width`` changes the number of groups.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from torch import nn

from se_bench.nets.backbones.branches import INNER, basic_branch, bottleneck_branch
from se_bench.nets.backbones.family import ResidualFamily
from se_bench.nets.backbones.places import Site
from se_bench.nets.backbones.residual import ResidualUnit, UnitShape, projection_shortcut
from se_bench.nets.backbones.staged import conv_norm, relu, residual_shapes

EXPANSION = 4
"""Output channels of a bottleneck over those of the width."""
WIDTH = 64
"""The papers' width of the first stage."""


@dataclass(frozen=True)
class ResNet(ResidualFamily):
    """The registered backbone of one depth."""

    depths: tuple[int, int, int, int]
    """Units of each stage."""
    bottleneck: bool = True
    cardinality: int | None = None
    """ResNeXt: groups of the 3x3 convolutions at the papers' width."""
    group_channels: int = 1
    """ResNeXt: channels of a group in the first stage."""

    defaults = {"stride_in": "3x3", "width": WIDTH, "stem_pool": "padded"}  # noqa: RUF012
    least_input = 3

    @property
    def allowed(self) -> dict[str, tuple[Any, ...] | range]:
        """The values of each option."""
        plain = self.bottleneck and self.cardinality is None
        return {
            "stride_in": ("1x1", "3x3") if plain else ("3x3",),
            "width": range(WIDTH // self.cardinality if self.cardinality else 1, 4097),
            "stem_pool": ("padded", "ceil"),
        }

    def groups(self, width: int) -> int:
        """Groups of the 3x3 convolutions."""
        return 1 if self.cardinality is None else self.cardinality * width // WIDTH

    def shapes(self, width: int) -> list[UnitShape]:
        """Every residual unit, from input to output."""
        widths = [width * 2**stage for stage in range(len(self.depths))]
        if not self.bottleneck:
            return residual_shapes(self.depths, in_channels=width, out_channels=widths)
        first = width if self.cardinality is None else self.groups(width) * self.group_channels
        return residual_shapes(
            self.depths,
            in_channels=width,
            out_channels=[channels * EXPANSION for channels in widths],
            inner_channels=[first * 2**stage for stage in range(len(self.depths))],
        )

    def stem(self, channels: int, options: Mapping[str, Any]) -> nn.Module:
        """A 7x7 convolution and a max pooling."""
        stem = conv_norm(channels, options["width"], 7, stride=2, activation=relu)
        ceil = options["stem_pool"] == "ceil"
        stem.add_module("pool", nn.MaxPool2d(3, stride=2, padding=0 if ceil else 1, ceil_mode=ceil))
        return stem

    def unit(self, shape: UnitShape, options: Mapping[str, Any], site: Site | None) -> nn.Module:
        """A basic unit, or a bottleneck with its groups."""
        if self.bottleneck:
            branch = bottleneck_branch(shape, stride_in=options["stride_in"], groups=self.groups(options["width"]))
        else:
            branch = basic_branch(shape)
        return ResidualUnit(
            branch,
            projection_shortcut(shape),
            site,
            activation=relu(),
            inner=INNER if self.bottleneck else None,
        )


resnet18 = ResNet((2, 2, 2, 2), bottleneck=False)
resnet34 = ResNet((3, 4, 6, 3), bottleneck=False)
resnet50 = ResNet((3, 4, 6, 3))
resnet101 = ResNet((3, 4, 23, 3))
resnet152 = ResNet((3, 8, 36, 3))
resnext50_32x4d = ResNet((3, 4, 6, 3), cardinality=32, group_channels=4)
resnext101_32x4d = ResNet((3, 4, 23, 3), cardinality=32, group_channels=4)
