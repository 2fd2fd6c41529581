"""The branches of residual units that several families share; their children are named, so that slots can be.

Basic and bottleneck: He et al., arXiv 1512.03385, Figure 5; pre-activated: arXiv 1603.05027, Figure 4(e).
"""

from __future__ import annotations

from collections import OrderedDict

from torch import nn

from se_bench.nets.backbones.residual import UnitShape
from se_bench.nets.backbones.staged import relu

INNER = ("conv2", "norm2", "relu2")
"""The children of a bottleneck branch that the slots inside it come after."""
INNER_PREACTIVATED = ("conv2", "norm3", "relu3")
"""Those of a pre-activated one: the BatchNorm and ReLU behind the 3x3 are those in front of the last 1x1."""


def basic_branch(shape: UnitShape) -> nn.Sequential:
    """Conv 3x3, BatchNorm, ReLU, conv 3x3, BatchNorm; the stride is the first convolution's."""
    inputs, outputs = shape.in_channels, shape.out_channels
    return nn.Sequential(
        OrderedDict(
            conv1=nn.Conv2d(inputs, outputs, 3, stride=shape.stride, padding=1, bias=False),
            norm1=nn.BatchNorm2d(outputs),
            relu1=relu(),
            conv2=nn.Conv2d(outputs, outputs, 3, padding=1, bias=False),
            norm2=nn.BatchNorm2d(outputs),
        )
    )


def bottleneck_branch(
    shape: UnitShape, *, stride_in: str, groups: int = 1, first_channels: int | None = None
) -> nn.Sequential:
    """1x1, 3x3 (in ``groups``), 1x1, each with BatchNorm, ReLU between; the stride is that of ``stride_in``.

    The first 1x1 has as many channels as the 3x3, unless ``first_channels`` says otherwise.
    """
    inner = shape.inner_channels
    assert inner is not None
    entering = first_channels or inner
    first, second = (shape.stride, 1) if stride_in == "1x1" else (1, shape.stride)
    return nn.Sequential(
        OrderedDict(
            conv1=nn.Conv2d(shape.in_channels, entering, 1, stride=first, bias=False),
            norm1=nn.BatchNorm2d(entering),
            relu1=relu(),
            conv2=nn.Conv2d(entering, inner, 3, stride=second, padding=1, groups=groups, bias=False),
            norm2=nn.BatchNorm2d(inner),
            relu2=relu(),
            conv3=nn.Conv2d(inner, shape.out_channels, 1, bias=False),
            norm3=nn.BatchNorm2d(shape.out_channels),
        )
    )


def preactivated_branch(shape: UnitShape) -> nn.Sequential:
    """The convolutions of a basic or bottleneck unit, BatchNorm and ReLU in front of all but the first."""
    inner, outputs = shape.inner_channels, shape.out_channels
    if inner is None:
        return nn.Sequential(
            OrderedDict(
                conv1=nn.Conv2d(shape.in_channels, outputs, 3, stride=shape.stride, padding=1, bias=False),
                norm2=nn.BatchNorm2d(outputs),
                relu2=relu(),
                conv2=nn.Conv2d(outputs, outputs, 3, padding=1, bias=False),
            )
        )
    return nn.Sequential(
        OrderedDict(
            conv1=nn.Conv2d(shape.in_channels, inner, 1, bias=False),
            norm2=nn.BatchNorm2d(inner),
            relu2=relu(),
            conv2=nn.Conv2d(inner, inner, 3, stride=shape.stride, padding=1, bias=False),
            norm3=nn.BatchNorm2d(inner),
            relu3=relu(),
            conv3=nn.Conv2d(inner, outputs, 1, bias=False),
        )
    )


def norm_relu(channels: int) -> nn.Sequential:
    """BatchNorm and ReLU."""
    return nn.Sequential(OrderedDict(norm=nn.BatchNorm2d(channels), relu=relu()))
