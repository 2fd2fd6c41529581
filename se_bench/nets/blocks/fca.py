"""FcaNet: the SE block on more than one frequency of the map; the mean is the lowest of them.

Qin, Zhang, Wu, Li, "FcaNet: Frequency Channel Attention Networks", https://arxiv.org/abs/2012.11879, Section 3.
The channels are split into 16 equal parts; part i is squeezed by the i-th basis function of the two-dimensional DCT
of 7 x 7 positions (the authors' choice top16, in the order of their code):

``z_c = sum_hw B_c(h, w) · pool7x7(U_c)``, ``B(h, w) = b_u(h) b_v(w)``,
``b_u(h) = cos(π u (h + 1/2) / 7) · sqrt((1 if u = 0 else 2) / 7)``, ``out = U · sigmoid(W2 · relu(W1 z))``

Departures: maps of every size are brought to 7 x 7 by adaptive average pooling (the authors' nets use a DCT as large
as the map, with the same 7 x 7 choice of frequencies, and pool other sizes only). Pooling and basis are one weighted
sum, because the gradient of adaptive pooling is not reproducible on GPUs; it counts as MACs. Where 16 does not divide
C, channel c has frequency ``floor(16 c / C)``. Biases are the axis ``bias`` (the authors' code has none).
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import torch
from torch import Tensor

from se_bench.config.axes import Axes
from se_bench.nets.blocks import formulas
from se_bench.nets.blocks.base import ScalingBlock
from se_bench.nets.blocks.excite import Bottleneck
from se_bench.nets.blocks.gather_excite import weighted_sum, weighted_sum_cost
from se_bench.records import Cost

SIZE = 7
# (u, v), best first
FREQUENCIES = (
    (0, 0), (0, 1), (6, 0), (0, 5), (0, 2), (1, 0), (1, 2), (4, 0),
    (5, 0), (1, 6), (3, 0), (0, 4), (0, 6), (0, 3), (3, 5), (2, 2),
)  # fmt: skip


class FcaNet(ScalingBlock):
    """``(N, C, H, W) -> (N, C, H, W)``; ``hidden`` and ``bias`` are those of the bottleneck."""

    def __init__(self, channels: int, *, hidden: int, bias: bool) -> None:
        super().__init__(channels)
        self.excite = Bottleneck(channels, hidden=hidden, bias=bias)

    @classmethod
    def resolve(cls, channels: int, axes: Axes) -> dict[str, Any]:
        """The hidden width that is built, and whether there are biases."""
        return Bottleneck.resolve(channels, axes)

    def squeeze(self, x: Tensor) -> Tensor:
        """``(N, C, H, W) -> (N, C)``: each channel's component of its frequency."""
        height, width = x.shape[2:]
        return weighted_sum(x, _filters(self.channels, int(height), int(width), x.device, x.dtype))

    def scales(self, x: Tensor) -> Tensor:
        """``(N, C, 1, 1)``."""
        scales: Tensor = self.excite(self.squeeze(x)).sigmoid()
        return scales[:, :, None, None]

    @staticmethod
    def cost(channels: int, height: int, width: int, *, hidden: int, bias: bool) -> Cost:  # type: ignore[override]
        """The weighted sum, the bottleneck, a sigmoid, and the scaling."""
        elements = channels * height * width
        return formulas.total(
            weighted_sum_cost(channels, height, width),
            Bottleneck.cost(channels, height, width, 1, hidden=hidden, bias=bias),
            formulas.elementwise(channels),
            formulas.elementwise(elements, read=elements + channels),
        )


@lru_cache(maxsize=128)
def _filters(channels: int, height: int, width: int, device: torch.device, dtype: torch.dtype) -> Tensor:
    """``(C, H, W)``: basis function and pooling in one, kept for all blocks of this shape."""
    rows = _basis() @ _pooling(height)  # (7, H): frequency by position
    columns = _basis() @ _pooling(width)
    u, v = np.array(FREQUENCIES).T[:, np.arange(channels) * len(FREQUENCIES) // channels]
    filters = rows[u][:, :, None] * columns[v][:, None, :]
    with torch.inference_mode(mode=False):  # made in an evaluation, it must serve training too
        return torch.from_numpy(filters).to(device, dtype)


def _basis() -> np.ndarray[Any, np.dtype[np.float64]]:
    """``(7, 7)``: the orthonormal DCT-II of 7 positions, frequency by position."""
    frequency, position = np.arange(SIZE)[:, None], np.arange(SIZE)
    cosines = np.cos(np.pi * frequency * (position + 0.5) / SIZE)
    basis: np.ndarray[Any, np.dtype[np.float64]] = cosines * np.sqrt(np.where(frequency == 0, 1, 2) / SIZE)
    return basis


def _pooling(size: int) -> np.ndarray[Any, np.dtype[np.float64]]:
    """``(7, s)``: adaptive average pooling; row i averages the positions from floor(i s / 7) to ceil((i + 1) s / 7)."""
    weights = np.zeros((SIZE, size))
    for row in range(SIZE):
        start, end = row * size // SIZE, -(-(row + 1) * size // SIZE)
        weights[row, start:end] = 1 / (end - start)
    return weights
