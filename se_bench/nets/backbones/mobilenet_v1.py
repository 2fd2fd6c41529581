"""MobileNetV1: Howard et al., "MobileNets: Efficient Convolutional Neural Networks for Mobile Vision Applications",
https://arxiv.org/abs/1704.04861, Table 1, width multiplier 1.

A 3x3 stem of stride 2, then 13 depthwise separable units: a depthwise 3x3, which carries the stride, and a
pointwise 1x1 convolution, each with BatchNorm and ReLU; global average pooling, one linear layer. There are no
shortcuts. Stages are the resolutions, 1/2 to 1/32 of the input.

The block follows each pointwise convolution's ReLU, the slot ``standard``. The paper of SE does not say so; its
printed 4.7 M parameters and 572 MFLOPs do (after the depthwise convolution: 4.6 M; FACTS.md section 1).

Departures: the table's last unit is printed with stride 2 at 7 x 7, a known misprint for 1. ReLU as in the paper,
where TensorFlow and timm have ReLU6.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

from torch import nn

from se_bench.nets.backbones.places import Place, Site
from se_bench.nets.backbones.residual import UnitShape
from se_bench.nets.backbones.staged import (
    PlainUnit,
    StagedNet,
    conv_norm,
    in_stages,
    plain_place,
    relu,
    residual_shapes,
)

STEM = 32
UNITS = (1, 2, 2, 6, 2)
CHANNELS = (64, 128, 256, 512, 1024)
"""Outputs of each stage's units; all stages but the first halve the resolution in their first unit."""


class MobileNetV1:
    """The registered backbone."""

    defaults: Mapping[str, Any] = {}
    allowed: Mapping[str, tuple[Any, ...] | range] = {}

    def shapes(self) -> list[UnitShape]:
        """Every depthwise separable unit, from input to output."""
        return residual_shapes(UNITS, in_channels=STEM, out_channels=CHANNELS)

    def places(self, options: Mapping[str, Any]) -> tuple[Place, ...]:
        """Every depthwise separable unit."""
        return tuple(plain_place(shape.stage, shape.index, shape.out_channels) for shape in self.shapes())

    def build(
        self,
        options: Mapping[str, Any],
        input_shape: tuple[int, int, int],
        classes: int,
        blocks: Mapping[str, Site],
    ) -> nn.Module:
        """The module with the given blocks in their places."""

        def unit(shape: UnitShape) -> nn.Module:
            return PlainUnit(depthwise_separable(shape), blocks.get(shape.unit))

        return StagedNet(
            stem=conv_norm(input_shape[0], STEM, 3, stride=2, activation=relu),
            stages=in_stages(self.shapes(), unit),
            classifier=nn.Linear(CHANNELS[-1], classes),
        )


def depthwise_separable(shape: UnitShape) -> nn.Sequential:
    """``(N, C_in, H, W) -> (N, C_out, H', W')``: Figure 3, right."""
    inputs = shape.in_channels
    return nn.Sequential(
        OrderedDict(
            depthwise=conv_norm(inputs, inputs, 3, stride=shape.stride, groups=inputs, activation=relu),
            pointwise=conv_norm(inputs, shape.out_channels, 1, activation=relu),
        )
    )


mobilenet_v1 = MobileNetV1()
