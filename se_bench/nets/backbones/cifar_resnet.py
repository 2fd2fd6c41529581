"""CIFAR ResNets of basic blocks: He et al., "Deep Residual Learning", arXiv 1512.03385, Section 4.2.

A 3x3 stem, three stages of n units with widths w, 2w, 4w (w = 16), global average pooling, one linear layer:
depth = 6n + 2. The first unit of stages 2 and 3 halves the resolution. Post-activation.
Departures: none with option A; option B is the paper's projection with a BatchNorm, as libraries build it.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from torch import Tensor, nn

from se_bench.nets.backbones.residual import INTEGRATIONS, Place, ResidualUnit, shortcut

STAGES = 3


class CifarResNetModule(nn.Module):
    """Stem, stages, head: ``(N, 3, H, W) -> (N, classes)``."""

    def __init__(
        self,
        *,
        units: int,
        width: int,
        shortcut_kind: str,
        in_channels: int,
        classes: int,
        blocks: Mapping[str, tuple[str, nn.Module]],
    ) -> None:
        super().__init__()
        self.stem = nn.Sequential(
            OrderedDict(
                conv=nn.Conv2d(in_channels, width, 3, padding=1, bias=False),
                norm=nn.BatchNorm2d(width),
                relu=nn.ReLU(inplace=True),
            )
        )
        channels = width
        for stage in range(1, STAGES + 1):
            out_channels = width * 2 ** (stage - 1)
            layers = []
            for index in range(units):
                stride = 2 if stage > 1 and index == 0 else 1
                layers.append(
                    ResidualUnit(
                        basic_branch(channels, out_channels, stride),
                        shortcut(shortcut_kind, channels, out_channels, stride),
                        blocks.get(f"stage{stage}.{index}"),
                    )
                )
                channels = out_channels
            setattr(self, f"stage{stage}", nn.Sequential(*layers))
        self.classifier = nn.Linear(channels, classes)

    def forward(self, x: Tensor) -> Tensor:
        """Logits ``(N, classes)`` of images ``(N, C, H, W)``."""
        x = self.stem(x)
        for stage in range(1, STAGES + 1):
            x = self.get_submodule(f"stage{stage}")(x)
        logits: Tensor = self.classifier(x.mean(dim=(2, 3)))
        return logits


@dataclass(frozen=True)
class CifarResNet:
    """The registered backbone of one depth."""

    depth: int

    defaults = {"width": 16, "shortcut": "A"}  # noqa: RUF012
    allowed = {"width": range(1, 4097), "shortcut": ("A", "B")}  # noqa: RUF012

    @property
    def units(self) -> int:
        """Residual units a stage."""
        return (self.depth - 2) // 6

    def places(self, options: Mapping[str, Any]) -> tuple[Place, ...]:
        """Every residual unit; the block sees the unit's output channels."""
        return tuple(
            Place(
                unit=f"stage{stage}.{index}",
                stage=stage,
                channels=dict.fromkeys(INTEGRATIONS, options["width"] * 2 ** (stage - 1)),
            )
            for stage in range(1, STAGES + 1)
            for index in range(self.units)
        )

    def build(
        self,
        options: Mapping[str, Any],
        input_shape: tuple[int, int, int],
        classes: int,
        blocks: Mapping[str, tuple[str, nn.Module]],
    ) -> nn.Module:
        """The module with the given blocks in their places."""
        return CifarResNetModule(
            units=self.units,
            width=options["width"],
            shortcut_kind=options["shortcut"],
            in_channels=input_shape[0],
            classes=classes,
            blocks=blocks,
        )


def basic_branch(in_channels: int, out_channels: int, stride: int) -> nn.Sequential:
    """Conv 3x3, BatchNorm, ReLU, conv 3x3, BatchNorm; the stride is the first convolution's."""
    return nn.Sequential(
        OrderedDict(
            conv1=nn.Conv2d(in_channels, out_channels, 3, stride=stride, padding=1, bias=False),
            norm1=nn.BatchNorm2d(out_channels),
            relu=nn.ReLU(inplace=True),
            conv2=nn.Conv2d(out_channels, out_channels, 3, padding=1, bias=False),
            norm2=nn.BatchNorm2d(out_channels),
        )
    )


cifar_resnet8 = CifarResNet(8)
cifar_resnet20 = CifarResNet(20)
cifar_resnet32 = CifarResNet(32)
cifar_resnet44 = CifarResNet(44)
cifar_resnet56 = CifarResNet(56)
cifar_resnet110 = CifarResNet(110)
