"""Excitation: from the descriptor ``z (..., C)`` to one logit a channel, ``a (..., C)``.

Bottleneck: Hu et al., "Squeeze-and-Excitation Networks", arXiv 1709.01507v4, equation 3. The others are the
ablations of Wang et al., "ECA-Net", arXiv 1910.03151, Table 1: SE-Var1 (parameter-free), SE-Var2 (diagonal),
SE-Var3 (full), SE-GC (grouped), and ECA itself (one shared kernel over the channels).
"""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn

from se_bench.config.axes import Axes
from se_bench.errors import OptionError
from se_bench.nets.blocks import formulas
from se_bench.nets.blocks.base import Excite
from se_bench.nets.blocks.widths import adaptive_kernel, hidden_width
from se_bench.records import Cost


class Bottleneck(Excite):
    """``a = W2 · relu(W1 · z)`` with ``W1 (h, C)`` and ``W2 (C, h)``; biases are an option.

    The paper's ablations have no biases; the nets its authors released do.
    """

    def __init__(self, channels: int, *, hidden: int, bias: bool) -> None:
        super().__init__(channels)
        self.down = nn.Linear(channels, hidden, bias=bias)
        self.relu = nn.ReLU(inplace=True)
        self.up = nn.Linear(hidden, channels, bias=bias)

    @classmethod
    def resolve(cls, channels: int, axes: Axes) -> dict[str, Any]:
        """The hidden width that is built, and whether there are biases."""
        assert isinstance(axes.reduction, int)
        hidden = hidden_width(channels, axes.reduction, axes.hidden_width, axes.min_width)
        return {"hidden": hidden, "bias": axes.bias}

    def forward(self, x: Tensor) -> Tensor:
        """``(..., C) -> (..., C)``."""
        logits: Tensor = self.up(self.relu(self.down(x)))
        return logits

    @staticmethod
    def cost(channels: int, height: int, width: int, positions: int, *, hidden: int, bias: bool) -> Cost:  # type: ignore[override]
        """Two layers with a ReLU between them."""
        return formulas.total(
            formulas.linear(channels, hidden, bias=bias, positions=positions),
            formulas.elementwise(hidden * positions),
            formulas.linear(hidden, channels, bias=bias, positions=positions),
        )


class Full(Excite):
    """``a = W z`` with ``W (C, C)``: no reduction (SE-Var3)."""

    def __init__(self, channels: int, *, bias: bool) -> None:
        super().__init__(channels)
        self.layer = nn.Linear(channels, channels, bias=bias)

    @classmethod
    def resolve(cls, channels: int, axes: Axes) -> dict[str, Any]:
        """Whether there are biases."""
        return {"bias": axes.bias}

    def forward(self, x: Tensor) -> Tensor:
        """``(..., C) -> (..., C)``."""
        logits: Tensor = self.layer(x)
        return logits

    @staticmethod
    def cost(channels: int, height: int, width: int, positions: int, *, bias: bool) -> Cost:  # type: ignore[override]
        """One layer."""
        return formulas.linear(channels, channels, bias=bias, positions=positions)


class GroupedFull(Excite):
    """``a = W z`` with ``W`` block-diagonal, G blocks of ``(C/G, C/G)`` (SE-GC)."""

    def __init__(self, channels: int, *, groups: int, bias: bool) -> None:
        super().__init__(channels)
        self.layer = nn.Conv1d(channels, channels, 1, groups=groups, bias=bias)

    @classmethod
    def resolve(cls, channels: int, axes: Axes) -> dict[str, Any]:
        """The groups, which must divide the channels. One group is the full layer, C groups the diagonal one."""
        return {"groups": check_groups(channels, axes.groups), "bias": axes.bias}

    def forward(self, x: Tensor) -> Tensor:
        """``(..., C) -> (..., C)``."""
        logits: Tensor = self.layer(x.reshape(-1, self.channels, 1))
        return logits.reshape(x.shape)

    @staticmethod
    def cost(channels: int, height: int, width: int, positions: int, *, groups: int, bias: bool) -> Cost:  # type: ignore[override]
        """C / G multiplications for each logit."""
        return formulas.conv(channels, channels, kernel=1, groups=groups, positions=1, bias=bias, images=positions)


class Diagonal(GroupedFull):
    """``a_c = w_c z_c``: one independent weight a channel, no term between channels (SE-Var2)."""

    def __init__(self, channels: int, *, bias: bool) -> None:
        super().__init__(channels, groups=channels, bias=bias)

    @classmethod
    def resolve(cls, channels: int, axes: Axes) -> dict[str, Any]:
        """Whether there are biases."""
        return {"bias": axes.bias}

    @staticmethod
    def cost(channels: int, height: int, width: int, positions: int, *, bias: bool) -> Cost:  # type: ignore[override]
        """One multiplication for each logit."""
        return GroupedFull.cost(channels, height, width, positions, groups=channels, bias=bias)


class ParameterFree(Excite):
    """``a = z`` (SE-Var1)."""

    def forward(self, x: Tensor) -> Tensor:
        """``(..., C) -> (..., C)``."""
        return x

    @staticmethod
    def cost(channels: int, height: int, width: int, positions: int) -> Cost:  # type: ignore[override]
        """Nothing."""
        return formulas.NOTHING


class ChannelConvolution(Excite):
    """``a_c = sum_j w_j z_(c+j)``: one kernel of size k slides over the channels, zeros beyond both ends (ECA)."""

    def __init__(self, channels: int, *, kernel_size: int, bias: bool) -> None:
        super().__init__(channels)
        self.layer = nn.Conv1d(1, 1, kernel_size, padding=kernel_size // 2, bias=bias)

    @classmethod
    def resolve(cls, channels: int, axes: Axes) -> dict[str, Any]:
        """The kernel that is built, and whether there is a bias."""
        return {"kernel_size": kernel_of(channels, axes), "bias": axes.bias}

    def forward(self, x: Tensor) -> Tensor:
        """``(..., C) -> (..., C)``."""
        logits: Tensor = self.layer(x.reshape(-1, 1, self.channels))
        return logits.reshape(x.shape)

    @staticmethod
    def cost(channels: int, height: int, width: int, positions: int, *, kernel_size: int, bias: bool) -> Cost:  # type: ignore[override]
        """k multiplications for each logit, those with the padding included."""
        return formulas.conv(1, 1, kernel=kernel_size, positions=channels, bias=bias, images=positions)


def kernel_of(channels: int, axes: Axes) -> int:
    """The kernel size that the axes mean for so many channels."""
    return adaptive_kernel(channels) if axes.kernel_size == "adaptive" else axes.kernel_size


def check_groups(channels: int, groups: int) -> int:
    """``groups`` where it divides the channels; else an error that lists what does."""
    if channels % groups:
        divisors = tuple(str(number) for number in range(1, channels + 1) if channels % number == 0)
        raise OptionError(f"{groups} groups do not divide {channels} channels", key="groups", allowed=divisors)
    return groups
