"""Excitation: from the descriptor ``z (N, C)`` to one logit a channel, ``a (N, C)``.

Hu et al., "Squeeze-and-Excitation Networks", arXiv 1709.01507v4, equation 3.
"""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn

from se_bench.config.axes import Axes
from se_bench.nets.blocks.base import Part
from se_bench.records import Cost


def hidden_width(channels: int, reduction: int) -> int:
    """The one rule for the reduced width: ``max(1, round(C / r))``, halves to the even neighbour.

    Libraries disagree here (floor, ceil, multiples of 8), so the width that is built is part of the
    architecture's identity, and none is rounded anywhere else.
    """
    return max(1, round(channels / reduction))


class Bottleneck(Part):
    """``a = W2 · relu(W1 · z)`` with ``W1 (h, C)`` and ``W2 (C, h)``; biases are an option.

    The paper's ablations have no biases; the nets its authors released do.
    """

    def __init__(self, channels: int, *, hidden: int, bias: bool) -> None:
        super().__init__()
        self.down = nn.Linear(channels, hidden, bias=bias)
        self.relu = nn.ReLU(inplace=True)
        self.up = nn.Linear(hidden, channels, bias=bias)

    @classmethod
    def resolve(cls, channels: int, axes: Axes) -> dict[str, Any]:
        """The hidden width that is built, and whether there are biases."""
        return {"hidden": hidden_width(channels, axes.reduction), "bias": axes.bias}

    def forward(self, x: Tensor) -> Tensor:
        """``(N, C) -> (N, C)``."""
        logits: Tensor = self.up(self.relu(self.down(x)))
        return logits

    @staticmethod
    def cost(channels: int, height: int, width: int, *, hidden: int, bias: bool) -> Cost:  # type: ignore[override]
        """Two layers; adding a bias is part of the layer, the ReLU is one operation an element."""
        return Cost(
            params=2 * channels * hidden + bias * (channels + hidden),
            buffers=0,
            macs=2 * channels * hidden,
            elementwise=hidden,
            activations=hidden + hidden + channels,
        )
