"""Squeeze: a feature map ``U (N, C, H, W)`` becomes one number a channel, ``z (N, C)``.

Hu et al., "Squeeze-and-Excitation Networks", arXiv 1709.01507v4, equation 2 and Table 11.
A reduction counts one operation for each element it reads.
"""

from __future__ import annotations

from torch import Tensor

from se_bench.nets.blocks.base import Part, elementwise_cost
from se_bench.records import Cost


class _Pool(Part):
    def __init__(self, channels: int) -> None:
        super().__init__()

    @staticmethod
    def cost(channels: int, height: int, width: int) -> Cost:  # type: ignore[override]
        """Every element is read once, one number a channel is written."""
        return elementwise_cost(channels * height * width, channels)


class AveragePool(_Pool):
    """``z_c = mean_hw U_c``, the paper's choice."""

    def forward(self, x: Tensor) -> Tensor:
        """``(N, C, H, W) -> (N, C)``."""
        return x.mean(dim=(2, 3))


class MaxPool(_Pool):
    """``z_c = max_hw U_c``."""

    def forward(self, x: Tensor) -> Tensor:
        """``(N, C, H, W) -> (N, C)``; a tie sends its gradient in equal parts."""
        return x.amax(dim=(2, 3))
