"""What sets the gates apart: their range, and whether channels compete."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from se_bench import registry
from tests.nets.blocks import by_hand
from tests.nets.blocks.making import maps, part

RANGES = {
    "sigmoid": (0, 1),
    "softmax": (0, 1),
    "softmax_scaled": (0, 8),
    "tanh": (-1, 1),
    "relu": (0, np.inf),
    "hard_sigmoid": (0, 1),
    "identity": (-np.inf, np.inf),
}
EXCLUSIVE = {"softmax", "softmax_scaled"}


@pytest.mark.parametrize("name", registry.names("gate"))
@settings(max_examples=30, deadline=None)
@given(
    shape=st.sampled_from([(3, 8), (2, 4, 5, 8), (1, 8)]), scale=st.sampled_from([0.1, 1, 30]), seed=st.integers(0, 99)
)
def test_a_gate_is_its_equation_and_keeps_to_its_range(*, name, shape, scale, seed):
    logits = scale * maps(*shape, seed=seed)
    scales = part("gate", name, 8)(logits)
    np.testing.assert_allclose(scales, by_hand.GATES[name](logits.numpy()), rtol=0, atol=1e-12)
    low, high = RANGES[name]
    assert low <= scales.min() <= scales.max() <= high


@settings(max_examples=30, deadline=None)
@given(channels=st.integers(1, 60), seed=st.integers(0, 99))
def test_a_softmax_sums_to_one_and_a_scaled_one_averages_one(*, channels, seed):
    logits = 3 * maps(4, channels, seed=seed)
    ones = torch.ones(4, dtype=torch.float64)
    torch.testing.assert_close(part("gate", "softmax", channels)(logits).sum(dim=1), ones)
    torch.testing.assert_close(part("gate", "softmax_scaled", channels)(logits).mean(dim=1), ones)


@pytest.mark.parametrize("name", registry.names("gate"))
def test_only_a_softmax_lets_one_channel_take_from_the_others(name):
    gate = part("gate", name, 8)
    logits = maps(1, 8).abs() / 3  # where every gate rises
    raised = logits.clone()
    raised[0, 3] += 0.5
    others = [channel for channel in range(8) if channel != 3]
    assert gate(raised)[0, 3] > gate(logits)[0, 3]
    if name in EXCLUSIVE:
        assert (gate(raised)[0, others] < gate(logits)[0, others]).all()
    else:
        assert torch.equal(gate(raised)[0, others], gate(logits)[0, others])


@pytest.mark.parametrize(
    ("name", "at_zero"),
    [
        ("sigmoid", 0.5),
        ("hard_sigmoid", 0.5),
        ("tanh", 0),
        ("relu", 0),
        ("identity", 0),
        ("softmax", 0.125),
        ("softmax_scaled", 1),
    ],
)
def test_what_a_gate_does_with_a_dead_excitation(name, at_zero):
    assert torch.equal(part("gate", name, 8)(torch.zeros(1, 8)), torch.full((1, 8), float(at_zero)))


def test_the_hard_sigmoid_is_flat_beyond_three():
    logits = torch.tensor([[-9.0, -3.0, 0.0, 1.5, 3.0, 9.0]])
    assert part("gate", "hard_sigmoid", 6)(logits).tolist() == [[0, 0, 0.5, 0.75, 1, 1]]
