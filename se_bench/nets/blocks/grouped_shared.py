"""Grouped, shared-weight excitation: the report's own proposal (document 001, Section 4.3), in two readings.

The report splits the channels into groups, convolves each with the same weights, and models links across groups
with one global weight, so that no fully connected parameters are added.

descriptor  ``z (C)`` as ``(G, C/G)``; one kernel of size k, shared by all groups, slides over the channels of
            each, zeros beyond its ends: ``a = conv(z) + λ · mean_c(z)``. Parameters: k + 1 (+ 1 with bias),
            whatever C is.
spatial     the map as ``(N·G, C/G, H, W)``; one convolution C/G -> C/G, shared by all groups (depthwise k x k and
            then pointwise where k > 1), makes the map that is squeezed: ``a = z + λ · mean_c(z)``.

``shared: false`` gives each group weights of its own, ``global_weight: false`` leaves λ out. λ starts at zero: the
net of independent groups. The report gives no equation; both are readings of ours.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from se_bench.config.axes import Axes
from se_bench.nets.blocks import formulas
from se_bench.nets.blocks.base import Excite
from se_bench.nets.blocks.excite import check_groups, kernel_of
from se_bench.records import Cost


class GroupedShared(Excite):
    """Both readings; see the head of the file."""

    def __init__(
        self,
        channels: int,
        *,
        reading: str,
        groups: int,
        kernel_size: int,
        shared: bool,
        global_weight: bool,
        bias: bool,
    ) -> None:
        super().__init__(channels)
        self.reading, self.groups, self.shared = reading, groups, shared
        kernels = 1 if shared else groups
        if reading == "descriptor":
            self.layer: nn.Module = nn.Conv1d(
                kernels, kernels, kernel_size, padding=kernel_size // 2, groups=kernels, bias=bias
            )
        else:
            self.layer = _spatial(channels // groups * kernels, kernels, kernel_size, bias=bias)
        self.global_weight = nn.Parameter(torch.zeros(1)) if global_weight else None

    @classmethod
    def resolve(cls, channels: int, axes: Axes) -> dict[str, Any]:
        """Everything that is built. With one group there is nothing to share; a shared kernel of one knows no group."""
        groups, kernel_size = check_groups(channels, axes.groups), kernel_of(channels, axes)
        if axes.reading == "descriptor" and axes.shared and kernel_size == 1:
            groups = 1
        return {
            "reading": axes.reading,
            "groups": groups,
            "kernel_size": kernel_size,
            "shared": axes.shared or groups == 1,
            "global_weight": axes.global_weight,
            "bias": axes.bias,
        }

    def on_map(self, x: Tensor) -> Tensor:
        """``spatial``: ``(N, C, H, W) -> (N, C, H, W)`` by the groups' convolution."""
        if self.reading == "descriptor":
            return x
        if not self.shared:
            convolved: Tensor = self.layer(x)
            return convolved
        images, channels, height, width = x.shape
        grouped = x.reshape(images * self.groups, channels // self.groups, height, width)
        convolved = self.layer(grouped)
        return convolved.reshape(x.shape)

    def forward(self, x: Tensor) -> Tensor:
        """``(..., C) -> (..., C)``."""
        logits = x
        if self.reading == "descriptor":
            rows = 1 if self.shared else self.groups
            logits = self.layer(x.reshape(-1, rows, self.channels // self.groups)).reshape(x.shape)
        if self.global_weight is not None:
            logits = logits + self.global_weight * x.mean(dim=-1, keepdim=True)
        return logits

    def fill(self, name: str, value: Tensor, generator: torch.Generator) -> None:
        """λ starts at zero."""
        value.zero_()

    @staticmethod
    def cost(  # type: ignore[override]
        channels: int,
        height: int,
        width: int,
        positions: int,
        *,
        reading: str,
        groups: int,
        kernel_size: int,
        shared: bool,
        global_weight: bool,
        bias: bool,
    ) -> Cost:
        """The convolution, on descriptors or on the map, and the global term."""
        kernels, length = (1 if shared else groups), channels // groups
        images = groups if shared else 1
        if reading == "descriptor":
            layers = [
                formulas.conv(
                    kernels,
                    kernels,
                    kernel=kernel_size,
                    positions=length,
                    groups=kernels,
                    bias=bias,
                    images=positions * images,
                )
            ]
        else:
            layers = _spatial_cost(length * kernels, kernels, kernel_size, height * width, images, bias=bias)
        if global_weight:
            logits = positions * channels
            layers += [
                formulas.reduction(logits, positions),
                formulas.operator(operations=positions, read=1 + positions, written=positions, params=1),
                formulas.elementwise(logits, read=logits + positions),
            ]
        return formulas.total(*layers)


def _spatial(channels: int, groups: int, kernel_size: int, *, bias: bool) -> nn.Module:
    """C/G -> C/G for each of so many groups: 1x1, or depthwise k x k and then 1x1."""
    pointwise = nn.Conv2d(channels, channels, 1, groups=groups, bias=bias)
    if kernel_size == 1:
        return pointwise
    depthwise = nn.Conv2d(channels, channels, kernel_size, padding=kernel_size // 2, groups=channels, bias=False)
    return nn.Sequential(depthwise, pointwise)


def _spatial_cost(
    channels: int, groups: int, kernel_size: int, positions: int, images: int, *, bias: bool
) -> list[Cost]:
    pointwise = formulas.conv(
        channels, channels, kernel=1, positions=positions, groups=groups, bias=bias, images=images
    )
    if kernel_size == 1:
        return [pointwise]
    depthwise = formulas.conv(
        channels, channels, kernel=kernel_size**2, positions=positions, groups=channels, images=images
    )
    return [depthwise, pointwise]
