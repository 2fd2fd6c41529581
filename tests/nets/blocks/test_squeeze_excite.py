"""The SE block, every part with every other, against NumPy, against the counter, and under its other names."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from torch import nn
from torchvision.ops import SqueezeExcitation

from se_bench import registry
from se_bench.config.axes import Axes
from se_bench.cost.count import count_module
from se_bench.errors import OptionError
from se_bench.nets.blocks.excite import Diagonal, Full, GroupedFull
from se_bench.nets.blocks.plainest import plainest
from se_bench.nets.blocks.squeeze_excite import SqueezeExcite
from tests.nets.blocks import by_hand
from tests.nets.blocks.making import arrays, block, maps

CHANNELS = st.sampled_from([1, 2, 4, 8, 12, 16, 24, 32])
SIZES = st.tuples(st.integers(1, 6), st.integers(1, 6))
AXES = st.fixed_dictionaries(
    {
        "squeeze": st.sampled_from(registry.names("squeeze")),
        "excite": st.sampled_from(registry.names("excite")),
        "gate": st.sampled_from(registry.names("gate")),
        "reduction": st.sampled_from([1, 2, 3, 4, 16, 64]),
        "bias": st.booleans(),
        "groups": st.sampled_from([1, 2, 4, 8]),
        "kernel_size": st.sampled_from(["adaptive", 1, 3, 5]),
        "reading": st.sampled_from(["descriptor", "spatial"]),
        "shared": st.booleans(),
        "global_weight": st.booleans(),
        "hidden_width": st.sampled_from(["round", "floor", "timm", "mobilenet_v3"]),
        "min_width": st.sampled_from([1, 3]),
    }
)


@settings(max_examples=250, deadline=None)
@given(channels=CHANNELS, size=SIZES, axes=AXES, seed=st.integers(0, 2**32))
def test_every_combination_is_its_equations(*, channels, size, axes, seed):
    assume(channels % axes["groups"] == 0)
    module = block("se", channels, **axes)
    x = maps(2, channels, *size, seed=seed)
    expected = by_hand.squeeze_excite(
        x.numpy(),
        arrays(module),
        squeeze=axes["squeeze"],
        excitation=axes["excite"],
        gate=axes["gate"],
        groups=axes["groups"],
        reading=axes["reading"],
    )
    np.testing.assert_allclose(module(x).detach(), expected, rtol=0, atol=1e-6)


@settings(max_examples=80, deadline=None)
@given(channels=CHANNELS, size=SIZES, axes=AXES)
def test_every_combination_costs_what_the_counter_finds(*, channels, size, axes):
    assume(channels % axes["groups"] == 0)
    options = SqueezeExcite.resolve(channels, Axes(**axes))
    found = count_module(SqueezeExcite(channels, **options), (channels, *size))
    assert SqueezeExcite.cost(channels, *size, **options) == found


@pytest.mark.parametrize("squeeze", ["none", "avg_max"])
@pytest.mark.parametrize("size", [(1, 2), (2, 1), (1, 1)])
def test_a_map_of_two_positions_costs_two_gates_and_two_descriptors_cost_one(squeeze, size):
    options = SqueezeExcite.resolve(8, Axes(squeeze=squeeze))
    assert SqueezeExcite.cost(8, *size, **options) == count_module(SqueezeExcite(8, **options), (8, *size))


@pytest.mark.parametrize("name", registry.names("squeeze"))
@settings(max_examples=10, deadline=None)
@given(channels=st.integers(1, 40), size=SIZES)
def test_every_squeeze_costs_what_the_counter_finds(*, name, channels, size):
    squeeze = registry.load("squeeze", name)
    assert squeeze.cost(channels, *size) == count_module(squeeze(channels), (channels, *size))


@pytest.mark.parametrize("name", registry.names("excite"))
@settings(max_examples=10, deadline=None)
@given(channels=CHANNELS, positions=st.integers(1, 9), axes=AXES)
def test_every_excitation_costs_what_the_counter_finds(*, name, channels, positions, axes):
    assume(channels % axes["groups"] == 0)
    excite = registry.load("excite", name)
    options = excite.resolve(channels, Axes(**{**axes, "reading": "descriptor"}))
    found = count_module(excite(channels, **options), (positions, channels))
    # By itself it is no block to the counter; its closed form is of a part of one.
    assert excite.cost(channels, 5, 4, positions, **options) == replace(found, block_params=found.params)


@pytest.mark.parametrize("name", registry.names("gate"))
@given(channels=st.integers(1, 40), positions=st.integers(1, 9))
@settings(max_examples=10, deadline=None)
def test_every_gate_costs_what_the_counter_finds(*, name, channels, positions):
    gate = registry.load("gate", name)
    assert gate.cost(channels, positions) == count_module(gate(channels), (positions, channels))


@pytest.mark.parametrize(
    ("axes", "activation"),
    [({}, nn.Sigmoid), ({"gate": "hard_sigmoid", "hidden_width": "mobilenet_v3"}, nn.Hardsigmoid)],
)
def test_the_block_is_that_of_torchvision(axes, activation):
    """Plain, and as MobileNetV3 has it."""
    ours = block("se", 72, reduction=4, bias=True, **axes)
    theirs = SqueezeExcitation(72, ours.excite.down.out_features, scale_activation=activation).double()
    for own, other in ((ours.excite.down, theirs.fc1), (ours.excite.up, theirs.fc2)):
        other.weight.data.copy_(own.weight[:, :, None, None])
        other.bias.data.copy_(own.bias)
    x = maps(3, 72, 5, 6)
    torch.testing.assert_close(ours(x), theirs(x), rtol=0, atol=1e-12)


@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize("channels", [2, 12])
def test_the_full_and_the_diagonal_layer_are_grouped_ones_under_other_names(channels, bias):
    axes = {"bias": bias, "squeeze": "max"}

    def resolved(name, groups):
        axis_values = Axes(excite=name, groups=groups, **axes)
        return plainest("se", channels, SqueezeExcite.resolve(channels, axis_values))[1]

    assert resolved("grouped_full", 1) == resolved("full", 2)
    assert resolved("grouped_full", channels) == resolved("diagonal", 2)
    if channels == 12:
        assert resolved("grouped_full", 3)["excite"] == {"op": "grouped_full", "groups": 3, "bias": bias}


def test_what_the_plainer_names_build_is_what_the_grouped_layer_would_be():
    z = maps(4, 6)
    full, diagonal = Full(6, bias=True).double(), Diagonal(6, bias=True).double()
    for plain, groups in ((full, 1), (diagonal, 6)):
        grouped = GroupedFull(6, groups=groups, bias=True).double()
        grouped.layer.weight.data.copy_(plain.layer.weight.reshape(grouped.layer.weight.shape))
        grouped.layer.bias.data.copy_(plain.layer.bias)
        torch.testing.assert_close(plain(z), grouped(z), rtol=0, atol=1e-12)


IRRELEVANT = {
    "bottleneck": {"groups": 7, "kernel_size": 9, "shared": False, "global_weight": False, "reading": "spatial"},
    "full": {"reduction": 2, "hidden_width": "timm", "min_width": 9, "groups": 7, "kernel_size": 9},
    "diagonal": {"reduction": 2, "hidden_width": "timm", "groups": 7, "kernel_size": 9, "shared": False},
    "parameter_free": {"bias": True, "reduction": 2, "groups": 7, "kernel_size": 9, "reading": "spatial"},
    "grouped_full": {"reduction": 2, "hidden_width": "timm", "kernel_size": 9, "shared": False},
    "conv1d": {"reduction": 2, "groups": 7, "shared": False, "global_weight": False, "reading": "spatial"},
    "grouped_shared": {"reduction": 2, "hidden_width": "timm", "min_width": 9},
}


@pytest.mark.parametrize("name", registry.names("excite"))
def test_axes_that_an_excitation_does_not_read_do_not_matter(name):
    plain = SqueezeExcite.resolve(16, Axes(excite=name))
    assert SqueezeExcite.resolve(16, Axes(excite=name, **IRRELEVANT[name])) == plain


@pytest.mark.parametrize("name", ["grouped_full", "grouped_shared"])
def test_groups_that_do_not_divide_the_channels_are_refused_with_those_that_do(name):
    with pytest.raises(OptionError, match="5 groups do not divide 12 channels") as refused:
        SqueezeExcite.resolve(12, Axes(excite=name, groups=5))
    assert refused.value.key == "groups"
    assert refused.value.allowed == ("1", "2", "3", "4", "6", "12")
