"""SGE: spatial group-wise enhancement: each group of channels is scaled by position, by its likeness to its mean.

Li, Hu, Yang, "Spatial Group-wise Enhance", https://arxiv.org/abs/1905.09646, Section 3, for each group of C/G
channels with the vectors ``x_p`` at positions p:

``c_p = mean_p(x) · x_p``, ``a_p = γ · (c_p - mean_p(c)) / (sd_p(c) + ε) + β``, ``out_p = x_p · sigmoid(a_p)``

γ and β are one number a group; they start at zero and one, as in the authors' code.

Departures: the standard deviation is the paper's (of the population) and not the authors' code's (of a sample), which
does not exist for a map of one position. The number of groups is the axis ``groups`` (the paper: 64).
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from se_bench.config.axes import Axes
from se_bench.nets.blocks import formulas
from se_bench.nets.blocks.base import ScalingBlock
from se_bench.nets.blocks.excite import check_groups
from se_bench.records import Cost

EPSILON = 1e-5
_START = {"weight": 0.0, "bias": 1.0}


class SGE(ScalingBlock):
    """``(N, C, H, W) -> (N, C, H, W)``; ``weight`` (γ) and ``bias`` (β) are ``(G, 1, 1)``."""

    def __init__(self, channels: int, *, groups: int) -> None:
        super().__init__(channels)
        self.groups = groups
        self.weight = nn.Parameter(torch.full((groups, 1, 1), _START["weight"]))
        self.bias = nn.Parameter(torch.full((groups, 1, 1), _START["bias"]))

    @classmethod
    def resolve(cls, channels: int, axes: Axes) -> dict[str, Any]:
        """The groups, which must divide the channels."""
        return {"groups": check_groups(channels, axes.groups)}

    def scales(self, x: Tensor) -> Tensor:
        """``(N, G, H, W)``: one for each position of each group."""
        return self._scales(self._grouped(x))

    def scale(self, x: Tensor, scales: Tensor) -> Tensor:
        """The channels of a group share its scales."""
        return (self._grouped(x) * scales[:, :, None]).reshape(x.shape)

    def forward(self, x: Tensor) -> Tensor:
        """The same with one view of ``x``: two would add up its gradient in another order, and round otherwise."""
        grouped = self._grouped(x)
        return (grouped * self._scales(grouped)[:, :, None]).reshape(x.shape)

    def _grouped(self, x: Tensor) -> Tensor:
        images, channels, height, width = x.shape
        return x.reshape(images, self.groups, channels // self.groups, height, width)

    def _scales(self, grouped: Tensor) -> Tensor:
        likeness = (grouped * grouped.mean(dim=(3, 4), keepdim=True)).sum(dim=2)
        centred = likeness - likeness.mean(dim=(2, 3), keepdim=True)
        normal = centred / (centred.std(dim=(2, 3), unbiased=False, keepdim=True) + EPSILON)
        return (normal * self.weight + self.bias).sigmoid()

    def fill(self, name: str, value: Tensor, generator: torch.Generator) -> None:
        """γ is zero and β one: every gate starts at sigmoid(1)."""
        value.fill_(_START[name])

    @staticmethod
    def cost(channels: int, height: int, width: int, *, groups: int) -> Cost:  # type: ignore[override]
        """Line by line as in ``forward``: C maps for the likeness and the scaling, G maps in between."""
        elements, maps = channels * height * width, groups * height * width
        affine = formulas.operator(operations=maps, read=maps + groups, written=maps, params=groups)
        return formulas.total(
            formulas.reduction(elements, channels),  # mean of each channel
            formulas.elementwise(elements, read=elements + channels),
            formulas.reduction(elements, maps),  # likeness
            formulas.reduction(maps, groups),  # its mean
            formulas.elementwise(maps, read=maps + groups),  # centred
            formulas.reduction(maps, groups),  # its standard deviation
            formulas.elementwise(groups),  # + ε
            formulas.elementwise(maps, read=maps + groups),  # normal
            affine,  # γ
            affine,  # β
            formulas.elementwise(maps),  # sigmoid
            formulas.elementwise(elements, read=elements + maps),  # scale
        )
