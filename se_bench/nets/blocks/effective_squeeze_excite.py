"""Effective Squeeze-and-Excitation (eSE): one C x C layer instead of the bottleneck.

Lee & Park, "CenterMask", https://arxiv.org/abs/1911.06667: ``s = gate(W · mean_hw U)``,
``out = U · s``, with ``W (C, C)`` and a bias, so that no channel information is lost in a reduction.

Departures: the equation's sigmoid is the hard sigmoid of the authors' code (VoVNetV2), with its bias.
It is the SE block with the excitation ``full``, ``bias: true`` and the gate ``hard_sigmoid``.
"""

from __future__ import annotations

from typing import Any

from se_bench.config.axes import Axes
from se_bench.nets.blocks.squeeze_excite import SqueezeExcite
from se_bench.records import Cost

_PARTS: dict[str, dict[str, Any]] = {
    "squeeze": {"op": "avg"},
    "excite": {"op": "full", "bias": True},
    "gate": {"op": "hard_sigmoid"},
}


class EffectiveSqueezeExcite(SqueezeExcite):
    """``(N, C, H, W) -> (N, C, H, W)``; no options."""

    def __init__(self, channels: int) -> None:
        super().__init__(channels, **_PARTS)

    @classmethod
    def resolve(cls, channels: int, axes: Axes) -> dict[str, Any]:
        """Nothing: no axis is read."""
        return {}

    @staticmethod
    def cost(channels: int, height: int, width: int) -> Cost:  # type: ignore[override]
        """That of the SE block with the same parts."""
        return SqueezeExcite.cost(channels, height, width, **_PARTS)
