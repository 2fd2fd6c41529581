"""GCT: gated channel transformation: channels compete or cooperate through their norms.

Yang, Zhu, Wu, Yang, "Gated Channel Transformation for Visual Recognition", https://arxiv.org/abs/1909.11519,
Section 3, in the mode l2:

``e_c = α_c sqrt(sum_hw U_c² + ε)``, ``n_c = e_c / sqrt(mean_c(e²) + ε)``, ``out_c = U_c (1 + tanh(γ_c n_c + β_c))``

α starts at one, γ and β at zero, so that the block starts as the identity (and α has no gradient until γ has moved).

Departures: the ε below the second root is outside the mean, as in the authors' code. The paper puts the block before
convolutions; here it sits where ``integration`` says.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from se_bench.nets.blocks import formulas
from se_bench.nets.blocks.base import ScalingBlock
from se_bench.records import Cost

EPSILON = 1e-5
_START = {"alpha": 1.0, "gamma": 0.0, "beta": 0.0}


class GCT(ScalingBlock):
    """``(N, C, H, W) -> (N, C, H, W)``; no options. ``alpha``, ``gamma`` and ``beta`` are ``(C,)``."""

    def __init__(self, channels: int) -> None:
        super().__init__(channels)
        self.alpha = nn.Parameter(torch.full((channels,), _START["alpha"]))
        self.gamma = nn.Parameter(torch.full((channels,), _START["gamma"]))
        self.beta = nn.Parameter(torch.full((channels,), _START["beta"]))

    @property
    def bounds(self) -> tuple[float, float]:
        """``1 ± 1``."""
        return 0.0, 2.0

    def scales(self, x: Tensor) -> Tensor:
        """``(N, C, 1, 1)``."""
        embedding = (x.square().sum(dim=(2, 3)) + EPSILON).sqrt() * self.alpha
        factor = self.gamma / (embedding.square().mean(dim=1, keepdim=True) + EPSILON).sqrt()
        return (1 + (embedding * factor + self.beta).tanh())[:, :, None, None]

    def fill(self, name: str, value: Tensor, generator: torch.Generator) -> None:
        """The identity: α is one, γ and β are zero."""
        value.fill_(_START[name])

    @staticmethod
    def cost(channels: int, height: int, width: int) -> Cost:  # type: ignore[override]
        """Line by line as in ``forward``."""
        elements = channels * height * width
        with_weights = formulas.operator(operations=channels, read=2 * channels, written=channels, params=channels)
        return formulas.total(
            formulas.elementwise(elements),  # squares
            formulas.reduction(elements, channels),  # their sum
            formulas.elementwise(channels),  # + ε
            formulas.elementwise(channels),  # root
            with_weights,  # α
            formulas.elementwise(channels),  # squares
            formulas.reduction(channels, 1),  # their mean
            formulas.elementwise(1),  # + ε
            formulas.elementwise(1),  # root
            formulas.operator(operations=channels, read=channels + 1, written=channels, params=channels),  # γ
            formulas.elementwise(channels, read=2 * channels),  # normalised
            with_weights,  # β
            formulas.elementwise(channels),  # tanh
            formulas.elementwise(channels),  # 1 +
            formulas.elementwise(elements, read=elements + channels),  # scale
        )
