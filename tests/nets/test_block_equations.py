"""The SE block against the same equations in NumPy, against torchvision, and what its parts are for."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torchvision.ops import SqueezeExcitation

from se_bench import registry
from se_bench.config.axes import Axes
from se_bench.nets.blocks.squeeze_excite import SqueezeExcite
from tests.nets import by_hand
from tests.nets.modules import arrays, maps, scrambled


def block(channels, **axes):
    return SqueezeExcite(channels, **SqueezeExcite.resolve(channels, Axes(**axes)))


def part(kind, name, channels):
    return registry.load(kind, name)(channels)


@settings(max_examples=100, deadline=None)
@given(
    channels=st.integers(1, 40),
    size=st.tuples(st.integers(1, 7), st.integers(1, 7)),
    reduction=st.sampled_from([1, 2, 3, 4, 16, 64]),
    squeeze=st.sampled_from(["avg", "max"]),
    gate=st.sampled_from(["sigmoid", "softmax"]),
    bias=st.booleans(),
    seed=st.integers(0, 2**32),
)
def test_the_block_is_its_equations(*, channels, size, reduction, squeeze, gate, bias, seed):
    module = scrambled(block(channels, reduction=reduction, squeeze=squeeze, gate=gate, bias=bias), seed)
    x = maps(3, channels, *size, seed=seed)
    expected = by_hand.squeeze_excite(x.numpy(), arrays(module), "", squeeze=squeeze, gate=gate)
    np.testing.assert_allclose(module(x).detach(), expected, rtol=0, atol=1e-6)


@pytest.mark.parametrize("channels", [16, 33, 64])
@pytest.mark.parametrize("reduction", [1, 4, 16])
def test_the_block_is_that_of_torchvision(channels, reduction):
    ours = scrambled(block(channels, reduction=reduction, bias=True))
    theirs = SqueezeExcitation(channels, ours.excite.down.out_features).double()
    for own, other in ((ours.excite.down, theirs.fc1), (ours.excite.up, theirs.fc2)):
        other.weight.data.copy_(own.weight[:, :, None, None])
        other.bias.data.copy_(own.bias)
    x = maps(4, channels, 5, 6)
    torch.testing.assert_close(ours(x), theirs(x), rtol=0, atol=1e-12)


@pytest.mark.parametrize("bias", [False, True])
def test_biases_are_there_when_asked_for(bias):
    names = {name for name, _ in block(32, bias=bias).named_parameters()}
    biases = {"excite.down.bias", "excite.up.bias"} if bias else set()
    assert names == {"excite.down.weight", "excite.up.weight"} | biases


def test_a_dead_bias_free_excitation_halves_the_map():
    """FACTS section 2: sigmoid(0) = 0.5 for every channel."""
    module = block(16).double()
    module.excite.down.weight.data.fill_(-1.0)
    x = maps(2, 16, 4, 4).abs()
    assert torch.equal(module(x), x * 0.5)


@given(st.integers(1, 60), st.integers(0, 2**32))
def test_scales_of_a_softmax_share_one_and_those_of_a_sigmoid_do_not(channels, seed):
    logits = maps(5, channels, seed=seed) * 3
    shares = part("gate", "softmax", channels)(logits)
    torch.testing.assert_close(shares.sum(dim=1), torch.ones(5, dtype=torch.float64), rtol=0, atol=1e-12)
    both = part("gate", "sigmoid", channels)(logits) + part("gate", "sigmoid", channels)(-logits)
    torch.testing.assert_close(both, torch.ones_like(both), rtol=0, atol=1e-12)


def test_only_the_softmax_lets_one_channel_take_from_the_others():
    logits = maps(1, 8)
    raised = logits.clone()
    raised[0, 3] += 1
    others = [channel for channel in range(8) if channel != 3]
    sigmoid, softmax = part("gate", "sigmoid", 8), part("gate", "softmax", 8)
    assert torch.equal(sigmoid(raised)[:, others], sigmoid(logits)[:, others])
    assert (softmax(raised)[:, others] < softmax(logits)[:, others]).all()
    for gate in (sigmoid, softmax):
        assert gate(raised)[0, 3] > gate(logits)[0, 3]


def test_average_sees_every_position_and_maximum_only_the_highest():
    x = maps(1, 1, 4, 4)
    lowest = x.clone()
    lowest.view(-1)[x.argmin()] -= 5
    average, maximum = part("squeeze", "avg", 1), part("squeeze", "max", 1)
    assert torch.equal(maximum(lowest), maximum(x))
    torch.testing.assert_close(average(lowest), average(x) - 5 / 16)
    constant = torch.full((1, 1, 4, 4), 3.0)
    assert average(constant).item() == maximum(constant).item() == 3.0


def test_images_of_a_batch_do_not_see_each_other():
    module = scrambled(block(8, reduction=2, gate="softmax"))
    x = maps(4, 8, 3, 3)
    torch.testing.assert_close(module(x), torch.cat([module(one[None]) for one in x]))
