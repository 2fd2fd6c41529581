"""GCT against NumPy, and how channels compete."""

import numpy as np
import pytest
import torch

from se_bench.nets.blocks.gct import GCT
from tests.nets.blocks.making import arrays, block, channels_that_matter, maps


def transformed(u, state):
    """Yang et al., arXiv 1909.11519, Section 3, one image at a time."""
    out = np.empty_like(u)
    for image, maps_ in enumerate(u):
        embedding = state["alpha"] * np.sqrt([(plane**2).sum() + 1e-5 for plane in maps_])
        normal = embedding / np.sqrt((embedding**2).mean() + 1e-5)
        gate = 1 + np.tanh(state["gamma"] * normal + state["beta"])
        out[image] = maps_ * gate[:, None, None]
    return out


@pytest.mark.parametrize("channels", [1, 5, 32])
@pytest.mark.parametrize("size", [(1, 1), (4, 7)])
def test_it_is_its_equation(channels, size):
    module = block("gct", channels)
    x = maps(3, channels, *size)
    np.testing.assert_allclose(module(x).detach(), transformed(x.numpy(), arrays(module)), rtol=0, atol=1e-9)


def test_it_starts_as_the_identity_and_alpha_waits_for_gamma():
    module = GCT(8)
    for name, value in module.named_parameters():
        module.fill(name, value.data.fill_(5.0), torch.Generator())
    x = maps(4, 8, 5, 5).float()
    out = module(x)
    assert torch.equal(out, x)
    out.square().sum().backward()
    assert module.gamma.grad.all()
    assert module.beta.grad.all()
    assert not module.alpha.grad.any()


@pytest.mark.parametrize(("gamma", "sign"), [(0.5, -1), (-0.5, 1)])
def test_a_louder_channel_takes_from_the_others_or_gives_to_them(gamma, sign):
    """Section 3.3: with a positive γ channels compete, with a negative one they cooperate."""
    module = block("gct", 4)
    module.gamma.data.fill_(gamma)
    module.alpha.data.fill_(1.0)
    x = maps(1, 4, 5, 5)
    louder = x.clone()
    louder[:, 2] *= 3
    change = (module(louder) / louder - module(x) / x)[0, :, 0, 0]
    assert (sign * change[[0, 1, 3]] > 0).all()
    assert sign * change[2] < 0


def test_it_sees_norms_alone_and_all_channels():
    module = block("gct", 8)
    x = maps(1, 8, 5, 5)
    torch.testing.assert_close(module(-x), -module(x))
    assert channels_that_matter(module, x, 3) == set(range(8))


def test_scales_are_between_zero_and_two():
    module = block("gct", 8)
    module.gamma.data.mul_(20)
    x = maps(4, 8, 5, 5)
    scales = module(x) / x
    assert 0 <= scales.min() < 0.5
    assert 1.5 < scales.max() <= 2


def test_its_parameters_are_three_a_channel():
    assert sum(value.numel() for value in GCT(32).parameters()) == 3 * 32
