"""ShuffleNet v1, 1x: Zhang et al., "ShuffleNet: An Extremely Efficient Convolutional Neural Network for Mobile
Devices", https://arxiv.org/abs/1707.01083, Figure 2 and Table 1, for g = 1 and g = 3 groups.

A 3x3 stem of 24 channels and stride 2 with a 3x3 maximum pooling of stride 2, three stages of 4, 8 and 4 units (the
paper's Stage2 to Stage4) that halve the resolution, global average pooling, one linear layer. A unit's branch: a
1x1 convolution in g groups to a quarter of the unit's outputs with BatchNorm and ReLU, channel shuffle, a depthwise
3x3 with BatchNorm, a 1x1 in g groups with BatchNorm. The shortcut is added, in the first unit of a stage
concatenated after a 3x3 average pooling of stride 2; then ReLU. The very first 1x1, of 24 channels, has one group.

The block's slot ``standard`` is on the branch, before the shortcut joins: of a concatenating unit it sees the
branch's channels alone. The paper of SE does not say so; its printed +0.6 M parameters do (on the unit's output:
0.72 M; FACTS.md section 1). The other slots are those of any residual unit, with ``identity`` behind the pooling. No
ReLU follows the depthwise 3x3, so ``inner_3x3`` is behind its BatchNorm and is not offered as ``inner_3x3_norm`` too.

Departures: none. A concatenation has the shortcut's channels first, as the authors' code (pytorchcv's: last).
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from torch import Tensor, nn

from se_bench.nets.backbones.places import Place, Site
from se_bench.nets.backbones.residual import ResidualUnit, UnitShape
from se_bench.nets.backbones.staged import StagedNet, conv_norm, in_stages, relu, residual_shapes

STEM = 24
UNITS = (4, 8, 4)
FIRST_WIDTH = {1: 144, 3: 240}
"""Output channels of the first stage by groups, for about 140 MFLOPs; each stage doubles them."""
INNER = ("depthwise", "depthwise_norm", "depthwise_norm")


class ChannelShuffle(nn.Module):
    """Channel ``i`` of group ``j`` becomes channel ``j`` of group ``i``: ``(N, C, H, W) -> (N, C, H, W)``.

    The channels as a (groups, C / groups) matrix, transposed; nothing is computed.
    """

    def __init__(self, groups: int) -> None:
        super().__init__()
        self.groups = groups

    def forward(self, x: Tensor) -> Tensor:
        """Reorder the channels."""
        images, channels, height, width = x.shape
        matrix = x.view(images, self.groups, channels // self.groups, height, width)
        return matrix.transpose(1, 2).reshape(images, channels, height, width)


@dataclass(frozen=True)
class ShuffleNetV1:
    """The registered backbone of one number of groups."""

    groups: int

    defaults: ClassVar[Mapping[str, Any]] = {}
    allowed: ClassVar[Mapping[str, tuple[Any, ...] | range]] = {}

    def shapes(self) -> list[UnitShape]:
        """Every unit, from input to output."""
        outputs = [FIRST_WIDTH[self.groups] * 2**stage for stage in range(len(UNITS))]
        inner = [channels // 4 for channels in outputs]
        shapes = residual_shapes(UNITS, in_channels=STEM, out_channels=outputs, inner_channels=inner)
        return [replace(shape, stride=2) if shape.index == 0 else shape for shape in shapes]

    def places(self, options: Mapping[str, Any]) -> tuple[Place, ...]:
        """Every unit."""
        return tuple(_place(shape) for shape in self.shapes())

    def build(
        self,
        options: Mapping[str, Any],
        input_shape: tuple[int, int, int],
        classes: int,
        blocks: Mapping[str, Site],
    ) -> nn.Module:
        """The module with the given blocks in their places."""
        shapes = self.shapes()
        stem = OrderedDict(
            layer=conv_norm(input_shape[0], STEM, 3, stride=2, activation=relu),
            pool=nn.MaxPool2d(3, stride=2, padding=1),
        )
        return StagedNet(
            stem=nn.Sequential(stem),
            stages=in_stages(shapes, lambda shape: self._unit(shape, blocks.get(shape.unit))),
            classifier=nn.Linear(shapes[-1].out_channels, classes),
        )

    def _unit(self, shape: UnitShape, site: Site | None) -> nn.Module:
        inputs, inner, outputs = shape.in_channels, shape.inner_channels, _branch_channels(shape)
        assert inner is not None
        layers = OrderedDict(
            compress=nn.Conv2d(inputs, inner, 1, groups=1 if inputs == STEM else self.groups, bias=False),
            compress_norm=nn.BatchNorm2d(inner),
            compress_relu=relu(),
            shuffle=ChannelShuffle(self.groups) if self.groups > 1 else nn.Identity(),
            depthwise=nn.Conv2d(inner, inner, 3, stride=shape.stride, padding=1, groups=inner, bias=False),
            depthwise_norm=nn.BatchNorm2d(inner),
            expand=nn.Conv2d(inner, outputs, 1, groups=self.groups, bias=False),
            expand_norm=nn.BatchNorm2d(outputs),
        )
        return ResidualUnit(
            nn.Sequential(layers),
            nn.AvgPool2d(3, stride=2, padding=1) if shape.changes_shape else nn.Identity(),
            site,
            activation=relu(),
            inner=INNER,
            join="concat" if shape.changes_shape else "add",
        )


def _branch_channels(shape: UnitShape) -> int:
    """What is left for the branch where the shortcut's channels stand beside it."""
    return shape.out_channels - shape.in_channels if shape.changes_shape else shape.out_channels


def _place(shape: UnitShape) -> Place:
    place = shape.place()
    channels = {slot: width for slot, width in place.channels.items() if slot != "inner_3x3_norm"}
    if shape.changes_shape:
        channels |= {"standard": _branch_channels(shape), "identity": shape.in_channels}
    return replace(place, channels=channels, same={**place.same, "inner_3x3_norm": "inner_3x3"})


shufflenet_v1_g1 = ShuffleNetV1(1)
shufflenet_v1_g3 = ShuffleNetV1(3)
