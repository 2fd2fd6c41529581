"""Gate: from logits ``a`` to the channels' scales ``s``, on the last dimension.

Hu et al., "Squeeze-and-Excitation Networks", arXiv 1709.01507v4, equation 3 and Table 12; hard sigmoid: Howard et
al., "MobileNetV3", arXiv 1905.02244, Section 5.2.
"""

from __future__ import annotations

import math

from torch import Tensor
from torch.nn import functional as F

from se_bench.nets.blocks import formulas
from se_bench.nets.blocks.base import Gate
from se_bench.records import Cost

SOFTMAX_OPERATIONS = 3
"""Operations an element of a softmax: exponential, sum, division."""


class _Map(Gate):
    """A gate of one operation a channel."""

    @staticmethod
    def cost(channels: int, positions: int) -> Cost:
        """One operation a logit."""
        return formulas.elementwise(channels * positions)


class Sigmoid(_Map):
    """``s = 1 / (1 + exp(-a))``: non-exclusive, the paper's choice."""

    def forward(self, x: Tensor) -> Tensor:
        """``(..., C) -> (..., C)``, in (0, 1)."""
        return x.sigmoid()


class Tanh(_Map):
    """``s = tanh(a)``."""

    @property
    def bounds(self) -> tuple[float, float]:
        """Those of the hyperbolic tangent."""
        return -1.0, 1.0

    def forward(self, x: Tensor) -> Tensor:
        """``(..., C) -> (..., C)``, in (-1, 1)."""
        return x.tanh()


class Relu(_Map):
    """``s = max(0, a)``."""

    @property
    def bounds(self) -> tuple[float, float]:
        """No upper end."""
        return 0.0, math.inf

    def forward(self, x: Tensor) -> Tensor:
        """``(..., C) -> (..., C)``, at least 0."""
        return x.relu()


class HardSigmoid(_Map):
    """``s = min(1, max(0, a / 6 + 1 / 2))``, MobileNetV3's."""

    def forward(self, x: Tensor) -> Tensor:
        """``(..., C) -> (..., C)``, in [0, 1]."""
        return F.hardsigmoid(x)


class Identity(Gate):
    """``s = a``."""

    @property
    def bounds(self) -> tuple[float, float]:
        """No ends."""
        return -math.inf, math.inf

    def forward(self, x: Tensor) -> Tensor:
        """``(..., C) -> (..., C)``."""
        return x

    @staticmethod
    def cost(channels: int, positions: int) -> Cost:
        """Nothing."""
        return formulas.NOTHING


class Softmax(Gate):
    """``s = exp(a) / sum_c exp(a_c)``: mutually exclusive; the scales of an image sum to one."""

    def forward(self, x: Tensor) -> Tensor:
        """``(..., C) -> (..., C)``, in (0, 1), over channels."""
        return x.softmax(dim=-1)

    @staticmethod
    def cost(channels: int, positions: int) -> Cost:
        """Exponential, sum and division for each channel."""
        return formulas.elementwise(channels * positions, operations=SOFTMAX_OPERATIONS)


class ScaledSoftmax(Gate):
    """``s = C · softmax(a)``: mutually exclusive; the scales of an image average one."""

    @property
    def bounds(self) -> tuple[float, float]:
        """All of an image's scale may go to one channel."""
        return 0.0, float(self.channels)

    def forward(self, x: Tensor) -> Tensor:
        """``(..., C) -> (..., C)``, in (0, C), over channels."""
        return x.softmax(dim=-1) * self.channels

    @staticmethod
    def cost(channels: int, positions: int) -> Cost:
        """A softmax and a multiplication."""
        return formulas.total(Softmax.cost(channels, positions), formulas.elementwise(channels * positions))
