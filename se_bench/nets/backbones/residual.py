"""The residual unit ``y = relu(x + F(x))`` and the places in it where a block may sit.

All residual families build their units here, so a new integration is one entry in :data:`INTEGRATIONS` and
one line in :meth:`ResidualUnit.forward`.

standard  ``y = relu(shortcut(x) + block(F(x)))``   Hu et al., arXiv 1709.01507v4, Figure 3
post      ``y = block(relu(shortcut(x) + F(x)))``   same, Section 6.5: after the summation and its ReLU
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from torch import Tensor, nn
from torch.nn import functional as F

INTEGRATIONS = ("standard", "post")


@dataclass(frozen=True, kw_only=True)
class Place:
    """One unit of a backbone that can carry a block."""

    unit: str
    """The unit's module name, such as ``stage1.0``; the prefix of its parameters' names."""
    stage: int
    """Counted from 1."""
    channels: Mapping[str, int]
    """For each integration that this unit offers, the channels that the block would see."""


class Backbone(Protocol):
    """A registered backbone."""

    defaults: Mapping[str, Any]
    """Its options with their default values."""
    allowed: Mapping[str, tuple[Any, ...] | range]
    """The values of each option."""

    def places(self, options: Mapping[str, Any]) -> tuple[Place, ...]:
        """Every unit that can carry a block, from input to output."""

    def build(
        self,
        options: Mapping[str, Any],
        input_shape: tuple[int, int, int],
        classes: int,
        blocks: Mapping[str, tuple[str, nn.Module]],
    ) -> nn.Module:
        """The module, with ``blocks[unit] = (integration, block)`` in their places."""


class ResidualUnit(nn.Module):
    """``(N, C_in, H, W) -> (N, C_out, H', W')``: branch plus shortcut, ReLU, and at most one block."""

    def __init__(self, branch: nn.Module, shortcut: nn.Module, site: tuple[str, nn.Module] | None = None) -> None:
        super().__init__()
        self.branch = branch
        self.shortcut = shortcut
        self.relu = nn.ReLU(inplace=True)
        self.integration: str | None = site[0] if site else None
        self.block: nn.Module | None = site[1] if site else None

    def forward(self, x: Tensor) -> Tensor:
        """Apply the unit; see the head of the file for the equations."""
        out: Tensor = self.branch(x)
        if self.integration == "standard" and self.block is not None:
            out = self.block(out)
        out = self.relu(out + self.shortcut(x))
        if self.integration == "post" and self.block is not None:
            out = self.block(out)
        return out


class ZeroPadShortcut(nn.Module):
    """Shortcut option A of He et al. (arXiv 1512.03385, Section 4.2): no parameters.

    Takes every ``stride``-th position and appends channels of zeros:
    ``(N, C_in, H, W) -> (N, C_out, ceil(H / stride), ceil(W / stride))``.
    """

    def __init__(self, in_channels: int, out_channels: int, stride: int) -> None:
        super().__init__()
        self.stride = stride
        self.extra_channels = out_channels - in_channels

    def forward(self, x: Tensor) -> Tensor:
        """Subsample and pad."""
        return F.pad(x[:, :, :: self.stride, :: self.stride], (0, 0, 0, 0, 0, self.extra_channels))


def shortcut(kind: str, in_channels: int, out_channels: int, stride: int) -> nn.Module:
    """The identity where shapes agree; else option A (zero padding) or B (1x1 convolution and BatchNorm)."""
    if in_channels == out_channels and stride == 1:
        return nn.Identity()
    if kind == "A":
        return ZeroPadShortcut(in_channels, out_channels, stride)
    return nn.Sequential(
        nn.Conv2d(in_channels, out_channels, 1, stride=stride, bias=False), nn.BatchNorm2d(out_channels)
    )
