"""Linear Context Transform: Ruan et al., https://arxiv.org/abs/1909.03834, equations 4 to 6.

``z = mean_hw U``; z is normalised over each of G groups of channels; ``s_c = sigmoid(w_c z_c + b_c)``;
``out = U * s``. w starts at 0 and b at 1, as the authors': the block starts as a constant scale.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from se_bench.config.axes import Axes
from se_bench.nets.blocks import formulas
from se_bench.nets.blocks.base import Block
from se_bench.nets.blocks.excite import check_groups
from se_bench.records import Cost


class LinearContextTransform(Block):
    """``(N, C, H, W) -> (N, C, H, W)``; reads the axis ``groups``."""

    EPSILON = 1e-5

    def __init__(self, channels: int, *, groups: int) -> None:
        super().__init__(channels)
        self.groups = groups
        self.weight = nn.Parameter(torch.empty(channels))
        self.bias = nn.Parameter(torch.empty(channels))

    @classmethod
    def resolve(cls, channels: int, axes: Axes) -> dict[str, Any]:
        """The groups, which must divide the channels."""
        return {"groups": check_groups(channels, axes.groups)}

    def fill(self, name: str, value: Tensor, generator: torch.Generator) -> None:
        """w = 0, b = 1."""
        value.fill_(0.0 if name == "weight" else 1.0)

    def forward(self, x: Tensor) -> Tensor:
        """Scale each channel by its gate."""
        z = x.mean(dim=(2, 3)).reshape(-1, self.groups, self.channels // self.groups)
        centred = z - z.mean(dim=2, keepdim=True)
        variance = (centred * centred).mean(dim=2, keepdim=True)
        normalised = (centred / (variance + self.EPSILON).sqrt()).reshape(-1, self.channels)
        scales = (self.weight * normalised + self.bias).sigmoid()
        return x * scales[:, :, None, None]

    @staticmethod
    def cost(channels: int, height: int, width: int, *, groups: int) -> Cost:
        """Each line is an operator of :meth:`forward`."""
        elements = channels * height * width
        return formulas.total(
            formulas.reduction(elements, channels),
            formulas.reduction(channels, groups),
            formulas.elementwise(channels, read=channels + groups),  # centre
            formulas.elementwise(channels, read=2 * channels),  # square
            formulas.reduction(channels, groups),
            formulas.elementwise(groups),  # epsilon
            formulas.elementwise(groups),  # root
            formulas.elementwise(channels, read=channels + groups),  # divide
            formulas.operator(operations=channels, read=2 * channels, written=channels, params=channels),
            formulas.operator(operations=channels, read=2 * channels, written=channels, params=channels),
            formulas.elementwise(channels),  # sigmoid
            formulas.elementwise(elements, read=elements + channels),
        )
