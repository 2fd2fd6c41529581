"""SimAM against its energy function in NumPy."""

import numpy as np
import pytest
import torch

from tests.nets.blocks.making import block, channels_that_matter, maps


def by_energy(u):
    """Equations 5 and 6: the least energy of each neuron, its inverse as the gate; variance as the authors' code."""
    out = np.empty_like(u)
    for image, maps_ in enumerate(u):
        for channel, plane in enumerate(maps_):
            mean, variance = plane.mean(), plane.var(ddof=1)
            energy = 4 * (variance + 1e-4) / ((plane - mean) ** 2 + 2 * variance + 2e-4)
            out[image, channel] = plane / (1 + np.exp(-1 / energy))
    return out


@pytest.mark.parametrize("size", [(1, 2), (4, 7), (8, 8)])
@pytest.mark.parametrize("scale", [1e-3, 1, 1e3])
def test_it_is_the_inverse_of_the_least_energy(size, scale):
    x = scale * maps(3, 5, *size)
    np.testing.assert_allclose(block("simam", 5)(x), by_energy(x.numpy()), rtol=1e-9, atol=0)


def test_a_single_position_is_scaled_as_one_that_does_not_stand_out():
    x = maps(3, 5, 1, 1)
    torch.testing.assert_close(block("simam", 5)(x), x * torch.sigmoid(torch.tensor(0.5, dtype=torch.float64)))


def test_the_further_from_the_mean_the_larger_the_gate():
    x = maps(1, 1, 6, 6)
    gates = (block("simam", 1)(x) / x).flatten()
    order = (x - x.mean()).abs().flatten().argsort()
    assert (gates[order].diff() >= 0).all()
    assert gates.min() >= torch.sigmoid(torch.tensor(0.5))


def test_it_has_no_parameters_and_joins_no_channels():
    module = block("simam", 8)
    assert module.state_dict() == {}
    assert channels_that_matter(module, maps(1, 8, 5, 5), 3) == {3}
