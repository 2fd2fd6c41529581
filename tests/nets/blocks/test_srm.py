"""SRM against NumPy, in evaluation and in training, and what it sees."""

import numpy as np
import pytest
import torch

from se_bench.nets.blocks.srm import SRM
from tests.nets.blocks.making import arrays, block, channels_that_matter, maps


def recalibrated(u, state, *, training):
    """Lee et al., arXiv 1903.10829, Section 3."""
    mean = u.mean(axis=(2, 3))
    deviation = np.sqrt(((u - mean[:, :, None, None]) ** 2).mean(axis=(2, 3)) + 1e-5)
    z = state["style"][0] * mean + state["style"][1] * deviation
    if training:
        centre, variance = z.mean(axis=0), z.var(axis=0)
    else:
        centre, variance = state["norm.running_mean"], state["norm.running_var"]
    normal = (z - centre) / np.sqrt(variance + 1e-5) * state["norm.weight"] + state["norm.bias"]
    return u / (1 + np.exp(-normal))[:, :, None, None]


@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize(("channels", "size"), [(1, (1, 1)), (5, (4, 7)), (32, (8, 8))])
def test_it_is_its_equation(training, channels, size):
    module = block("srm", channels)
    x = maps(6, channels, *size)
    expected = recalibrated(x.numpy(), arrays(module), training=training)
    np.testing.assert_allclose(module.train(training)(x).detach(), expected, rtol=0, atol=1e-9)


def test_channels_are_recalibrated_by_themselves():
    assert channels_that_matter(block("srm", 8), maps(1, 8, 5, 5), 3) == {3}


def test_it_tells_maps_of_one_mean_apart_by_their_contrast_alone():
    module = block("srm", 4)
    x = maps(1, 4, 6, 6)
    flat = x.mean(dim=(2, 3), keepdim=True)
    scales = [(module(one) / one)[:, :, 0, 0] for one in (x, flat + 2 * (x - flat))]
    assert (scales[0] - scales[1]).abs().min() > 0.01
    module.style.data[1] = 0.0
    scales = [(module(one) / one)[:, :, 0, 0] for one in (x, flat + 2 * (x - flat))]
    torch.testing.assert_close(*scales)


def test_it_starts_with_every_gate_at_one_half_and_learns_its_weights_from_there():
    module = SRM(8).train()
    x = maps(4, 8, 5, 5).float()
    out = module(x)
    assert torch.equal(out, x * 0.5)
    out.square().sum().backward()
    assert module.style.grad.all()


def test_its_parameters_are_four_a_channel():
    """Section 3.3: two weights, and the scale and shift of BatchNorm."""
    assert sum(value.numel() for value in SRM(32).parameters()) == 4 * 32
