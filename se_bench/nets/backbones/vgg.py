"""VGG-16 with BatchNorm: Simonyan & Zisserman, "Very Deep Convolutional Networks", arXiv 1409.1556, Table 1 (D).

Thirteen 3x3 convolutions of 64, 128, 256, 512, 512 channels in five stages of 2, 2, 3, 3, 3 units, between them 2x2
max pooling; then a map of 7x7, two layers of 4096 with ReLU and dropout 0.5, and the classifier. A unit is a
convolution with BatchNorm and ReLU; the block is "after the non-linearity following each convolution" (Hu et al.,
arXiv 1709.01507v4, Section 3.3), so there are thirteen places. A pooling belongs to the stage that it starts, and
precedes the stage's first unit; the last one is the head's.

Departures: BatchNorm behind each convolution, as in the SE paper's VGG-16; the convolutions keep their biases and
pooling to 7x7 is adaptive, both as torchvision's ``vgg16_bn``, so any size of image is taken. Below 32 pixels, which
torchvision's refuses, a side of a single position is not pooled further.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

from torch import Tensor, nn
from torch.nn import functional as F

from se_bench.nets.backbones.places import Place, Site
from se_bench.nets.backbones.staged import PlainUnit, StagedNet, conv_norm, plain_place, relu
from se_bench.nets.pooling import AdaptiveAveragePool

WIDTHS = ((64,) * 2, (128,) * 2, (256,) * 3, (512,) * 3, (512,) * 3)
"""Channels of each convolution, stage by stage."""
MAP = 7
"""Side of the map that the linear layers see."""
HIDDEN = 4096
DROPOUT = 0.5


class HalvingPool(nn.Module):
    """2x2 max pooling of stride 2, ``(N, C, H, W) -> (N, C, H // 2, W // 2)``; a side of 1 stays 1."""

    def forward(self, x: Tensor) -> Tensor:
        """The pooled map."""
        return F.max_pool2d(x, [min(2, int(side)) for side in x.shape[2:]])


class VGG16:
    """The registered backbone."""

    defaults: Mapping[str, Any] = {}
    allowed: Mapping[str, tuple[Any, ...]] = {}

    def places(self, options: Mapping[str, Any]) -> tuple[Place, ...]:
        """Every convolution."""
        return tuple(
            plain_place(stage, index, channels)
            for stage, widths in enumerate(WIDTHS, start=1)
            for index, channels in enumerate(widths)
        )

    def build(
        self,
        options: Mapping[str, Any],
        input_shape: tuple[int, int, int],
        classes: int,
        blocks: Mapping[str, Site],
    ) -> nn.Module:
        """The module with the given blocks in their places."""
        stages: list[list[nn.Module]] = [[] for _ in WIDTHS]
        in_channels = input_shape[0]
        for place in self.places(options):
            out_channels = place.channels["standard"]
            layer = _layer(in_channels, out_channels, pooled=place.stage > 1 and place.index == 0)
            stages[place.stage - 1].append(PlainUnit(layer, blocks.get(place.unit)))
            in_channels = out_channels
        return StagedNet(
            stem=nn.Identity(),
            stages=stages,
            head=HalvingPool(),
            pool=nn.Sequential(AdaptiveAveragePool(MAP), nn.Flatten()),
            classifier=_classifier(in_channels * MAP * MAP, classes),
        )


def _layer(in_channels: int, out_channels: int, *, pooled: bool) -> nn.Sequential:
    layer = conv_norm(in_channels, out_channels, 3, activation=relu, bias=True)
    return nn.Sequential(OrderedDict(pool=HalvingPool(), **dict(layer.named_children()))) if pooled else layer


def _classifier(features: int, classes: int) -> nn.Sequential:
    return nn.Sequential(
        OrderedDict(
            linear1=nn.Linear(features, HIDDEN),
            relu1=relu(),
            dropout1=nn.Dropout(DROPOUT),
            linear2=nn.Linear(HIDDEN, HIDDEN),
            relu2=relu(),
            dropout2=nn.Dropout(DROPOUT),
            linear3=nn.Linear(HIDDEN, classes),
        )
    )


vgg16_bn = VGG16()
