"""Gather-Excite with global extent: theta-minus, theta, theta-plus.

Hu, Shen, Albanie, Sun, Vedaldi, "Gather-Excite", https://arxiv.org/abs/1810.12348:
``out = U · sigmoid(f(gather(U)))``, the gathered value being the same at all positions. BatchNorm, ReLU and layers as
in the authors' nets (GENet, RN50-GEP and RN50-GEPP):

theta-minus  ``gather = mean_hw``, ``f = identity``: no parameters; the SE block's excitation ``parameter_free``
theta        ``gather = BN(depthwise convolution as large as the map)``, ``f = identity``
theta-plus   ``gather = relu(BN(the same convolution))``, ``f = W2 · relu(W1 · ...)``, the bottleneck of SE

Departure: the depthwise kernel is a grid of 7 x 7 weights a channel, laid over the map (nearest neighbours), and not
one weight for each position, because a block knows its channels and not the size of its map. On 7 x 7 maps it is the
authors' convolution; on larger ones neighbouring positions share a weight (49 C parameters instead of H W C).
Biases of the bottleneck (the authors' nets have them, the paper says nothing) are the axis ``bias``.
"""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from se_bench.config.axes import Axes
from se_bench.nets.blocks import formulas
from se_bench.nets.blocks.base import ScalingBlock
from se_bench.nets.blocks.excite import Bottleneck
from se_bench.nets.blocks.squeeze_excite import SqueezeExcite
from se_bench.records import Cost

GRID = 7
"""Weights a side of the gathering kernel: the size of the last maps of the authors' nets."""

_START = math.sqrt(2.0 / GRID**2)
"""Standard deviation of the kernel's initial values."""

_MINUS: dict[str, dict[str, Any]] = {
    "squeeze": {"op": "avg"},
    "excite": {"op": "parameter_free"},
    "gate": {"op": "sigmoid"},
}


class GatherExciteThetaMinus(SqueezeExcite):
    """``out = U · sigmoid(mean_hw U)``: ``(N, C, H, W) -> (N, C, H, W)``, no options, no parameters."""

    def __init__(self, channels: int) -> None:
        super().__init__(channels, **_MINUS)

    @classmethod
    def resolve(cls, channels: int, axes: Axes) -> dict[str, Any]:
        """Nothing: no axis is read."""
        return {}

    @staticmethod
    def cost(channels: int, height: int, width: int) -> Cost:  # type: ignore[override]
        """That of the SE block with the same parts."""
        return SqueezeExcite.cost(channels, height, width, **_MINUS)


class GatherExciteTheta(ScalingBlock):
    """``out = U · sigmoid(BN(sum_hw K U))`` with one kernel K a channel: ``(N, C, H, W) -> (N, C, H, W)``.

    ``kernel`` is ``(C, 7, 7)``. In training the batch must have two images or more.
    """

    def __init__(self, channels: int) -> None:
        super().__init__(channels)
        self.kernel = nn.Parameter(nn.init.normal_(torch.empty(channels, GRID, GRID), std=_START))
        self.norm = nn.BatchNorm1d(channels)

    def gather(self, x: Tensor) -> Tensor:
        """``(N, C, H, W) -> (N, C)``: the normalised sum over the map, weighted by the kernel."""
        height, width = x.shape[2:]
        kernel = F.interpolate(self.kernel[None], (height, width), mode="nearest-exact")[0]
        gathered: Tensor = self.norm(weighted_sum(x, kernel))
        return gathered

    def scales(self, x: Tensor) -> Tensor:
        """``(N, C, 1, 1)``."""
        return self.gather(x).sigmoid()[:, :, None, None]

    def fill(self, name: str, value: Tensor, generator: torch.Generator) -> None:
        """The kernel is He-normal, as in the authors' nets (fan-in of the 49 weights of the grid)."""
        value.normal_(0.0, _START, generator=generator)

    @staticmethod
    def cost(channels: int, height: int, width: int) -> Cost:  # type: ignore[override]
        """The gather, a sigmoid, and the scaling."""
        return formulas.total(
            _gather_cost(channels, height, width),
            formulas.elementwise(channels),
            _scale_cost(channels, height, width),
        )


class GatherExciteThetaPlus(GatherExciteTheta):
    """``out = U · sigmoid(W2 · relu(W1 · relu(BN(sum_hw K U))))``: ``(N, C, H, W) -> (N, C, H, W)``."""

    def __init__(self, channels: int, *, hidden: int, bias: bool) -> None:
        super().__init__(channels)
        self.excite = Bottleneck(channels, hidden=hidden, bias=bias)

    @classmethod
    def resolve(cls, channels: int, axes: Axes) -> dict[str, Any]:
        """The hidden width that is built, and whether there are biases."""
        return Bottleneck.resolve(channels, axes)

    def scales(self, x: Tensor) -> Tensor:
        """``(N, C, 1, 1)``."""
        scales: Tensor = self.excite(self.gather(x).relu()).sigmoid()
        return scales[:, :, None, None]

    @staticmethod
    def cost(channels: int, height: int, width: int, *, hidden: int, bias: bool) -> Cost:  # type: ignore[override]
        """The gather and a ReLU, the bottleneck, a sigmoid, and the scaling."""
        return formulas.total(
            _gather_cost(channels, height, width),
            formulas.elementwise(channels),
            Bottleneck.cost(channels, height, width, 1, hidden=hidden, bias=bias),
            formulas.elementwise(channels),
            _scale_cost(channels, height, width),
        )


def weighted_sum(x: Tensor, weights: Tensor) -> Tensor:
    """``z_c = sum_hw w_chw U_chw``: ``(N, C, H, W)`` and ``(C, H, W)`` to ``(N, C)``.

    The depthwise convolution with a kernel as large as the map, as one product of matrices a channel, which is five to
    ten times as fast on a CPU.
    """
    rows = x.flatten(2).transpose(0, 1)
    return torch.bmm(rows, weights.flatten(1).unsqueeze(2)).squeeze(2).t()


def weighted_sum_cost(channels: int, height: int, width: int) -> Cost:
    """One MAC for each element of the map; the weights are read too, and are not counted as parameters here."""
    elements = channels * height * width
    return formulas.operator(macs=elements, read=2 * elements, written=channels)


def _gather_cost(channels: int, height: int, width: int) -> Cost:
    return formulas.total(
        formulas.operator(params=channels * GRID**2),
        formulas.copy(channels * height * width),  # the grid, laid over the map
        weighted_sum_cost(channels, height, width),
        formulas.batch_norm(channels, 1),
    )


def _scale_cost(channels: int, height: int, width: int) -> Cost:
    elements = channels * height * width
    return formulas.elementwise(elements, read=elements + channels)
