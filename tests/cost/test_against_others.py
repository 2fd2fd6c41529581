"""MACs equal torch's own counter; parameters and MACs equal the published nets of other libraries."""

import csv
import re
from pathlib import Path

import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from se_bench.cost.count import count, count_module
from se_bench.nets.build import build
from tests.cost.examples import architecture

REFERENCE = Path(__file__).parents[1] / "assets" / "reference_costs.csv"


def torch_macs(net, input_shape):
    counter = FlopCounterMode(display=False)
    with counter, torch.no_grad():
        net.eval()(torch.zeros(1, *input_shape))
    return counter.get_total_flops() / 2


@pytest.mark.parametrize("depth", [8, 20])
@pytest.mark.parametrize(
    "axes",
    [
        {"block": "none"},
        {"block": "none", "shortcut": "B"},
        {"reduction": 4},
        {"reduction": 4, "bias": True, "squeeze": "max", "integration": "post"},
        {"reduction": 1, "gate": "softmax", "stages": (1, 3), "shortcut": "B", "width": 5},
    ],
)
def test_macs_are_half_of_torch_s_flops(depth, axes):
    built = architecture(depth, 15, **axes)
    assert count(built).macs == torch_macs(build(built).to_empty(device="cpu"), built.input_shape)


@pytest.mark.parametrize(
    "layer",
    [
        nn.Conv2d(6, 9, 3, padding=1, groups=3),
        nn.Conv2d(6, 4, (1, 3), stride=2, dilation=2, bias=False),
        nn.Conv1d(6, 4, 3, padding=1),
        nn.Linear(7, 3),
        nn.Linear(7, 3, bias=False),
    ],
    ids=str,
)
def test_macs_of_a_layer_are_half_of_torch_s_flops(layer):
    shape = {nn.Conv2d: (6, 9, 8), nn.Conv1d: (6, 9), nn.Linear: (7,)}[type(layer)]
    cost = count_module(layer, shape)
    assert cost.macs == torch_macs(layer, shape) > 0
    assert cost.elementwise == 0
    assert cost.activations == layer(torch.zeros(1, *shape)).numel()


def cifar_rows():
    """(backbone, variant, parameters, MACs) of every net of the file that ours can build."""
    costs = {}
    with REFERENCE.open() as file:
        for row in csv.DictReader(file):
            key = row["backbone"], row["variant"]
            costs.setdefault(key, {})[row["metric"]] = int(row["value"])
    return [
        pytest.param(*key, values["params"], values["conv_linear_macs"], id="-".join(key))
        for key, values in costs.items()
        if key[0].startswith("CIFAR-R") or re.fullmatch(r"(se)?resnet(20|56)_cifar10", key[0])
    ]


def spelling(backbone, variant):
    """Depth and axes of a row. pytorchcv's nets project (B) and their SE has r = 16 and biases."""
    depth = int(re.search(r"(?:-R|net)(\d+)", backbone)[1])
    if variant == "reference model":
        se = {"reduction": 16, "bias": True} if backbone.startswith("se") else {"block": "none"}
        return depth, {"shortcut": "B", **se}
    option, rest = re.fullmatch(r"opt([AB]) (.*)", variant).groups()
    if rest == "none":
        return depth, {"shortcut": option, "block": "none"}
    reduction, bias = re.fullmatch(r"SE r(\d+) (bias|nobias)", rest).groups()
    return depth, {"shortcut": option, "reduction": int(reduction), "bias": bias == "bias"}


@pytest.mark.parametrize(("backbone", "variant", "params", "macs"), cifar_rows())
def test_cifar_nets_cost_what_other_implementations_do(backbone, variant, params, macs):
    depth, axes = spelling(backbone, variant)
    cost = count(architecture(depth, 32, **axes))
    assert (cost.params, cost.macs) == (params, macs)


def test_no_row_was_overlooked():
    assert len(cifar_rows()) == 13


@pytest.mark.parametrize(("depth", "params"), [(20, 269_722), (56, 853_018), (110, 1_727_962)])
def test_parameters_of_he_et_al_table_6(depth, params):
    """Printed .27M, .85M and 1.7M; option A (FACTS section 2)."""
    assert count(architecture(depth, 8, block="none")).params == params


@pytest.mark.parametrize(("reduction", "extra"), [(16, 2016), (8, 4032), (4, 8064)])
def test_extra_parameters_of_an_se_resnet_20(reduction, extra):
    """FACTS section 2, measured: option A, no bias."""
    with_block, without = count(architecture(20, 8, reduction=reduction)), count(architecture(20, 8, block="none"))
    assert with_block.params - without.params == extra
