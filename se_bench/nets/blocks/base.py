"""What an attention block is: built from a specification, priced without being built.

Shapes: a block maps ``U (N, C, H, W)`` to the same shape. The SE block is made of a squeeze
``U -> z (N, ..., C)``, an excitation ``z -> a (N, ..., C)`` and a gate ``a -> s (N, ..., C)``: descriptors have
their channels last, so that one excitation serves one descriptor ``(N, C)``, two of them ``(N, 2, C)``, and a
descriptor at every position ``(N, H, W, C)``.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

import torch
from torch import Tensor, nn

from se_bench.config.axes import Axes
from se_bench.records import Cost


class Part(nn.Module, ABC):
    """A squeeze, an excitation, a gate, or a whole block.

    The constructor takes the channels and, as keywords, exactly what :meth:`resolve` returns.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.channels = channels

    @classmethod
    def resolve(cls, channels: int, axes: Axes) -> dict[str, Any]:
        """The options that are built for these axes: plain data, with every rounding already done.

        Raises :class:`~se_bench.errors.OptionError`, with the axis as its key, for what cannot be built.
        """
        return {}

    @abstractmethod
    def forward(self, x: Tensor) -> Tensor:
        """See the class."""

    def fill(self, name: str, value: Tensor, generator: torch.Generator) -> None:
        """Give a parameter that this module itself holds its initial value, in place."""
        raise TypeError(f"no rule for the initial values of {type(self).__name__}.{name}")


class Squeeze(Part):
    """``U (N, C, H, W) -> z``."""

    @staticmethod
    def positions(height: int, width: int) -> int:
        """Descriptors of one image: 1, 2, or one for each position of the map."""
        return 1

    @staticmethod
    @abstractmethod
    def cost(channels: int, height: int, width: int) -> Cost:
        """Cost of one image of ``(C, H, W)`` in closed form."""


class Excite(Part):
    """``z -> a``, on the last dimension."""

    def on_map(self, x: Tensor) -> Tensor:
        """The map that is squeezed; itself, unless the excitation acts before the squeeze."""
        return x

    @staticmethod
    @abstractmethod
    def cost(channels: int, height: int, width: int, positions: int, **options: Any) -> Cost:
        """Cost for so many descriptors of one image of ``(C, H, W)``, in closed form."""


class Gate(Part):
    """``a -> s``, on the last dimension."""

    @property
    def bounds(self) -> tuple[float, float]:
        """What no scale is below or above, infinite where there is no end."""
        return 0.0, 1.0

    @staticmethod
    @abstractmethod
    def cost(channels: int, positions: int) -> Cost:
        """Cost for so many vectors of logits, in closed form."""


class Block(Part):
    """An attention block: ``(N, C, H, W) -> (N, C, H, W)``. Its layers start from PyTorch's default values."""

    part_of_backbone = False
    """Whether the block belongs to the backbone itself (MobileNetV3's own), and its parameters with it."""

    @staticmethod
    @abstractmethod
    def cost(channels: int, height: int, width: int, **options: Any) -> Cost:
        """Cost of one image of ``(C, H, W)`` in closed form; see ``formulas``."""


class ScalingBlock(Block):
    """A block that multiplies its input by scales and does nothing else; its gate can be read and exchanged.

    See ``nets.gates``. A block that scales more than once has no one gate and is a plain :class:`Block`.
    """

    @property
    def bounds(self) -> tuple[float, float]:
        """What no scale is below or above, infinite where there is no end."""
        return 0.0, 1.0

    @abstractmethod
    def scales(self, x: Tensor) -> Tensor:
        """The scales of a map ``(N, C, H, W)``: ``(N, C, 1, 1)``, or ``(N, C, H, W)`` where positions differ."""

    def scale(self, x: Tensor, scales: Tensor) -> Tensor:
        """``x (N, C, H, W)`` times scales as :meth:`scales` returns them, or one for all images: ``(1, ...)``."""
        return x * scales

    def forward(self, x: Tensor) -> Tensor:
        """Scale ``x (N, C, H, W)`` by its own gate."""
        return self.scale(x, self.scales(x))
