"""Backbone plus closed forms equals a trace of the whole net, for every registered backbone at its natural input."""

from dataclasses import replace

import pytest

from se_bench import registry
from se_bench.config.axes import Axes
from se_bench.config.setting import BackboneChoice
from se_bench.cost.count import count, count_whole
from se_bench.nets.build import resolve

BACKBONES = tuple(registry.BUILT_IN["backbone"])
SPELLINGS_OF_SE = ("se", "ese", "ge_theta_minus")
"""Blocks that an SE block of the right parts builds, and that are known by its name."""
PEERS = tuple(name for name in registry.BUILT_IN["block"] if name not in SPELLINGS_OF_SE)
MOST_SITES = 4
"""Blocks in one trace: those of one stage cost the same, and a trace takes time for each."""


def candidate(backbone, block):
    """The backbone for images of CIFAR or ImageNet, the block in every unit."""
    small = backbone.startswith(("cifar", "wrn"))
    side = max(32 if small else 224, getattr(registry.load("backbone", backbone), "least_input", 0))
    axes = Axes(block=block, reduction=16)
    return resolve(BackboneChoice(name=backbone), axes, (3, side, side), 10 if small else 1000)


def peer_of(backbone):
    return PEERS[BACKBONES.index(backbone) % len(PEERS)]


def spread(units):
    """At most so many units, from the first to the last."""
    steps = min(MOST_SITES, len(units)) - 1
    return [units[round(step * (len(units) - 1) / steps)] for step in range(steps + 1)]


@pytest.mark.parametrize("backbone", BACKBONES)
def test_a_backbone_with_se_in_some_units_and_a_peer_in_others(backbone):
    se, peer = (candidate(backbone, block) for block in ("se", peer_of(backbone)))
    units = spread(list(se.sites))
    sites = {unit: (peer if index % 2 else se).sites[unit] for index, unit in enumerate(units)}
    assert {site["block"] for site in sites.values()} == {"se", peer_of(backbone)}
    mixed = replace(se, sites=sites)
    assert count(mixed) == count_whole(mixed)


def test_every_block_is_a_peer_somewhere():
    assert {*SPELLINGS_OF_SE, *map(peer_of, BACKBONES)} == set(registry.BUILT_IN["block"])
