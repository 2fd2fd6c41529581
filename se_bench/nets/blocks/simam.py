"""SimAM: each element is scaled by how far it stands out from its channel; no parameters.

Yang, Zhang, Li, Xie, "SimAM: A Simple, Parameter-Free Attention Module for Convolutional Neural Networks", ICML 2021,
https://proceedings.mlr.press/v139/yang21o.html, equations 5-6 and the authors' code. With ``d = (U - mean_hw U)²``
and ``v = sum_hw d / (H W - 1)``, the inverse of an element's energy is ``d / (4 (v + λ)) + 1/2``, and
``out = U · sigmoid(d / (4 (v + λ)) + 1/2)``, λ = 1e-4.

Departures: the division by H W - 1 is the authors' code's (the paper: H W). On a map of one position, where ``v``
would be 0 / 0, it is 0: the gate is sigmoid(1/2).
"""

from __future__ import annotations

from torch import Tensor

from se_bench.nets.blocks import formulas
from se_bench.nets.blocks.base import ScalingBlock
from se_bench.records import Cost

LAMBDA = 1e-4


class SimAM(ScalingBlock):
    """``(N, C, H, W) -> (N, C, H, W)``; no options, no parameters."""

    def scales(self, x: Tensor) -> Tensor:
        """``(N, C, H, W)``: one for each element."""
        height, width = x.shape[2:]
        deviations = (x - x.mean(dim=(2, 3), keepdim=True)).square()
        variance = deviations.sum(dim=(2, 3), keepdim=True) / max(1, height * width - 1)
        return (deviations / (4 * (variance + LAMBDA)) + 0.5).sigmoid()

    @staticmethod
    def cost(channels: int, height: int, width: int) -> Cost:  # type: ignore[override]
        """Line by line as in ``forward``."""
        elements = channels * height * width
        return formulas.total(
            formulas.reduction(elements, channels),  # mean
            formulas.elementwise(elements, read=elements + channels),  # difference
            formulas.elementwise(elements),  # its square
            formulas.reduction(elements, channels),  # sum of squares
            formulas.elementwise(channels),  # variance
            formulas.elementwise(channels),  # + λ
            formulas.elementwise(channels),  # times four
            formulas.elementwise(elements, read=elements + channels),  # inverse of the energy
            formulas.elementwise(elements),  # + 1/2
            formulas.elementwise(elements),  # sigmoid
            formulas.elementwise(elements, read=2 * elements),  # scale
        )
