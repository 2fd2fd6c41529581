"""What printed FLOPs count beside convolutions and linear layers: an operation an element of additions and scalings.

Added to MACs these give most figures that Hu et al. (arXiv 1709.01507v4, Tables 2 and 3) print, to the last digit:
3.86 and 3.87 G for ResNet-50 without and with SE, 15.47 and 15.48 for VGG-16, 569 and 572 M for MobileNet (inferred).
"""

from __future__ import annotations

from math import prod

from se_bench import registry
from se_bench.cost.count import slot_shapes
from se_bench.nets.architecture import Architecture
from se_bench.nets.backbones.places import Backbone


def additions(architecture: Architecture) -> int:
    """Elements that the net's residual additions write for one image; a concatenation is none."""
    family: Backbone = registry.load("backbone", architecture.backbone)
    places = family.places({**family.defaults, **architecture.options})
    residual = [place.unit for place in places if "identity" in place.channels]
    branch, unit = slot_shapes(architecture, "standard"), slot_shapes(architecture, "post")
    return sum(prod(unit[name]) for name in residual if unit[name] == branch[name])


def scalings(architecture: Architecture) -> int:
    """Elements that the net's blocks scale for one image, each block its map once."""
    return sum(prod(slot_shapes(architecture, site["integration"])[unit]) for unit, site in architecture.sites.items())
