"""What counting must not do: skip an operator, price BatchNorm for training, leave traces in the net."""

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from se_bench.cost.count import count, count_module
from se_bench.errors import UncountedOperatorError
from se_bench.nets.build import build
from se_bench.nets.init import materialise
from se_bench.training import seeds
from tests.cost.examples import architecture


class Apply(nn.Module):
    """One function as a module."""

    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, x):
        return self.function(x)


@pytest.mark.parametrize(
    ("operator", "function"),
    [
        ("cumsum", lambda x: x.cumsum(dim=1)),
        ("erf", lambda x: x.erf()),
        # those that fvcore leaves out in silence ...
        ("max", lambda x: torch.max(x, 2 * x)),
        ("floor", lambda x: x.floor()),
        ("roll", lambda x: x.roll(1, dims=1)),
        # ... and those that it has a rule of its own for, by other conventions
        ("upsample_bilinear2d", lambda x: F.interpolate(x, scale_factor=2, mode="bilinear")),
        ("einsum", lambda x: torch.einsum("nchw,nchv->nwv", x, x)),
    ],
)
def test_an_operator_without_a_rule_is_an_error_that_names_it(operator, function):
    with pytest.raises(UncountedOperatorError, match=rf"\baten::{operator}\b") as refused:
        count_module(Apply(function), (4, 4, 4))
    assert "se_bench/cost/operators.py" in str(refused.value)


def test_all_operators_without_a_rule_are_named_at_once():
    with pytest.raises(UncountedOperatorError, match=r"aten::cumsum, aten::erf"):
        count_module(Apply(lambda x: x.erf().cumsum(dim=1)), (4, 4, 4))


def test_an_error_leaves_the_counter_usable():
    with pytest.raises(UncountedOperatorError):
        count_module(Apply(torch.erf), (4, 4, 4))
    assert count_module(Apply(torch.relu), (4, 4, 4)).elementwise == 64


@pytest.mark.parametrize("training", [True, False])
def test_batch_norm_costs_a_scale_and_a_shift_whatever_mode_the_net_comes_in(training):
    cost = count_module(nn.BatchNorm2d(5).train(training), (5, 6, 7))
    assert (cost.elementwise, cost.activations, cost.macs) == (2 * 5 * 6 * 7, 5 * 6 * 7, 0)
    assert (cost.params, cost.buffers) == (10, 11)


def test_average_and_maximum_squeeze_cost_the_same():
    """Left alone fvcore prices only adaptive_avg_pool2d, and the comparison would be an artefact."""
    cost = count(architecture(squeeze="avg"))
    assert cost == count(architecture(squeeze="max"))
    assert cost.elementwise > count(architecture(block="none")).elementwise


def test_frozen_parameters_are_not_trainable():
    net = nn.Sequential(nn.Linear(3, 4), nn.Linear(4, 5))
    net[0].requires_grad_(False)
    assert count_module(net, (3,)).params == 4 * 5 + 5


def hooks(net):
    return [hook for module in net.modules() for hook in (*module._forward_hooks, *module._forward_pre_hooks)]


def test_counting_leaves_the_net_and_the_process_as_they_were():
    built = architecture(shortcut="B")
    net = materialise(build(built), lambda name: seeds.generator(0, "init", name)).train()
    state = {name: value.clone() for name, value in net.state_dict().items()}
    torch.manual_seed(0)
    random, forward = torch.get_rng_state(), net.forward.__func__
    cost = count_module(net, built.input_shape)
    assert net.training
    assert all(torch.equal(value, state[name]) for name, value in net.state_dict().items())
    assert all(value.grad is None and value.requires_grad for value in net.parameters())
    assert torch.equal(torch.get_rng_state(), random)
    assert torch.is_grad_enabled()
    assert hooks(net) == []
    assert net.forward.__func__ is forward
    net(torch.randn(2, *built.input_shape))
    assert count_module(net, built.input_shape) == count(built) == cost


def test_counts_do_not_mix():
    one, other = architecture(reduction=2), architecture(block="none")
    first, second = count(one), count(other)
    assert first != second
    assert (count(one), count(other)) == (first, second)


def test_a_count_says_nothing_on_the_terminal(capfd, recwarn):
    count(architecture(8, 13, width=3))
    assert capfd.readouterr() == ("", "")
    assert [str(warning.message) for warning in recwarn] == []
