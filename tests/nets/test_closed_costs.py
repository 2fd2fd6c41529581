"""The closed form of every part and block equals what the counter finds by running it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from se_bench import registry
from se_bench.config.axes import Axes
from se_bench.cost.count import count_module

PARTS = [(kind, name) for kind in ("squeeze", "excite", "gate") for name in registry.names(kind)]

axes = st.builds(
    Axes,
    reduction=st.integers(1, 80),
    bias=st.booleans(),
    squeeze=st.sampled_from(registry.names("squeeze")),
    excite=st.sampled_from(registry.names("excite")),
    gate=st.sampled_from(registry.names("gate")),
)
shapes = st.tuples(st.integers(1, 70), st.integers(1, 9), st.integers(1, 9))


@pytest.mark.parametrize(("kind", "name"), PARTS)
@settings(max_examples=15, deadline=None)
@given(shape=shapes, axes=axes)
def test_a_part_costs_what_it_says(*, kind, name, shape, axes):
    part = registry.load(kind, name)
    options = part.resolve(shape[0], axes)
    input_shape = shape if kind == "squeeze" else shape[:1]
    assert part.cost(*shape, **options) == count_module(part(shape[0], **options), input_shape)


@pytest.mark.parametrize("name", registry.names("block"))
@settings(max_examples=40, deadline=None)
@given(shape=shapes, axes=axes)
def test_a_block_costs_what_it_says(*, name, shape, axes):
    block = registry.load("block", name)
    options = block.resolve(shape[0], axes)
    assert block.cost(*shape, **options) == count_module(block(shape[0], **options), shape)


def test_the_paper_s_parameters_of_a_block():
    """Hu et al., Section 4: 2 C^2 / r weights, here for C = 256, r = 16 on a 56 x 56 map."""
    block = registry.load("block", "se")
    cost = block.cost(256, 56, 56, **block.resolve(256, Axes(reduction=16)))
    assert (cost.params, cost.macs) == (2 * 256**2 // 16, 2 * 256**2 // 16)
    elements = 256 * 56 * 56
    assert cost.elementwise == elements + 16 + 256 + elements  # squeeze, ReLU, sigmoid, scale
    assert cost.activations == 256 + 16 + 16 + 256 + 256 + elements
