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
from se_bench.nets.blocks import formulas
from se_bench.nets.blocks.base import Excite, Gate, ScalingBlock, Squeeze
from se_bench.records import Cost

_PARTS: tuple[registry.Kind, ...] = ("squeeze", "excite", "gate")


class SqueezeExcite(ScalingBlock):
    """Squeeze, excite, gate, scale: ``(N, C, H, W) -> (N, C, H, W)``.

    ``squeeze``, ``excite`` and ``gate`` are each ``{"op": registered name, **options of that part}``. A squeeze of
    two descriptors shares the excitation; their logits are added. Without a squeeze the gate is ``(N, C, H, W)``.
    """

    def __init__(self, channels: int, *, squeeze: dict[str, Any], excite: dict[str, Any], gate: dict[str, Any]) -> None:
        super().__init__(channels)
        self.squeeze: Squeeze = _part("squeeze", squeeze)(channels, **_options(squeeze))
        self.excite: Excite = _part("excite", excite)(channels, **_options(excite))
        self.gate: Gate = _part("gate", gate)(channels, **_options(gate))

    @classmethod
    def resolve(cls, channels: int, axes: Axes) -> dict[str, Any]:
        """The three parts with the options that each of them builds."""
        chosen: dict[str, Any] = {}
        for kind in _PARTS:
            name = getattr(axes, kind)
            chosen[kind] = {"op": name, **registry.load(kind, name).resolve(channels, axes)}
        return chosen

    @property
    def bounds(self) -> tuple[float, float]:
        """Those of its gate."""
        return self.gate.bounds

    def scales(self, x: Tensor) -> Tensor:
        """The gate of a map: ``(N, C, H, W) -> (N, C, 1, 1)``, or ``(N, C, H, W)`` without a squeeze."""
        logits = self.excite(self.squeeze(self.excite.on_map(x)))
        if logits.ndim == 3:  # two descriptors
            logits = logits.sum(dim=1)
        scales: Tensor = self.gate(logits)
        return scales.permute(0, 3, 1, 2) if scales.ndim == 4 else scales[:, :, None, None]

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
        squeezes = _part("squeeze", squeeze)
        positions = squeezes.positions(height, width)
        gates = 1 if positions == 2 and squeeze["op"] != "none" else positions
        elements = channels * height * width
        return formulas.total(
            squeezes.cost(channels, height, width, **_options(squeeze)),
            _part("excite", excite).cost(channels, height, width, positions, **_options(excite)),
            formulas.NOTHING if gates == positions else formulas.reduction(positions * channels, channels),
            _part("gate", gate).cost(channels, gates, **_options(gate)),
            formulas.elementwise(elements, read=elements + gates * channels),
        )


def _part(kind: registry.Kind, spec: dict[str, Any]) -> Any:
    return registry.load(kind, spec["op"])


def _options(spec: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in spec.items() if name != "op"}
