"""CBAM: channel attention from mean and maximum, then spatial attention.

Woo, Park, Lee, Kweon, "CBAM: Convolutional Block Attention Module", https://arxiv.org/abs/1807.06521:

channels (equation 2)   ``U' = U · sigmoid(W1 · relu(W0 · mean_hw U) + W1 · relu(W0 · max_hw U))``
positions (equation 3)  ``out = U' · sigmoid(BN(conv7x7([mean_c U'; max_c U'])))``

The channel part is the SE block with the squeeze ``avg_max``. The equations have neither biases nor the BatchNorm;
the authors' code has both (momentum 0.01). Here BatchNorm is as in their code and biases are the axis ``bias``.
Departures: none.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from se_bench.config.axes import Axes
from se_bench.nets.blocks import formulas
from se_bench.nets.blocks.base import Block
from se_bench.nets.blocks.excite import Bottleneck
from se_bench.nets.blocks.squeeze_excite import SqueezeExcite
from se_bench.records import Cost

KERNEL_SIZE = 7
MOMENTUM = 0.01
"""Of the running statistics, as in the authors' code."""


class CBAM(Block):
    """``(N, C, H, W) -> (N, C, H, W)``; ``hidden`` and ``bias`` are those of the shared two layers."""

    def __init__(self, channels: int, *, hidden: int, bias: bool) -> None:
        super().__init__(channels)
        self.channel = SqueezeExcite(channels, **_channel_parts(hidden, bias))
        self.conv = nn.Conv2d(2, 1, KERNEL_SIZE, padding=KERNEL_SIZE // 2, bias=False)
        self.norm = nn.BatchNorm2d(1, momentum=MOMENTUM)

    @classmethod
    def resolve(cls, channels: int, axes: Axes) -> dict[str, Any]:
        """The hidden width that is built, and whether there are biases."""
        return Bottleneck.resolve(channels, axes)

    def forward(self, x: Tensor) -> Tensor:
        """Scale channels, then positions."""
        x = self.channel(x)
        statistics = torch.cat([x.mean(dim=1, keepdim=True), x.amax(dim=1, keepdim=True)], dim=1)
        scales: Tensor = self.norm(self.conv(statistics)).sigmoid()
        return x * scales

    @staticmethod
    def cost(channels: int, height: int, width: int, *, hidden: int, bias: bool) -> Cost:  # type: ignore[override]
        """The SE block, then both statistics of each position, their convolution, and the scaling."""
        positions = height * width
        elements = channels * positions
        return formulas.total(
            SqueezeExcite.cost(channels, height, width, **_channel_parts(hidden, bias)),
            formulas.reduction(elements, positions),  # mean
            formulas.reduction(elements, positions),  # maximum
            formulas.copy(2 * positions),
            formulas.conv(2, 1, kernel=KERNEL_SIZE**2, positions=positions),
            formulas.batch_norm(1, positions),
            formulas.elementwise(positions),  # sigmoid
            formulas.elementwise(elements, read=elements + positions),  # scale
        )


def _channel_parts(hidden: int, bias: bool) -> dict[str, dict[str, Any]]:
    return {
        "squeeze": {"op": "avg_max"},
        "excite": {"op": "bottleneck", "hidden": hidden, "bias": bias},
        "gate": {"op": "sigmoid"},
    }
