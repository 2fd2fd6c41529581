"""The role of excitation in a trained net: what its gates are, and what it loses when they are not its own.

Hu et al., "Squeeze-and-Excitation Networks", arXiv 1709.01507v4, Section 7.2: the mean activation of each channel
for each class, unit by unit. Its question whether the dependence on the image matters is put to the net: with gates
*frozen* to their mean over the training images, *shuffled* (each image has all gates of another one), and set to
*one* (as if the block were not there).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn

from se_bench.data.batches import EvalBatches
from se_bench.data.datasets import Images, ImageSplit
from se_bench.device import Device
from se_bench.nets.architecture import Architecture
from se_bench.nets.gates import GatedUnit, gated_units, reading, replaced
from se_bench.records import GateReading, Intervention, UnitGates
from se_bench.training import seeds
from se_bench.training.loop import EVAL_BATCH_SIZE, evaluate

KINDS = ("frozen", "shuffled", "one")
NEAR = 0.05
"""The share of a gate's range next to an end that counts as saturated."""


@torch.inference_mode()
def read_gates(
    trial_id: str, net: nn.Module, architecture: Architecture, images: Images, seed: int, precision: str, device: Device
) -> GateReading:
    """Read the gates of a trained net on ``device``, over the whole test split; a net without blocks has none.

    ``seed`` draws which image's gates another one gets. Call
    :func:`~se_bench.training.numerics.make_deterministic` once before.

    Raises:
        OptionError: a block without one gate; see :func:`~se_bench.nets.gates.gated_units`.
    """
    units = gated_units(net, architecture)
    in_order = _batches(images, images.test, device)
    _, accuracy = evaluate(net, in_order, precision, device)
    means = _mean_scales(net, units, _batches(images, images.train, device), precision, device)
    gathered = {unit.unit: _Gathered(unit, images.num_classes) for unit in units}
    correct = {scope: torch.zeros((), dtype=torch.int64, device=device.type) for scope in _scopes(units)}
    # Neighbours in the data may be of one class or of one original: whose gates an image gets is drawn.
    order = torch.randperm(len(images.test), generator=seeds.generator(seed, "gates"))
    shuffled = ImageSplit(images.test.images[order], images.test.labels[order])
    for x, y in _batches(images, shuffled, device):
        with reading(units) as own, device.autocast(precision):
            net(x)
        for unit in units:
            gathered[unit.unit].add(own[unit.unit], y)
        for kind, stage in correct:
            exchanged = [unit for unit in units if stage in (None, unit.stage)]
            other = {unit.unit: _exchange(kind, own[unit.unit], means[unit.unit]) for unit in exchanged}
            with replaced(exchanged, other), device.autocast(precision):
                logits = net(x)
            correct[kind, stage] += (logits.argmax(dim=1) == y).sum()
    counts = torch.bincount(images.test.labels.cpu(), minlength=images.num_classes).tolist()
    return GateReading(
        trial_id=trial_id,
        seed=seed,
        accuracy=accuracy,
        classes=tuple(name for name, count in zip(images.classes, counts, strict=True) if count),
        images=tuple(count for count in counts if count),
        units=tuple(gathered[unit.unit].result() for unit in units),
        interventions=tuple(
            Intervention(kind=kind, stage=stage, accuracy=right.item() / len(images.test))
            for (kind, stage), right in correct.items()
        ),
    )


def _scopes(units: Sequence[GatedUnit]) -> list[tuple[str, int | None]]:
    """Each intervention on all gates, then on those of each stage alone."""
    stages = list(dict.fromkeys(unit.stage for unit in units))
    return [(kind, stage) for stage in ([None, *stages] if stages else []) for kind in KINDS]


def _exchange(kind: str, own: Tensor, mean: Tensor) -> Tensor:
    if kind == "frozen":
        return mean
    return own.roll(1, dims=0) if kind == "shuffled" else torch.ones_like(own[:1])


def _mean_scales(
    net: nn.Module, units: Sequence[GatedUnit], batches: EvalBatches, precision: str, device: Device
) -> Mapping[str, Tensor]:
    """The mean scales over a split, ``(1, ...)`` for each unit."""
    sums: dict[str, Tensor] = {}
    count = 0
    types: dict[str, torch.dtype] = {}
    for x, y in batches:
        with reading(units) as own, device.autocast(precision):
            net(x)
        count += len(y)
        for unit, scales in own.items():
            total = scales.double().sum(dim=0, keepdim=True)
            sums[unit] = sums[unit] + total if unit in sums else total
            types[unit] = scales.dtype
    return {unit: (total / count).to(types[unit]) for unit, total in sums.items()}


def _batches(images: Images, split: ImageSplit, device: Device) -> EvalBatches:
    return EvalBatches(split.to(device.type), mean=images.mean, std=images.std, batch_size=EVAL_BATCH_SIZE)


class _Gathered:
    """Sums over the images of each class, on the device until they are asked for."""

    def __init__(self, unit: GatedUnit, classes: int) -> None:
        self._unit = unit
        self._classes = classes
        self._elements = 0
        self._sums: list[Tensor] = []

    def add(self, scales: Tensor, labels: Tensor) -> None:
        """Take the scales of a batch into account."""
        values = scales.double().mean(dim=(2, 3))
        of_class = nn.functional.one_hot(labels, self._classes).double()
        low, high = _saturated(scales, *self._unit.block.bounds)
        own = [of_class.sum(dim=0), of_class.t() @ values, of_class.t() @ values.square(), low, high]
        self._sums = [a + b for a, b in zip(self._sums, own, strict=True)] if self._sums else own
        self._elements += scales.numel()

    def result(self) -> UnitGates:
        """Means and deviations by class, and the shares at the ends."""
        occurs = self._sums[0] > 0
        count, total, squares = (each[occurs].cpu() for each in self._sums[:3])
        means = total / count[:, None]
        deviations = (squares / count[:, None] - means.square()).clamp(min=0).sqrt()
        ends = zip(self._unit.block.bounds, self._sums[3:], strict=True)
        low, high = (number.item() / self._elements if math.isfinite(end) else None for end, number in ends)
        return UnitGates(
            unit=self._unit.unit,
            stage=self._unit.stage,
            means=_rows(means),
            deviations=_rows(deviations),
            low=low,
            high=high,
        )


def _saturated(scales: Tensor, low: float, high: float) -> tuple[Tensor, Tensor]:
    """How many scales lie at either end; a gate that is open at one has only the other end itself."""
    reach = NEAR * (high - low) if math.isfinite(high - low) else 0.0
    return (scales <= low + reach).sum(), (scales >= high - reach).sum()


def _rows(values: Tensor) -> tuple[tuple[float, ...], ...]:
    return tuple(tuple(row) for row in values.tolist())
