"""SRM: style-based recalibration, from the mean and the standard deviation of each channel by itself.

Lee, Kim, Nam, "SRM: A Style-based Recalibration Module for Convolutional Neural Networks",
https://arxiv.org/abs/1903.10829, Section 3: style pooling ``t_c = [mean_hw U_c, sd_hw U_c]``, the channel-wise fully
connected layer ``z_c = w_c · t_c``, ``s = sigmoid(BN(z))``, ``out = U · s``.

Departures: the standard deviation is the paper's (of the population, with 1e-5 below the root) and not the authors'
code's (of a sample), which does not exist for a map of one position. The weights start at zero, as in that code.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from se_bench.nets.blocks import formulas
from se_bench.nets.blocks.base import ScalingBlock
from se_bench.nets.blocks.squeeze import AverageAndDeviation
from se_bench.records import Cost

STATISTICS = 2


class SRM(ScalingBlock):
    """``(N, C, H, W) -> (N, C, H, W)``; no options. In training the batch must have two images or more.

    ``style`` is ``(2, C)``: the weights of the mean and of the standard deviation.
    """

    def __init__(self, channels: int) -> None:
        super().__init__(channels)
        self.squeeze = AverageAndDeviation(channels)
        self.style = nn.Parameter(torch.zeros(STATISTICS, channels))
        self.norm = nn.BatchNorm1d(channels)

    def scales(self, x: Tensor) -> Tensor:
        """``(N, C, 1, 1)``."""
        logits = (self.squeeze(x) * self.style).sum(dim=1)
        scales: Tensor = self.norm(logits).sigmoid()
        return scales[:, :, None, None]

    def fill(self, name: str, value: Tensor, generator: torch.Generator) -> None:
        """Zero: every gate starts at one half."""
        value.zero_()

    @staticmethod
    def cost(channels: int, height: int, width: int) -> Cost:  # type: ignore[override]
        """Both statistics, two products a channel and their sum, BatchNorm, sigmoid, and the scaling."""
        elements, styles = channels * height * width, STATISTICS * channels
        return formulas.total(
            AverageAndDeviation.cost(channels, height, width),
            formulas.operator(operations=styles, read=2 * styles, written=styles, params=styles),
            formulas.reduction(styles, channels),
            formulas.batch_norm(channels, 1),
            formulas.elementwise(channels),
            formulas.elementwise(elements, read=elements + channels),
        )
