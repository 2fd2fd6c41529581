"""What all backbones share: stem, stages of units, head, pooling, classifier; and units without a shortcut."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from itertools import groupby

import torch
from torch import Tensor, nn

from se_bench.nets.backbones.places import Place, Site
from se_bench.nets.backbones.residual import UnitShape


class StagedNet(nn.Module):
    """``(N, C, H, W) -> (N, classes)``: ``stem``, ``stage1`` ... ``stageN``, ``head``, ``pool``, ``classifier``."""

    def __init__(
        self,
        *,
        stem: nn.Module,
        stages: Sequence[Sequence[nn.Module]],
        classifier: nn.Module,
        head: nn.Module | None = None,
        pool: nn.Module | None = None,
    ) -> None:
        super().__init__()
        self.stem = stem
        self.num_stages = len(stages)
        for number, units in enumerate(stages, start=1):
            setattr(self, f"stage{number}", nn.Sequential(*units))
        self.head = head if head is not None else nn.Identity()
        self.pool = pool if pool is not None else GlobalAveragePool()
        self.classifier = classifier

    def forward(self, x: Tensor) -> Tensor:
        """Logits ``(N, classes)`` of images ``(N, C, H, W)``."""
        x = self.stem(x)
        for number in range(1, self.num_stages + 1):
            x = self.get_submodule(f"stage{number}")(x)
        logits: Tensor = self.classifier(self.pool(self.head(x)))
        return logits


class GlobalAveragePool(nn.Module):
    """``(N, C, H, W) -> (N, C)``."""

    def forward(self, x: Tensor) -> Tensor:
        """The mean over positions, written so that the gradient is laid out as ``x`` is."""
        return x.permute(0, 2, 3, 1).mean(dim=(1, 2))


class PlainUnit(nn.Module):
    """A layer with a block behind it: the only slot, ``standard``, of a unit without a shortcut."""

    def __init__(self, layer: nn.Module, site: Site | None = None) -> None:
        super().__init__()
        self.layer = layer
        self.block: nn.Module | None = site[1] if site else None

    def forward(self, x: Tensor) -> Tensor:
        """The layer, then the block."""
        x = self.layer(x)
        return x if self.block is None else self.block(x)


class Parallel(nn.Module):
    """``(N, C, H, W) -> (N, sum of C_i, H', W')``: named branches on one input, their outputs concatenated."""

    def __init__(self, **branches: nn.Module) -> None:
        super().__init__()
        for name, branch in branches.items():
            self.add_module(name, branch)

    def forward(self, x: Tensor) -> Tensor:
        """The branches' outputs, in the order in which the branches were named."""
        return torch.cat([branch(x) for branch in self.children()], dim=1)


def plain_place(stage: int, index: int, channels: int) -> Place:
    """The place of a :class:`PlainUnit` with so many output channels."""
    return Place(unit=f"stage{stage}.{index}", stage=stage, index=index, channels={"standard": channels})


def residual_shapes(
    depths: Sequence[int],
    *,
    in_channels: int,
    out_channels: Sequence[int],
    inner_channels: Sequence[int] | None = None,
) -> list[UnitShape]:
    """The residual units of a net, from input to output; every stage but the first begins with stride 2.

    Args:
        depths: units of each stage.
        in_channels: of the first unit.
        out_channels: of each stage.
        inner_channels: of each stage's 3x3 convolutions, where units are bottlenecks.
    """
    shapes = []
    for stage, depth in enumerate(depths, start=1):
        for index in range(depth):
            shape = UnitShape(
                stage=stage,
                index=index,
                in_channels=in_channels,
                out_channels=out_channels[stage - 1],
                stride=2 if stage > 1 and index == 0 else 1,
                inner_channels=inner_channels[stage - 1] if inner_channels else None,
            )
            shapes.append(shape)
            in_channels = shape.out_channels
    return shapes


def in_stages(shapes: Sequence[UnitShape], unit: Callable[[UnitShape], nn.Module]) -> list[list[nn.Module]]:
    """A unit for each shape, in lists by stage, as :class:`StagedNet` takes them."""
    return [[unit(shape) for shape in stage] for _, stage in groupby(shapes, key=lambda shape: shape.stage)]


def conv_norm(
    in_channels: int,
    out_channels: int,
    kernel: int | tuple[int, int],
    *,
    stride: int = 1,
    padding: int | tuple[int, int] | None = None,
    groups: int = 1,
    activation: Callable[[], nn.Module] | None = None,
    bias: bool = False,
    eps: float = 1e-5,
) -> nn.Sequential:
    """Convolution, BatchNorm, activation: children ``conv``, ``norm`` and, if any, ``act``.

    The default padding keeps the size at stride 1.
    """
    if padding is None:
        padding = kernel // 2 if isinstance(kernel, int) else (kernel[0] // 2, kernel[1] // 2)
    conv = nn.Conv2d(in_channels, out_channels, kernel, stride=stride, padding=padding, groups=groups, bias=bias)
    layers: OrderedDict[str, nn.Module] = OrderedDict(conv=conv, norm=nn.BatchNorm2d(out_channels, eps=eps))
    if activation is not None:
        layers["act"] = activation()
    return nn.Sequential(layers)


def relu() -> nn.Module:
    """A ReLU that works in place."""
    return nn.ReLU(inplace=True)
