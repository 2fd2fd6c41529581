"""SGE against NumPy, and what a group is to it."""

import numpy as np
import pytest
import torch

from se_bench.config.axes import Axes
from se_bench.errors import OptionError
from se_bench.nets.blocks.sge import SGE
from tests.nets.blocks.making import arrays, block, channels_that_matter, maps


def enhanced(u, state, groups):
    """Li et al., arXiv 1905.09646, Section 3, one group of one image at a time."""
    out = np.empty_like(u)
    length = u.shape[1] // groups
    for image, maps_ in enumerate(u):
        for group in range(groups):
            own = slice(group * length, (group + 1) * length)
            vectors = maps_[own].reshape(length, -1)
            likeness = vectors.mean(axis=1) @ vectors
            normal = (likeness - likeness.mean()) / (likeness.std() + 1e-5)
            a = state["weight"][group] * normal + state["bias"][group]
            out[image, own] = (vectors / (1 + np.exp(-a))).reshape(maps_[own].shape)
    return out


@pytest.mark.parametrize(("channels", "groups"), [(1, 1), (12, 1), (12, 3), (12, 12), (64, 8)])
@pytest.mark.parametrize("size", [(1, 1), (4, 7), (8, 8)])
def test_it_is_its_equation(channels, groups, size):
    module = block("sge", channels, groups=groups)
    x = maps(3, channels, *size)
    expected = enhanced(x.numpy(), arrays(module), groups)
    np.testing.assert_allclose(module(x).detach(), expected, rtol=0, atol=1e-9)


def test_groups_do_not_see_each_other():
    assert channels_that_matter(block("sge", 12, groups=3), maps(1, 12, 5, 5), 5) == {4, 5, 6, 7}


def test_channels_of_a_group_are_scaled_alike_and_positions_are_not():
    x = maps(2, 12, 6, 6)
    scales = (block("sge", 12, groups=3)(x) / x).unflatten(1, (3, 4))
    torch.testing.assert_close(scales, scales[:, :, :1].expand_as(scales))
    assert scales[:, :, 0].flatten(2).std(dim=2).min() > 0.001


def test_the_gate_does_not_depend_on_the_scale_of_a_group():
    module = block("sge", 8, groups=2)
    x = 10 * maps(2, 8, 6, 6)  # far above ε
    torch.testing.assert_close(module(3 * x), 3 * module(x), rtol=1e-4, atol=1e-6)


def test_it_starts_as_a_constant_gate():
    module = SGE(8, groups=2)
    x = maps(2, 8, 6, 6).float()
    torch.testing.assert_close(module(x), x * torch.sigmoid(torch.tensor(1.0)))


def test_its_parameters_are_two_a_group():
    assert sum(value.numel() for value in SGE(64, groups=16).parameters()) == 32


def test_groups_must_divide_the_channels():
    with pytest.raises(OptionError) as refused:
        SGE.resolve(12, Axes(groups=8))
    assert refused.value.key == "groups"
    assert refused.value.allowed == ("1", "2", "3", "4", "6", "12")
