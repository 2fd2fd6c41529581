"""The gates of a built net: read what its blocks scale by, or have them scale by something else.

A block is exchanged for the time of a context and knows nothing of it; weights are never touched.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from torch import Tensor, nn

from se_bench import registry
from se_bench.errors import OptionError
from se_bench.nets.architecture import Architecture
from se_bench.nets.backbones.places import Backbone
from se_bench.nets.blocks.base import Block, ScalingBlock


@dataclass(frozen=True)
class GatedUnit:
    """A unit of a net with the block at its place."""

    unit: str
    """The unit's module name, such as ``stage1.0``."""
    stage: int
    """Counted from 1."""
    block: ScalingBlock


def gated_units(net: nn.Module, architecture: Architecture) -> tuple[GatedUnit, ...]:
    """The blocks at the architecture's sites in ``net``, from input to output; none for a net without blocks.

    A block that belongs to the backbone itself (MobileNetV3's own) is not among them.

    Raises:
        OptionError: a block that is no :class:`~se_bench.nets.blocks.base.ScalingBlock`.
    """
    family: Backbone = registry.load("backbone", architecture.backbone)
    places = family.places({**family.defaults, **architecture.options})
    return tuple(
        GatedUnit(
            place.unit,
            place.stage,
            _scaling(architecture.sites[place.unit]["block"], _block_of(net.get_submodule(place.unit))),
        )
        for place in places
        if place.unit in architecture.sites
    )


@contextmanager
def reading(units: Sequence[GatedUnit]) -> Iterator[dict[str, Tensor]]:
    """Within it, each forward pass leaves the scales of its batch here: unit -> as ``ScalingBlock.scales``."""
    found: dict[str, Tensor] = {}

    def read(unit: GatedUnit) -> Callable[[Tensor], Tensor]:
        def forward(x: Tensor) -> Tensor:
            found[unit.unit] = unit.block.scales(x)
            return unit.block.scale(x, found[unit.unit])

        return forward

    with _exchanged({unit.block: read(unit) for unit in units}):
        yield found


@contextmanager
def replaced(units: Sequence[GatedUnit], scales: Mapping[str, Tensor]) -> Iterator[None]:
    """Within it, the blocks of the units named in ``scales`` scale by these instead of by their own.

    A tensor is as ``ScalingBlock.scales`` returns it for the batch, or one for all images, ``(1, ...)``.
    """

    def by(unit: GatedUnit) -> Callable[[Tensor], Tensor]:
        return lambda x: unit.block.scale(x, scales[unit.unit])

    with _exchanged({unit.block: by(unit) for unit in units if unit.unit in scales}):
        yield


@contextmanager
def _exchanged(forwards: Mapping[ScalingBlock, Callable[[Tensor], Tensor]]) -> Iterator[None]:
    before = {block: vars(block).get("forward") for block in forwards}
    for block, forward in forwards.items():
        vars(block)["forward"] = forward  # an attribute of the object, in front of its class's method
    try:
        yield
    finally:
        for block, own in before.items():
            del vars(block)["forward"]
            if own is not None:
                vars(block)["forward"] = own


def _block_of(unit: nn.Module) -> Block:
    """The outermost block in a unit that is not the backbone's own; a place holds exactly one."""
    blocks = [module for module in unit.modules() if isinstance(module, Block) and not module.part_of_backbone]
    return blocks[0]


def _scaling(name: str, block: Block) -> ScalingBlock:
    if isinstance(block, ScalingBlock):
        return block
    raise OptionError(
        f"the block {name!r} has no gate to look at: it is not of the form out = x · scales(x)",
        key="block",
        allowed=tuple(each for each in registry.names("block") if _has_gate(each)),
    )


def _has_gate(name: str) -> bool:
    return issubclass(registry.load("block", name), ScalingBlock)
