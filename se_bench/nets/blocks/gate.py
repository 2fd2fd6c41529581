"""Gate: from logits ``a (N, C)`` to the channels' scales ``s (N, C)``.

Hu et al., "Squeeze-and-Excitation Networks", arXiv 1709.01507v4, equation 3 and Table 12.
"""

from __future__ import annotations

from torch import Tensor

from se_bench.nets.blocks.base import Part, elementwise_cost
from se_bench.records import Cost

SOFTMAX_OPERATIONS = 3
"""Operations an element of a softmax: exponential, sum, division."""


class _Gate(Part):
    def __init__(self, channels: int) -> None:
        super().__init__()


class Sigmoid(_Gate):
    """``s = 1 / (1 + exp(-a))``: non-exclusive, the paper's choice."""

    def forward(self, x: Tensor) -> Tensor:
        """``(N, C) -> (N, C)``, in (0, 1)."""
        return x.sigmoid()

    @staticmethod
    def cost(channels: int, height: int, width: int) -> Cost:  # type: ignore[override]
        """One operation a channel."""
        return elementwise_cost(channels, channels)


class Softmax(_Gate):
    """``s = exp(a) / sum_c exp(a_c)``: mutually exclusive; the scales of an image sum to one."""

    def forward(self, x: Tensor) -> Tensor:
        """``(N, C) -> (N, C)``, in (0, 1), over channels."""
        return x.softmax(dim=1)

    @staticmethod
    def cost(channels: int, height: int, width: int) -> Cost:  # type: ignore[override]
        """Exponential, sum and division for each channel."""
        return elementwise_cost(SOFTMAX_OPERATIONS * channels, channels)
