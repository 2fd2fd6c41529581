"""What an attention block is: built from a specification, priced without being built.

Shapes: a block maps ``U (N, C, H, W)`` to the same shape. Its parts are a squeeze ``U -> z (N, C)``, an
excitation ``z -> a (N, C)`` and a gate ``a -> s (N, C)``.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

from torch import Tensor, nn

from se_bench.config.axes import Axes
from se_bench.records import Cost


class Part(nn.Module, ABC):
    """A squeeze, an excitation, a gate, or a whole block.

    The constructor takes the channels and, as keywords, exactly what :meth:`resolve` returns.
    """

    @classmethod
    def resolve(cls, channels: int, axes: Axes) -> dict[str, Any]:
        """The options that are built for these axes: plain data, with every rounding already done."""
        return {}

    @staticmethod
    @abstractmethod
    def cost(channels: int, height: int, width: int, **options: Any) -> Cost:
        """Cost of one image of ``(C, H, W)`` in closed form; one operation an element unless said."""

    @abstractmethod
    def forward(self, x: Tensor) -> Tensor:
        """See the class."""


class Block(Part, ABC):
    """An attention block: ``(N, C, H, W) -> (N, C, H, W)``. Its layers start from PyTorch's default values."""


def total(*costs: Cost) -> Cost:
    """The sum of costs."""
    return Cost(
        params=sum(cost.params for cost in costs),
        buffers=sum(cost.buffers for cost in costs),
        macs=sum(cost.macs for cost in costs),
        elementwise=sum(cost.elementwise for cost in costs),
        activations=sum(cost.activations for cost in costs),
    )


def elementwise_cost(operations: int, written: int) -> Cost:
    """The cost of operators without weights."""
    return Cost(params=0, buffers=0, macs=0, elementwise=operations, activations=written)
