"""MobileNetV2: Sandler et al., "MobileNetV2: Inverted Residuals and Linear Bottlenecks",
https://arxiv.org/abs/1801.04381, Tables 1 and 2, width multiplier 1; and a small net of the same units for CIFAR.

An inverted residual widens t-fold by a 1x1 convolution (not where t = 1), filters by a depthwise 3x3, which carries
the stride, and narrows by a linear 1x1; BatchNorm after each, ReLU6 after the first two. The shortcut joins the
narrow ends, without an activation, where shapes agree; elsewhere there is none. Stages are the resolutions.

``mobilenet_v2``: a 3x3 stem of 32 channels and stride 2, Table 2's 17 units in five stages (at 1/2 to 1/32 of the
input), a 1x1 convolution to 1280 channels, global average pooling, one linear layer.
``cifar_mobilenet`` (ours, for 32 x 32 images; 0.25 M parameters and 31.9 MMACs for ten classes): a 3x3 stem of
w = 16 channels without stride, three stages of 2, 3 and 4 units, t = 6, with outputs w, 2w, 4w at 1/1, 1/2, 1/4 of the
input as a CIFAR ResNet's, a 1x1 convolution to 16w channels (four times the last stage, as in Table 2), pooling, one
linear layer.

Slots: a unit with a shortcut has those of any residual unit (``places``), with ``inner_3x3*`` behind the depthwise
convolution, its BatchNorm or its ReLU6. A unit without one is ``y = F(x)``: ``standard`` and ``post`` are both
``s(F(x))`` (ECA-Net's placement, arXiv 1910.03151, Section 4.1), ``pre`` and ``pre_unit`` both ``F(s(x))``, and there
is nothing to put an ``identity`` block on.

Departures: no dropout before the classifier (the paper names none; torchvision's has 0.2).
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from torch import Tensor, nn

from se_bench.nets.backbones.places import Place, Site
from se_bench.nets.backbones.residual import ResidualUnit, UnitShape
from se_bench.nets.backbones.staged import StagedNet, conv_norm, in_stages

INNER = ("depthwise", "depthwise_norm", "depthwise_act")
"""The children of an inverted residual's branch that the slots inside it come after."""


class Row(NamedTuple):
    """A row of Table 2: so many units, of which the first has the stride."""

    stage: int
    expansion: int
    channels: int
    units: int
    stride: int


class Plan(NamedTuple):
    """A whole net."""

    stem: int
    stem_stride: int
    rows: tuple[Row, ...]
    head: int


TABLE_2 = Plan(
    stem=32,
    stem_stride=2,
    rows=(
        Row(stage=1, expansion=1, channels=16, units=1, stride=1),
        Row(stage=2, expansion=6, channels=24, units=2, stride=2),
        Row(stage=3, expansion=6, channels=32, units=3, stride=2),
        Row(stage=4, expansion=6, channels=64, units=4, stride=2),
        Row(stage=4, expansion=6, channels=96, units=3, stride=1),
        Row(stage=5, expansion=6, channels=160, units=3, stride=2),
        Row(stage=5, expansion=6, channels=320, units=1, stride=1),
    ),
    head=1280,
)


def relu6() -> nn.Module:
    """``min(6, max(0, x))``, in place."""
    return nn.ReLU6(inplace=True)


class ShortcutlessUnit(ResidualUnit):
    """An inverted residual that changes shape: ``F(x)``, with the block on its input or its output."""

    def __init__(self, branch: nn.Module, site: Site | None, *, inner: tuple[str, str, str]) -> None:
        super().__init__(branch, nn.Identity(), site, inner=inner)

    def forward(self, x: Tensor) -> Tensor:
        """``(N, C_in, H, W) -> (N, C_out, H', W')``."""
        return self._in("standard", self._branch(self._in("pre", x)))


