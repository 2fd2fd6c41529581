"""What sets the squeezes apart: what they see of a map, and what they do with one that says nothing."""

import numpy as np
import pytest
import torch

from se_bench import registry
from tests.nets.blocks.making import block, maps, part

POOLED = [name for name in registry.names("squeeze") if name not in ("none", "avg_max", "avg_std")]


@pytest.mark.parametrize(("name", "one", "other"), [("avg_max", "avg", "max"), ("avg_std", "avg", "std")])
def test_two_descriptors_are_those_of_the_two_squeezes(name, one, other):
    x = maps(3, 5, 4, 6)
    both = part("squeeze", name, 5)(x)
    assert both.shape == (3, 2, 5)
    assert torch.equal(both[:, 0], part("squeeze", one, 5)(x))
    assert torch.equal(both[:, 1], part("squeeze", other, 5)(x))


def test_two_descriptors_share_one_excitation_and_add_their_logits():
    module = block("se", 8, squeeze="avg_max", reduction=2)
    x = maps(2, 8, 4, 4)
    logits = module.excite(x.mean(dim=(2, 3))) + module.excite(x.amax(dim=(2, 3)))
    torch.testing.assert_close(module.scales(x)[:, :, 0, 0], logits.sigmoid())
    assert sum(value.numel() for value in module.parameters()) == 2 * 8 * 4


def test_the_deviation_sees_contrast_and_nothing_else():
    squeeze = part("squeeze", "std", 3)
    x = maps(2, 3, 8, 8)
    torch.testing.assert_close(squeeze(x + 7), squeeze(x))
    torch.testing.assert_close(squeeze(3 * x), 3 * squeeze(x), rtol=1e-4, atol=0)  # up to ε
    assert not torch.allclose(part("squeeze", "avg", 3)(x + 7), part("squeeze", "avg", 3)(x))


@pytest.mark.parametrize("size", [(1, 1), (5, 5)])
def test_the_deviation_of_a_constant_map_is_almost_zero_and_has_a_finite_gradient(size):
    x = torch.full((2, 3, *size), 2.0, dtype=torch.float64, requires_grad=True)
    z = part("squeeze", "std", 3)(x)
    assert (z < 0.01).all()
    z.sum().backward()
    assert x.grad.isfinite().all()


@pytest.mark.parametrize("name", POOLED)
def test_pooled_squeezes_do_not_know_where_a_value_stands(name):
    x = maps(2, 4, 3, 5)
    order = torch.as_tensor(np.random.default_rng(0).permutation(15))
    moved = x.flatten(2)[:, :, order].reshape(x.shape)
    squeeze = part("squeeze", name, 4)
    torch.testing.assert_close(squeeze(moved), squeeze(x), rtol=0, atol=1e-12)


def test_without_a_squeeze_each_position_is_scaled_by_itself():
    """The paper's NoSqueeze: the block on a map is the block on its positions, one at a time."""
    module = block("se", 6, squeeze="none", reduction=2)
    x = maps(2, 6, 3, 4)
    assert module.scales(x).shape == x.shape
    alone = block("se", 6, squeeze="avg", reduction=2)
    alone.load_state_dict(module.state_dict())
    for row in range(3):
        for column in range(4):
            one = x[:, :, row : row + 1, column : column + 1]
            torch.testing.assert_close(module(x)[:, :, row : row + 1, column : column + 1], alone(one))


def test_without_a_squeeze_a_softmax_shares_among_the_channels_of_each_position():
    scales = block("se", 6, squeeze="none", gate="softmax").scales(maps(2, 6, 3, 4))
    torch.testing.assert_close(scales.sum(dim=1), torch.ones(2, 3, 4, dtype=torch.float64))


@pytest.mark.parametrize("size", [(1, 2), (2, 1)])
def test_a_map_of_two_positions_is_not_taken_for_two_descriptors(size):
    module = block("se", 4, squeeze="none", reduction=1)
    assert module.scales(maps(3, 4, *size)).shape == (3, 4, *size)
