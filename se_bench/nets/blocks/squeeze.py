"""Squeeze: a feature map ``U (N, C, H, W)`` becomes a descriptor ``z`` with its channels last.

Hu et al., "Squeeze-and-Excitation Networks", arXiv 1709.01507v4, equation 2, Tables 11 and 16 (NoSqueeze);
both statistics: Woo et al., "CBAM", arXiv 1807.06521, equation 2; standard deviation: Lee et al., "SRM",
arXiv 1903.10829, equation 1; stochastic: Zeiler & Fergus, "Stochastic Pooling", arXiv 1301.3557, Section 3.
"""

from __future__ import annotations

import torch
from torch import Tensor

from se_bench.nets.blocks import formulas
from se_bench.nets.blocks.base import Squeeze
from se_bench.records import Cost


class AveragePool(Squeeze):
    """``z_c = mean_hw U_c``, the paper's choice."""

    def forward(self, x: Tensor) -> Tensor:
        """``(N, C, H, W) -> (N, C)``, written so that the gradient is laid out as ``x`` is."""
        return x.permute(0, 2, 3, 1).mean(dim=(1, 2))

    @staticmethod
    def cost(channels: int, height: int, width: int) -> Cost:
        """Every element is read once, one number a channel is written."""
        return formulas.reduction(channels * height * width, channels)


class MaxPool(Squeeze):
    """``z_c = max_hw U_c``."""

    def forward(self, x: Tensor) -> Tensor:
        """``(N, C, H, W) -> (N, C)``; a tie sends its gradient in equal parts."""
        return x.amax(dim=(2, 3))

    @staticmethod
    def cost(channels: int, height: int, width: int) -> Cost:
        """As :class:`AveragePool`."""
        return formulas.reduction(channels * height * width, channels)


class StandardDeviation(Squeeze):
    """``z_c = sd_hw U_c``, of the population: 0 for a constant map, or one of a single position."""

    EPSILON = 1e-5
    """Below the square root, so that the gradient of a constant map is finite."""

    def forward(self, x: Tensor) -> Tensor:
        """``(N, C, H, W) -> (N, C)``."""
        return (x.var(dim=(2, 3), unbiased=False) + self.EPSILON).sqrt()

    @staticmethod
    def cost(channels: int, height: int, width: int) -> Cost:
        """The variance as one reduction, then an addition and a square root a channel."""
        return formulas.total(
            formulas.reduction(channels * height * width, channels),
            formulas.elementwise(channels),
            formulas.elementwise(channels),
        )


class _Both(Squeeze):
    """Two descriptors; the excitation is shared, and its logits are added before the gate."""

    one: type[Squeeze]
    other: type[Squeeze]

    def __init__(self, channels: int) -> None:
        super().__init__(channels)
        self.parts = torch.nn.ModuleList([self.one(channels), self.other(channels)])

    def forward(self, x: Tensor) -> Tensor:
        """``(N, C, H, W) -> (N, 2, C)``."""
        return torch.stack([part(x) for part in self.parts], dim=1)

    @staticmethod
    def positions(height: int, width: int) -> int:
        """Two."""
        return 2

    @classmethod
    def _cost(cls, channels: int, height: int, width: int) -> Cost:
        parts = (part.cost(channels, height, width) for part in (cls.one, cls.other))
        return formulas.total(*parts, formulas.copy(2 * channels))


class AverageAndMax(_Both):
    """Mean and maximum (CBAM)."""

    one, other = AveragePool, MaxPool

    @staticmethod
    def cost(channels: int, height: int, width: int) -> Cost:
        """Both, and their copy into one tensor."""
        return AverageAndMax._cost(channels, height, width)


class AverageAndDeviation(_Both):
    """Mean and standard deviation (the two statistics of SRM's style pooling)."""

    one, other = AveragePool, StandardDeviation

    @staticmethod
    def cost(channels: int, height: int, width: int) -> Cost:
        """Both, and their copy into one tensor."""
        return AverageAndDeviation._cost(channels, height, width)


class Stochastic(Squeeze):
    """One position a channel, drawn with probability ``p_hw = relu(U_hw) / sum relu(U)``.

    In evaluation the expectation ``sum_hw p_hw U_hw``. Where no activation of a channel is positive, all
    positions are equally likely.
    """

    def forward(self, x: Tensor) -> Tensor:
        """``(N, C, H, W) -> (N, C)``."""
        flat = x.flatten(2)
        weights = flat.relu()
        if not self.training:
            mass = weights.sum(dim=2)
            expected = (weights * flat).sum(dim=2) / mass.clamp_min(torch.finfo(x.dtype).tiny)
            return torch.where(mass > 0, expected, flat.mean(dim=2))
        with torch.no_grad():
            weights = torch.where(weights.sum(dim=2, keepdim=True) > 0, weights, torch.ones_like(weights))
            drawn = torch.multinomial(weights.flatten(0, 1).float(), 1).view(*flat.shape[:2], 1)
        return flat.gather(2, drawn).squeeze(2)

    @staticmethod
    def cost(channels: int, height: int, width: int) -> Cost:
        """The expectation, as in evaluation."""
        elements = channels * height * width
        return formulas.total(
            formulas.elementwise(elements),  # relu
            formulas.reduction(elements, channels),  # mass
            formulas.elementwise(elements, read=2 * elements),  # weighted
            formulas.reduction(elements, channels),  # its sum
            formulas.elementwise(channels),  # clamp
            formulas.elementwise(channels, read=2 * channels),  # division
            formulas.elementwise(channels),  # comparison
            formulas.reduction(elements, channels),  # mean
            formulas.elementwise(channels, read=3 * channels),  # choice
        )


class NoSqueeze(Squeeze):
    """``z_hw = U_hw``: the excitation acts at every position, and the gate is ``(N, C, H, W)``."""

    def forward(self, x: Tensor) -> Tensor:
        """``(N, C, H, W) -> (N, H, W, C)``, a view."""
        return x.permute(0, 2, 3, 1)

    @staticmethod
    def positions(height: int, width: int) -> int:
        """All of the map."""
        return height * width

    @staticmethod
    def cost(channels: int, height: int, width: int) -> Cost:
        """A view."""
        return formulas.NOTHING