def inverted_residual(
    shape: UnitShape,
    site: Site | None,
    *,
    kernel: int = 3,
    activation: Callable[[], nn.Module] = relu6,
    eps: float = 1e-5,
    own_block: nn.Module | None = None,
) -> nn.Module:
    """The unit of a shape; ``own_block`` is a block of the design itself, in front of the last 1x1 (MobileNetV3)."""
    inputs, inner, outputs = shape.in_channels, shape.inner_channels, shape.out_channels
    assert inner is not None
    layers: OrderedDict[str, nn.Module] = OrderedDict()
    if inner != inputs:
        layers["expand"] = nn.Conv2d(inputs, inner, 1, bias=False)
        layers["expand_norm"] = nn.BatchNorm2d(inner, eps=eps)
        layers["expand_act"] = activation()
    layers["depthwise"] = nn.Conv2d(
        inner, inner, kernel, stride=shape.stride, padding=kernel // 2, groups=inner, bias=False
    )
    layers["depthwise_norm"] = nn.BatchNorm2d(inner, eps=eps)
    layers["depthwise_act"] = activation()
    if own_block is not None:
        layers["own_block"] = own_block
    layers["project"] = nn.Conv2d(inner, outputs, 1, bias=False)
    layers["project_norm"] = nn.BatchNorm2d(outputs, eps=eps)
    branch = nn.Sequential(layers)
    if shape.changes_shape:
        return ShortcutlessUnit(branch, site, inner=INNER)
    return ResidualUnit(branch, nn.Identity(), site, inner=INNER)


def inverted_place(shape: UnitShape) -> Place:
    """The slots of an inverted residual: without a shortcut there is none on it."""
    place = shape.place()
    if not shape.changes_shape:
        return place
    same = {"post": "standard", "pre_unit": "pre"}
    absent = {"identity", "identity_before", *same}
    offered = {slot: width for slot, width in place.channels.items() if slot not in absent}
    return replace(place, channels=offered, same=same)


class MobileNetV2:
    """The registered backbone of ImageNet."""

    defaults: Mapping[str, Any] = {}
    allowed: Mapping[str, tuple[Any, ...] | range] = {}

    def plan(self, options: Mapping[str, Any]) -> Plan:
        """Stem, rows of units and head."""
        return TABLE_2

    def shapes(self, plan: Plan) -> list[UnitShape]:
        """Every inverted residual, from input to output."""
        shapes: list[UnitShape] = []
        inputs = plan.stem
        for row in plan.rows:
            for unit in range(row.units):
                shapes.append(
                    UnitShape(
                        stage=row.stage,
                        index=sum(shape.stage == row.stage for shape in shapes),
                        in_channels=inputs,
                        out_channels=row.channels,
                        stride=row.stride if unit == 0 else 1,
                        inner_channels=row.expansion * inputs,
                    )
                )
                inputs = row.channels
        return shapes

    def places(self, options: Mapping[str, Any]) -> tuple[Place, ...]:
        """Every inverted residual."""
        return tuple(inverted_place(shape) for shape in self.shapes(self.plan(options)))

    def build(
        self,
        options: Mapping[str, Any],
        input_shape: tuple[int, int, int],
        classes: int,
        blocks: Mapping[str, Site],
    ) -> nn.Module:
        """The module with the given blocks in their places."""
        plan = self.plan(options)
        shapes = self.shapes(plan)
        return StagedNet(
            stem=conv_norm(input_shape[0], plan.stem, 3, stride=plan.stem_stride, activation=relu6),
            stages=in_stages(shapes, lambda shape: inverted_residual(shape, blocks.get(shape.unit))),
            head=conv_norm(shapes[-1].out_channels, plan.head, 1, activation=relu6),
            classifier=nn.Linear(plan.head, classes),
        )


class CifarMobileNet(MobileNetV2):
    """The registered small net; ``width`` is w."""

    defaults = {"width": 16}  # noqa: RUF012
    allowed = {"width": range(1, 4097)}  # noqa: RUF012

    def plan(self, options: Mapping[str, Any]) -> Plan:
        """Three stages."""
        width = options["width"]
        return Plan(
            stem=width,
            stem_stride=1,
            rows=(
                Row(stage=1, expansion=6, channels=width, units=2, stride=1),
                Row(stage=2, expansion=6, channels=2 * width, units=3, stride=2),
                Row(stage=3, expansion=6, channels=4 * width, units=4, stride=2),
            ),
            head=16 * width,
        )


mobilenet_v2 = MobileNetV2()
cifar_mobilenet = CifarMobileNet()
