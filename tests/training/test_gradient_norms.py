"""Gradient norms by stage against NumPy."""

from collections import OrderedDict

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F

from se_bench.training.gradients import EVERY, StageNorms
from se_bench.training.loop import train_batches
from se_bench.training.seeds import generator
from tests.training import small_trials
from tests.training.small_trials import CPU, digits, epochs, recipe


def staged(*stages):
    """A net with a layer before the stages, which belongs to none."""
    layers = {f"stage{number}": nn.Sequential(nn.Linear(3, 2), nn.Linear(2, 3)) for number in stages}
    return nn.Sequential(OrderedDict(stem=nn.Linear(3, 3), **layers))


def norm(module):
    return np.sqrt(sum((value.grad.numpy() ** 2).sum() for value in module.parameters()))


def random_gradients(net, seed):
    draw = torch.Generator().manual_seed(seed)
    for value in net.parameters():
        value.grad = torch.randn(value.shape, generator=draw)


def test_the_mean_is_over_every_eighth_step_from_the_first():
    net = staged(1, 2)
    norms, expected = StageNorms(net), []
    for step in range(2 * EVERY + 3):
        random_gradients(net, step)
        norms.add()
        if step in (0, EVERY, 2 * EVERY):
            expected.append([norm(net.stage1), norm(net.stage2)])
    assert norms.means() == pytest.approx(tuple(np.mean(expected, axis=0)), rel=1e-6)


def test_a_reset_forgets():
    net = staged(1)
    norms = StageNorms(net)
    for seed in (1, 2):
        random_gradients(net, seed)
        norms.reset()
        norms.add()
    assert norms.means() == pytest.approx((norm(net.stage1),), rel=1e-6)


def test_stages_come_in_the_order_of_their_numbers():
    net = staged(10, 2, 1)
    random_gradients(net, 0)
    norms = StageNorms(net)
    norms.add()
    assert norms.means() == pytest.approx(tuple(norm(net.get_submodule(f"stage{n}")) for n in (1, 2, 10)), rel=1e-6)


def test_a_parameter_without_gradient_counts_as_zero():
    net = staged(1)
    random_gradients(net, 0)
    net.stage1[0].weight.grad = None
    norms = StageNorms(net)
    norms.add()
    rest = [net.stage1[0].bias, net.stage1[1].weight, net.stage1[1].bias]
    expected = np.sqrt(sum((value.grad.numpy() ** 2).sum() for value in rest))
    assert norms.means() == pytest.approx((expected,), rel=1e-6)


@pytest.mark.parametrize("block", ["none", "se"])
def test_a_record_has_the_norms_of_the_loss_at_the_measured_steps(block):
    """One epoch of eight steps: only the first is measured, at the initial weights; blocks count with their stage."""
    record = epochs(block, 3, epochs=1, warmup_epochs=0.0)[0]
    net = CPU.place(small_trials.net(block, 3), "float32").train()
    batches = train_batches(digits(), recipe(), CPU)
    assert len(batches) == EVERY
    x, y = next(batches.epoch(generator(3, "order", 1), generator(3, "augment", 1)))
    F.cross_entropy(net(x), y).backward()
    expected = tuple(norm(stage) for stage in (net.stage1, net.stage2, net.stage3))
    assert record.gradient_norms == pytest.approx(expected, rel=1e-5)
