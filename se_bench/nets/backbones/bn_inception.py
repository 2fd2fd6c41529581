"""BN-Inception: Ioffe & Szegedy, "Batch Normalization", arXiv 1502.03167, Appendix, Figure 5.

A stem (7x7 of stride 2, pooling, 1x1, 3x3, pooling) and ten Inception modules, 3a ... 5b of the figure, whose
branches (1x1; 1x1 and 3x3; 1x1 and two 3x3; 3x3 pooling and 1x1) are concatenated. 3c and 4e have stride 2, no
single 1x1, and max pooling that passes its input on. Every convolution has a bias, BatchNorm and ReLU.
Stages: a module of stride 2 belongs to the stage that it starts, so 3a-3b, 3c-4d, 4e-5b. The block is on each
module's concatenated output (Hu et al., arXiv 1709.01507v4, Section 3.3): ten places. The authors' SE-BN-Inception
file of 46 MB holds ten blocks; eight would be 45 MB.

As the published Caffe net and pytorchcv's ``bninception``: 4c and 4d are 608 wide and 4e 1056, the sums of their
filters, where the figure prints other output sizes.
Departures: none at sizes whose maps are even in front of 3c and 4e (224: 28 and 14), where pooling by Caffe's ceil
rule gives halves; on odd maps, on which the branches of those nets disagree in size, it pads one position on either
side as the 3x3 convolutions do. ``least_input`` is what the pooling of the stem can take.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from torch import Tensor, nn
from torch.nn import functional as F

from se_bench.nets.backbones.places import Place, Site
from se_bench.nets.backbones.staged import Parallel, PlainUnit, StagedNet, conv_norm, plain_place, relu

STEM = (64, 192)
"""Channels of the 7x7 and the 3x3 convolution in front of the modules."""


@dataclass(frozen=True, kw_only=True)
class Module:
    """One row of Figure 5: its filters."""

    stage: int
    one: int = 0
    """The 1x1 branch; 0 in a module of stride 2."""
    three: tuple[int, int]
    """The 1x1 reduction and the 3x3."""
    double: tuple[int, int]
    """The 1x1 reduction and each of two 3x3."""
    pool: Literal["avg", "max"] = "avg"
    projection: int = 0
    """The 1x1 behind the pooling; 0 in a module of stride 2, which passes its input on."""

    def out_channels(self, in_channels: int) -> int:
        """Channels of the concatenated output."""
        return self.one + self.three[1] + self.double[1] + (self.projection or in_channels)


MODULES = (
    Module(stage=1, one=64, three=(64, 64), double=(64, 96), projection=32),  # 3a
    Module(stage=1, one=64, three=(64, 96), double=(64, 96), projection=64),  # 3b
    Module(stage=2, three=(128, 160), double=(64, 96), pool="max"),  # 3c
    Module(stage=2, one=224, three=(64, 96), double=(96, 128), projection=128),  # 4a
    Module(stage=2, one=192, three=(96, 128), double=(96, 128), projection=128),  # 4b
    Module(stage=2, one=160, three=(128, 160), double=(128, 160), projection=128),  # 4c
    Module(stage=2, one=96, three=(128, 192), double=(160, 192), projection=128),  # 4d
    Module(stage=3, three=(128, 192), double=(192, 256), pool="max"),  # 4e
    Module(stage=3, one=352, three=(192, 320), double=(160, 224), projection=128),  # 5a
    Module(stage=3, one=352, three=(192, 320), double=(192, 224), pool="max", projection=128),  # 5b
)


class HalvingPool(nn.Module):
    """3x3 max pooling of stride 2, ``(N, C, H, W) -> (N, C, ceil(H / 2), ceil(W / 2))``, as a 3x3 convolution."""

    def forward(self, x: Tensor) -> Tensor:
        """Even sides by Caffe's ceil rule; odd ones padded by one position on either side."""
        return F.max_pool2d(x, 3, 2, padding=[int(side) % 2 for side in x.shape[2:]], ceil_mode=True)


class BNInception:
    """The registered backbone."""

    defaults: Mapping[str, Any] = {}
    allowed: Mapping[str, tuple[Any, ...]] = {}
    least_input = 7

    def places(self, options: Mapping[str, Any]) -> tuple[Place, ...]:
        """Every module."""
        places: list[Place] = []
        channels = STEM[-1]
        for module in MODULES:
            channels = module.out_channels(channels)
            index = sum(place.stage == module.stage for place in places)
            places.append(plain_place(module.stage, index, channels))
        return tuple(places)

    def build(
        self,
        options: Mapping[str, Any],
        input_shape: tuple[int, int, int],
        classes: int,
        blocks: Mapping[str, Site],
    ) -> nn.Module:
        """The module with the given blocks in their places."""
        stages: list[list[nn.Module]] = [[] for _ in range(MODULES[-1].stage)]
        channels = STEM[-1]
        for module, place in zip(MODULES, self.places(options), strict=True):
            layer = _reduction(module, channels) if module.projection == 0 else _inception(module, channels)
            stages[module.stage - 1].append(PlainUnit(layer, blocks.get(place.unit)))
            channels = place.channels["standard"]
        return StagedNet(stem=_stem(input_shape[0]), stages=stages, classifier=nn.Linear(channels, classes))


def _stem(in_channels: int) -> nn.Sequential:
    first, second = STEM
    return nn.Sequential(
        OrderedDict(
            conv1=_conv(in_channels, first, 7, stride=2),
            pool1=nn.MaxPool2d(3, 2, ceil_mode=True),
            conv2=_conv(first, first, 1),
            conv3=_conv(first, second, 3),
            pool2=nn.MaxPool2d(3, 2, ceil_mode=True),
        )
    )


def _inception(module: Module, channels: int) -> Parallel:
    pool = nn.AvgPool2d(3, 1, padding=1) if module.pool == "avg" else nn.MaxPool2d(3, 1, padding=1)
    return Parallel(
        conv1x1=_conv(channels, module.one, 1),
        conv3x3=_three(channels, *module.three),
        double3x3=_double(channels, *module.double),
        pool=nn.Sequential(OrderedDict(pool=pool, conv=_conv(channels, module.projection, 1))),
    )


def _reduction(module: Module, channels: int) -> Parallel:
    return Parallel(
        conv3x3=_three(channels, *module.three, stride=2),
        double3x3=_double(channels, *module.double, stride=2),
        pool=HalvingPool(),
    )


def _three(channels: int, reduced: int, out: int, stride: int = 1) -> nn.Sequential:
    return nn.Sequential(OrderedDict(conv1=_conv(channels, reduced, 1), conv2=_conv(reduced, out, 3, stride=stride)))


def _double(channels: int, reduced: int, out: int, stride: int = 1) -> nn.Sequential:
    return nn.Sequential(
        OrderedDict(
            conv1=_conv(channels, reduced, 1),
            conv2=_conv(reduced, out, 3),
            conv3=_conv(out, out, 3, stride=stride),
        )
    )


def _conv(in_channels: int, out_channels: int, kernel: int, stride: int = 1) -> nn.Sequential:
    return conv_norm(in_channels, out_channels, kernel, stride=stride, activation=relu, bias=True)


bn_inception = BNInception()
