"""Blocks in the slots of single units. The axes put a block into every unit, and not every unit has each slot."""

from torch import nn

from se_bench import registry
from se_bench.nets.architecture import Architecture
from tests.nets.backbones.references import NONE
from tests.nets.modules import architecture, scrambled


class Affine(nn.Module):
    """Stands for a block: a map that neither a convolution nor a shortcut behind it takes back."""

    def forward(self, x):
        return x * 1.7 + 0.3


def unit_with(backbone, unit, slot, **options) -> nn.Module:
    """One unit of a net with random values, an :class:`Affine` in its slot, or nothing where that is None."""
    family = registry.load("backbone", backbone)
    blocks = {unit: (slot, Affine())} if slot else {}
    net = family.build({**family.defaults, **options}, (3, 16, 16), 4, blocks)
    return scrambled(net).get_submodule(unit)


def slots(backbone) -> tuple[str, ...]:
    """Every slot that some unit of the backbone offers."""
    family = registry.load("backbone", backbone)
    return tuple(dict.fromkeys(slot for place in family.places(family.defaults) for slot in place.channels))


def with_block_in(backbone, slot, axes, **given) -> Architecture:
    """The backbone with the block in this slot of every unit that offers it."""
    bare = architecture(backbone, NONE, **given)
    family, block = registry.load("backbone", backbone), registry.load("block", axes.block)
    sites = {
        place.unit: {
            "integration": slot,
            "block": axes.block,
            "channels": place.channels[slot],
            **block.resolve(place.channels[slot], axes),
        }
        for place in family.places({**family.defaults, **bare.options})
        if slot in place.channels
    }
    return Architecture.from_data({**bare.as_data(), "sites": sites})
