"""Wide ResNets for CIFAR: Zagoruyko & Komodakis, "Wide Residual Networks", arXiv 1605.07146, Table 1.

WRN-d-k: a 3x3 stem of w = 16 channels, three stages of n = (d - 4) / 6 basic pre-activation units (BatchNorm, ReLU,
3x3, twice) with widths kw, 2kw, 4kw, the first unit of stages 2 and 3 halving the resolution; BatchNorm, ReLU,
global average pooling, one linear layer. Without the paper's optional dropout between the two convolutions.

Shortcuts project by a 1x1 convolution without BatchNorm where shapes change, which the first unit of every stage
does, and there take the pre-activated input, as the authors' code. ``width`` is w.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from torch import nn

from se_bench.nets.backbones.branches import norm_relu, preactivated_branch
from se_bench.nets.backbones.places import Place, Site
from se_bench.nets.backbones.residual import ResidualUnit, UnitShape, projection_shortcut
from se_bench.nets.backbones.staged import StagedNet, in_stages, residual_shapes

STAGES = 3


@dataclass(frozen=True)
class WideResNet:
    """The registered backbone of one depth and widening factor."""

    depth: int
    factor: int

    defaults = {"width": 16}  # noqa: RUF012
    allowed = {"width": range(1, 4097)}  # noqa: RUF012

    def shapes(self, width: int) -> list[UnitShape]:
        """Every residual unit, from input to output."""
        channels = [self.factor * width * 2**stage for stage in range(STAGES)]
        return residual_shapes([(self.depth - 4) // 6] * STAGES, in_channels=width, out_channels=channels)

    def places(self, options: Mapping[str, Any]) -> tuple[Place, ...]:
        """Every residual unit."""
        return tuple(shape.place() for shape in self.shapes(options["width"]))

    def build(
        self,
        options: Mapping[str, Any],
        input_shape: tuple[int, int, int],
        classes: int,
        blocks: Mapping[str, Site],
    ) -> nn.Module:
        """The module with the given blocks in their places."""
        width = options["width"]
        shapes = self.shapes(width)
        last = shapes[-1].out_channels

        def unit(shape: UnitShape) -> nn.Module:
            return ResidualUnit(
                preactivated_branch(shape),
                projection_shortcut(shape, norm=False),
                blocks.get(shape.unit),
                preactivation=norm_relu(shape.in_channels),
                shared_preactivation=shape.changes_shape,
            )

        return StagedNet(
            stem=nn.Conv2d(input_shape[0], width, 3, padding=1, bias=False),
            stages=in_stages(shapes, unit),
            head=norm_relu(last),
            classifier=nn.Linear(last, classes),
        )


wrn16_8 = WideResNet(16, 8)
wrn28_10 = WideResNet(28, 10)
