"""Stochastic pooling (Zeiler & Fergus): frequencies in training, and evaluation as their expectation."""

import numpy as np
import pytest
import torch
from scipy import stats

from se_bench.nets.blocks.squeeze import Stochastic
from tests.nets.blocks.making import maps

DRAWS = 20_000


def drawn(plane, count=DRAWS, seed=0):
    """So many values drawn from one plane (H, W) in training."""
    torch.manual_seed(seed)
    x = plane.expand(count, 1, *plane.shape)
    return Stochastic(1).train()(x)[:, 0]


def probabilities(plane):
    positive = np.maximum(plane.numpy().ravel(), 0)
    return positive / positive.sum()


@pytest.mark.parametrize("seed", range(4))
def test_positions_are_drawn_in_proportion_to_their_positive_activation(seed):
    plane = maps(4, 5, seed=seed)
    values = drawn(plane, seed=seed).numpy()
    counts = np.array([(values == value).sum() for value in plane.numpy().ravel()])
    assert counts.sum() == DRAWS
    expected = probabilities(plane)
    assert (counts[expected == 0] == 0).all()
    likely = expected > 0
    assert 1 < likely.sum() < 20
    assert stats.chisquare(counts[likely], DRAWS * expected[likely]).pvalue > 0.01


@pytest.mark.parametrize("seed", range(4))
def test_evaluation_is_the_expectation_of_training(seed):
    plane = maps(4, 5, seed=seed)
    expected, values = probabilities(plane), plane.numpy().ravel()
    deviation = np.sqrt((expected * values**2).sum() - (expected * values).sum() ** 2)
    evaluated = Stochastic(1).eval()(plane[None, None]).item()
    # Four standard errors of the mean: wrong once in 16,000, and the seed is fixed.
    assert abs(drawn(plane, seed=seed).mean().item() - evaluated) < 4 * deviation / np.sqrt(DRAWS)
    assert abs(plane.mean().item() - evaluated) > 10 * deviation / np.sqrt(DRAWS)


@pytest.mark.parametrize("plane", [-maps(3, 4).abs(), torch.zeros(3, 4, dtype=torch.float64)], ids=["negative", "zero"])
def test_where_nothing_is_positive_every_position_is_as_likely(plane):
    assert Stochastic(1).eval()(plane[None, None]).item() == pytest.approx(plane.mean().item(), abs=1e-12)
    if plane.any():
        counts = [(drawn(plane) == value).sum().item() for value in plane.flatten()]
        assert sum(counts) == DRAWS
        assert stats.chisquare(counts).pvalue > 0.01


def test_the_gradient_goes_to_the_position_that_was_drawn():
    torch.manual_seed(0)
    x = maps(6, 3, 4, 4).requires_grad_()
    z = Stochastic(3).train()(x)
    z.sum().backward()
    assert torch.equal(x.grad.flatten(2).sum(dim=2), torch.ones(6, 3, dtype=torch.float64))
    assert torch.equal((x.grad * x).flatten(2).sum(dim=2), z)
    assert set(x.grad.unique().tolist()) == {0.0, 1.0}


def test_channels_and_images_are_drawn_independently_and_a_seed_repeats_them():
    x = maps(1, 1, 6, 6).abs().expand(8, 8, 6, 6)
    torch.manual_seed(3)
    first = Stochastic(8).train()(x)
    assert len(first.unique()) > 20
    torch.manual_seed(3)
    assert torch.equal(Stochastic(8).train()(x), first)


def test_evaluation_draws_nothing():
    x = maps(2, 3, 4, 4)
    before = torch.get_rng_state()
    squeeze = Stochastic(3).eval()
    assert torch.equal(squeeze(x), squeeze(x))
    assert torch.equal(torch.get_rng_state(), before)
