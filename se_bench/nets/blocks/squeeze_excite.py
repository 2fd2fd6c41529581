"""The Squeeze-and-Excitation block: ``out = U * gate(excite(squeeze(U)))``.

Hu, Shen, Albanie, Sun, Wu, "Squeeze-and-Excitation Networks", https://arxiv.org/abs/1709.01507 (v4),
equations 2-4: ``z = squeeze(U)``, ``s = sigmoid(W2 · relu(W1 · z))``, ``out_c = s_c · U_c``.
Departures: none with the default axes; every part can be exchanged for another of its registry.
"""

from __future__ import annotations

from typing import Any

from torch import Tensor

from se_bench import registry
from se_bench.config.axes import Axes
from se_bench.nets.blocks.base import Block, Part, elementwise_cost, total
from se_bench.records import Cost

_PARTS: tuple[registry.Kind, ...] = ("squeeze", "excite", "gate")


class SqueezeExcite(Block):
    """Squeeze, excite, gate, scale: ``(N, C, H, W) -> (N, C, H, W)``.

    ``squeeze``, ``excite`` and ``gate`` are each ``{"op": registered name, **options of that part}``.
    """

    def __init__(self, channels: int, *, squeeze: dict[str, Any], excite: dict[str, Any], gate: dict[str, Any]) -> None:
        super().__init__()
        self.squeeze = _part("squeeze", squeeze)(channels, **_options(squeeze))
        self.excite = _part("excite", excite)(channels, **_options(excite))
        self.gate = _part("gate", gate)(channels, **_options(gate))

    @classmethod
    def resolve(cls, channels: int, axes: Axes) -> dict[str, Any]:
        """The three parts with the options that each of them builds."""
        chosen: dict[str, Any] = {}
        for kind in _PARTS:
            name = getattr(axes, kind)
            chosen[kind] = {"op": name, **registry.load(kind, name).resolve(channels, axes)}
        return chosen

    def forward(self, x: Tensor) -> Tensor:
        """Scale each channel of ``x (N, C, H, W)`` by its gate."""
        scales: Tensor = self.gate(self.excite(self.squeeze(x)))
        return x * scales[:, :, None, None]

    @staticmethod
    def cost(  # type: ignore[override]
        channels: int,
        height: int,
        width: int,
        *,
        squeeze: dict[str, Any],
        excite: dict[str, Any],
        gate: dict[str, Any],
    ) -> Cost:
        """The parts' costs, and one multiplication for each element of the map."""
        parts = [
            _part(kind, spec).cost(channels, height, width, **_options(spec))
            for kind, spec in zip(_PARTS, (squeeze, excite, gate), strict=True)
        ]
        elements = channels * height * width
        return total(*parts, elementwise_cost(elements, elements))


def _part(kind: registry.Kind, spec: dict[str, Any]) -> type[Part]:
    part: type[Part] = registry.load(kind, spec["op"])
    return part


def _options(spec: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in spec.items() if name != "op"}
