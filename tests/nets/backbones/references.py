"""What other libraries' nets cost, and the spellings of every slot."""

import csv
from pathlib import Path

import torch
from torch.utils.flop_counter import FlopCounterMode

from se_bench.config.axes import Axes
from se_bench.cost.count import count
from tests.nets.modules import architecture

CSV = Path(__file__).parents[2] / "assets" / "reference_costs.csv"

NONE = Axes(block="none")
RELEASED = Axes(reduction=16, bias=True, hidden_width="floor")
"""SE as in Cadene's, timm's legacy and pytorchcv's nets."""

SLOTS = {
    "standard": {},
    "pre": {"integration": "pre"},
    "pre_unit": {"integration": "pre", "pre_scope": "unit"},
    "post": {"integration": "post"},
    "identity": {"integration": "identity"},
    "identity_before": {"integration": "identity", "identity_side": "before"},
    "inner_3x3": {"integration": "inner_3x3"},
    "inner_3x3_norm": {"integration": "inner_3x3", "inner_position": "norm"},
    "inner_3x3_conv": {"integration": "inner_3x3", "inner_position": "conv"},
}
"""How the axes spell each slot of ``places.SLOTS``."""

BASIC_SLOTS = [slot for slot in SLOTS if not slot.startswith("inner")]


def imagenet(backbone, axes=NONE, **options):
    """An architecture for 1000 classes of 224x224 images."""
    return architecture(backbone, axes, input_shape=(3, 224, 224), classes=1000, **options)


def cifar(backbone, axes=NONE, **options):
    """An architecture for 10 classes of 32x32 images."""
    return architecture(backbone, axes, input_shape=(3, 32, 32), classes=10, **options)


def ours(built):
    """Parameters and MACs of an architecture."""
    cost = count(built)
    return cost.params, cost.macs


def theirs(make, side, **options):
    """Parameters and MACs of the net that ``make(**options)`` returns, by torch's own counter, on the meta device."""
    with torch.device("meta"), FlopCounterMode(display=False) as counter, torch.no_grad():
        net = make(**options).eval()
        net(torch.zeros(1, 3, side, side))
    return sum(value.numel() for value in net.parameters()), counter.get_total_flops() / 2


def row(backbone, variant):
    """Parameters and MACs of a net of reference_costs.csv."""
    with CSV.open() as file:
        found = {
            line["metric"]: int(line["value"])
            for line in csv.DictReader(file)
            if (line["backbone"], line["variant"]) == (backbone, variant) and line["dataset"] != "299x299 input"
        }
    return found["params"], found["conv_linear_macs"]
