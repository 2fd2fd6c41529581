"""Inception-v3: Szegedy et al., "Rethinking the Inception Architecture", arXiv 1512.00567, Table 1, Figures 5-7, 10.

A stem without padding to maps of 35x35 (at 299 pixels) and eleven modules, whose branches are concatenated: three
with 5x5 and two 3x3 (35x35), a reduction and four with 1x7 and 7x1 (17x17), a reduction and two with 1x3 beside 3x1
(8x8). Convolutions without bias, with BatchNorm (eps 0.001) and ReLU; layers of stride 2 have no padding.
Widths are those of TF-slim, torchvision's ``inception_v3`` and timm's, which the paper's table leaves open in part.
A reduction belongs to the stage that it starts: three stages of 3, 5 and 3 units. The block is on each module's
concatenated output (Hu et al., arXiv 1709.01507v4, Section 3.3): eleven places, the two reductions included.

Departures: no auxiliary head (torchvision's ``aux_logits=False``); dropout 0.5 in front of the classifier, as
torchvision's (TF-slim keeps 0.8). As there, images below 75 pixels would run out of positions: ``least_input``.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from torch import nn

from se_bench.nets.backbones.places import Place, Site
from se_bench.nets.backbones.staged import Parallel, PlainUnit, StagedNet, conv_norm, plain_place, relu

EPSILON = 1e-3
LEAST_INPUT = 75
"""Pixels of a side that leave one position behind the stem and two reductions."""
STEM_CHANNELS = 192
DROPOUT = 0.5

Step: TypeAlias = tuple[int, int | tuple[int, int]] | tuple[int, int | tuple[int, int], int]
"""A convolution: channels, kernel, and its stride if that is 2."""


def conv(
    in_channels: int,
    out_channels: int,
    kernel: int | tuple[int, int],
    *,
    stride: int = 1,
    padding: int | None = None,
) -> nn.Sequential:
    """Convolution, BatchNorm, ReLU, as everywhere in these nets."""
    return conv_norm(in_channels, out_channels, kernel, stride=stride, padding=padding, activation=relu, eps=EPSILON)


def chain(channels: int, *steps: Step) -> nn.Sequential:
    """Convolutions in a row, ``conv1`` ...: they keep the size at stride 1, and have no padding at stride 2."""
    layers: OrderedDict[str, nn.Module] = OrderedDict()
    for number, (out_channels, kernel, *strides) in enumerate(steps, start=1):
        stride = strides[0] if strides else 1
        padding = 0 if strides else None
        layers[f"conv{number}"] = conv(channels, out_channels, kernel, stride=stride, padding=padding)
        channels = out_channels
    return nn.Sequential(layers)


def stem(in_channels: int) -> nn.Sequential:
    """299x299 images to 35x35 maps of 192 channels; Inception-ResNet-v2 has the same."""
    return nn.Sequential(
        OrderedDict(
            conv1=conv(in_channels, 32, 3, stride=2, padding=0),
            conv2=conv(32, 32, 3, padding=0),
            conv3=conv(32, 64, 3),
            pool1=nn.MaxPool2d(3, 2),
            conv4=conv(64, 80, 1),
            conv5=conv(80, STEM_CHANNELS, 3, padding=0),
            pool2=nn.MaxPool2d(3, 2),
        )
    )


def pooled(channels: int, out_channels: int, *, count_padding: bool = True) -> nn.Sequential:
    """3x3 average pooling of stride 1, then a 1x1 convolution."""
    pool = nn.AvgPool2d(3, 1, padding=1, count_include_pad=count_padding)
    return nn.Sequential(OrderedDict(pool=pool, project=chain(channels, (out_channels, 1))))


def module_a(channels: int, projection: int, *, one: int = 64, count_padding: bool = True) -> Parallel:
    """Figure 5, with one 5x5 where the figure has two 3x3."""
    return Parallel(
        conv1x1=chain(channels, (one, 1)),
        conv5x5=chain(channels, (48, 1), (64, 5)),
        double3x3=chain(channels, (64, 1), (96, 3), (96, 3)),
        pool=pooled(channels, projection, count_padding=count_padding),
    )


def _reduction_a(channels: int) -> Parallel:
    """Figure 10, to maps of half the side."""
    return Parallel(
        conv3x3=chain(channels, (384, 3, 2)),
        double3x3=chain(channels, (64, 1), (96, 3), (96, 3, 2)),
        pool=nn.MaxPool2d(3, 2),
    )


def _module_b(channels: int, inner: int) -> Parallel:
    """Figure 6 with n = 7."""
    return Parallel(
        conv1x1=chain(channels, (192, 1)),
        conv7x7=chain(channels, (inner, 1), (inner, (1, 7)), (192, (7, 1))),
        double7x7=chain(channels, (inner, 1), (inner, (7, 1)), (inner, (1, 7)), (inner, (7, 1)), (192, (1, 7))),
        pool=pooled(channels, 192),
    )


def _reduction_b(channels: int) -> Parallel:
    """To maps of half the side again."""
    return Parallel(
        conv3x3=chain(channels, (192, 1), (320, 3, 2)),
        conv7x7=chain(channels, (192, 1), (192, (1, 7)), (192, (7, 1)), (192, 3, 2)),
        pool=nn.MaxPool2d(3, 2),
    )


def _module_c(channels: int) -> Parallel:
    """Figure 7: the branches end in 1x3 and 3x1 side by side."""
    return Parallel(
        conv1x1=chain(channels, (320, 1)),
        conv3x3=nn.Sequential(OrderedDict(enter=chain(channels, (384, 1)), split=_split(384))),
        double3x3=nn.Sequential(OrderedDict(enter=chain(channels, (448, 1), (384, 3)), split=_split(384))),
        pool=pooled(channels, 192),
    )


def _split(channels: int) -> Parallel:
    return Parallel(conv1x3=chain(channels, (channels, (1, 3))), conv3x1=chain(channels, (channels, (3, 1))))


@dataclass(frozen=True)
class _Module:
    stage: int
    out_channels: int
    make: Callable[[int], nn.Module]
    """From the channels of its input."""


MODULES = (
    _Module(1, 256, lambda channels: module_a(channels, 32)),  # Mixed_5b of TF-slim
    _Module(1, 288, lambda channels: module_a(channels, 64)),  # 5c
    _Module(1, 288, lambda channels: module_a(channels, 64)),  # 5d
    _Module(2, 768, _reduction_a),  # 6a
    _Module(2, 768, lambda channels: _module_b(channels, 128)),  # 6b
    _Module(2, 768, lambda channels: _module_b(channels, 160)),  # 6c
    _Module(2, 768, lambda channels: _module_b(channels, 160)),  # 6d
    _Module(2, 768, lambda channels: _module_b(channels, 192)),  # 6e
    _Module(3, 1280, _reduction_b),  # 7a
    _Module(3, 2048, _module_c),  # 7b
    _Module(3, 2048, _module_c),  # 7c
)


class InceptionV3:
    """The registered backbone."""

    defaults: Mapping[str, Any] = {}
    allowed: Mapping[str, tuple[Any, ...]] = {}
    least_input = LEAST_INPUT

    def places(self, options: Mapping[str, Any]) -> tuple[Place, ...]:
        """Every module."""
        places: list[Place] = []
        for module in MODULES:
            index = sum(place.stage == module.stage for place in places)
            places.append(plain_place(module.stage, index, module.out_channels))
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
        channels = STEM_CHANNELS
        for module, place in zip(MODULES, self.places(options), strict=True):
            stages[module.stage - 1].append(PlainUnit(module.make(channels), blocks.get(place.unit)))
            channels = module.out_channels
        classifier = nn.Sequential(OrderedDict(dropout=nn.Dropout(DROPOUT), linear=nn.Linear(channels, classes)))
        return StagedNet(stem=stem(input_shape[0]), stages=stages, classifier=classifier)


inception_v3 = InceptionV3()
