"""MobileNetV3-Large: Howard et al., "Searching for MobileNetV3", https://arxiv.org/abs/1905.02244, Table 1.

Inverted residuals (MobileNetV2's) with depthwise kernels of 3 or 5 taps a side and widths found by search, ReLU in
the early ones and hard swish later; eight of the 15 have an SE block of the design itself behind the depthwise
convolution's activation: r = 4 of the wide channels, to the nearest multiple of 8, biases, hard sigmoid. A 3x3
stem of 16 channels and stride 2; a 1x1 convolution to 960 channels, global average pooling, a linear layer to 1280
with hard swish, dropout 0.2, the classifier. Stages are the resolutions, 1/2 to 1/32 of the input.

``own_se: false`` leaves those SE blocks out. They are part of the backbone, and their parameters are. A block that
a study adds has the slots of MobileNetV2; in ``inner_3x3*`` (behind the depthwise convolution, whatever its kernel)
it stands in front of the unit's own.

Departures: BatchNorm's statistics move by PyTorch's 0.1 a step, where the paper says 0.01; its epsilon is 1e-3, as
in the authors' code and torchvision.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from torch import nn

from se_bench.config.axes import Axes
from se_bench.nets.backbones.mobilenet_v2 import inverted_place, inverted_residual
from se_bench.nets.backbones.places import Place, Site
from se_bench.nets.backbones.residual import UnitShape
from se_bench.nets.backbones.staged import StagedNet, conv_norm, in_stages, relu
from se_bench.nets.blocks.squeeze_excite import SqueezeExcite

EPSILON = 1e-3
STEM, HEAD, HIDDEN = 16, 960, 1280
DROPOUT = 0.2
OWN_SE = Axes(reduction=4, hidden_width="mobilenet_v3", bias=True, gate="hard_sigmoid")


def hard_swish() -> nn.Module:
    """``x · min(6, max(0, x + 3)) / 6``; not in place, for its gradient needs its input."""
    return nn.Hardswish()


class Row(NamedTuple):
    """One unit: a row of Table 1."""

    stage: int
    kernel: int
    inner: int
    channels: int
    own_se: bool
    activation: Callable[[], nn.Module]
    stride: int = 1


TABLE_1 = (
    Row(1, 3, 16, 16, False, relu),
    Row(2, 3, 64, 24, False, relu, stride=2),
    Row(2, 3, 72, 24, False, relu),
    Row(3, 5, 72, 40, True, relu, stride=2),
    Row(3, 5, 120, 40, True, relu),
    Row(3, 5, 120, 40, True, relu),
    Row(4, 3, 240, 80, False, hard_swish, stride=2),
    Row(4, 3, 200, 80, False, hard_swish),
    Row(4, 3, 184, 80, False, hard_swish),
    Row(4, 3, 184, 80, False, hard_swish),
    Row(4, 3, 480, 112, True, hard_swish),
    Row(4, 3, 672, 112, True, hard_swish),
    Row(5, 5, 672, 160, True, hard_swish, stride=2),
    Row(5, 5, 960, 160, True, hard_swish),
    Row(5, 5, 960, 160, True, hard_swish),
)


class OwnSqueezeExcite(SqueezeExcite):
    """MobileNetV3's own SE block."""

    part_of_backbone = True

    def __init__(self, channels: int) -> None:
        super().__init__(channels, **SqueezeExcite.resolve(channels, OWN_SE))


class MobileNetV3Large:
    """The registered backbone."""

    defaults: Mapping[str, Any] = {"own_se": True}
    allowed: Mapping[str, tuple[Any, ...] | range] = {"own_se": (True, False)}

    def shapes(self) -> list[UnitShape]:
        """Every inverted residual, from input to output."""
        shapes: list[UnitShape] = []
        for row in TABLE_1:
            shapes.append(
                UnitShape(
                    stage=row.stage,
                    index=sum(shape.stage == row.stage for shape in shapes),
                    in_channels=shapes[-1].out_channels if shapes else STEM,
                    out_channels=row.channels,
                    stride=row.stride,
                    inner_channels=row.inner,
                )
            )
        return shapes

    def places(self, options: Mapping[str, Any]) -> tuple[Place, ...]:
        """Every inverted residual."""
        return tuple(inverted_place(shape) for shape in self.shapes())

    def build(
        self,
        options: Mapping[str, Any],
        input_shape: tuple[int, int, int],
        classes: int,
        blocks: Mapping[str, Site],
    ) -> nn.Module:
        """The module with the given blocks in their places."""
        shapes = self.shapes()
        rows = {shape.unit: row for shape, row in zip(shapes, TABLE_1, strict=True)}

        def unit(shape: UnitShape) -> nn.Module:
            row = rows[shape.unit]
            return inverted_residual(
                shape,
                blocks.get(shape.unit),
                kernel=row.kernel,
                activation=row.activation,
                eps=EPSILON,
                own_block=OwnSqueezeExcite(row.inner) if row.own_se and options["own_se"] else None,
            )

        classifier = OrderedDict(
            hidden=nn.Linear(HEAD, HIDDEN),
            act=hard_swish(),
            dropout=nn.Dropout(DROPOUT),
            output=nn.Linear(HIDDEN, classes),
        )
        return StagedNet(
            stem=conv_norm(input_shape[0], STEM, 3, stride=2, activation=hard_swish, eps=EPSILON),
            stages=in_stages(shapes, unit),
            head=conv_norm(shapes[-1].out_channels, HEAD, 1, activation=hard_swish, eps=EPSILON),
            classifier=nn.Sequential(classifier),
        )


mobilenet_v3_large = MobileNetV3Large()
