"""Residual units and whole CIFAR ResNets against NumPy; the two shortcuts."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from se_bench.config.axes import Axes
from se_bench.nets.backbones.cifar_resnet import basic_branch
from se_bench.nets.backbones.residual import ResidualUnit, shortcut
from se_bench.nets.blocks.squeeze_excite import SqueezeExcite
from tests.nets import by_hand
from tests.nets.modules import architecture, arrays, initialised, maps, scrambled

SITES = [None, "standard", "post"]


def unit(in_channels, channels, stride, *, kind="A", integration=None):
    block = SqueezeExcite(channels, **SqueezeExcite.resolve(channels, Axes(reduction=2, bias=True)))
    return scrambled(
        ResidualUnit(
            basic_branch(in_channels, channels, stride),
            shortcut(kind, in_channels, channels, stride),
            (integration, block) if integration else None,
        )
    )


@pytest.mark.parametrize("integration", SITES)
@pytest.mark.parametrize("kind", ["A", "B"])
@pytest.mark.parametrize(("in_channels", "channels", "stride"), [(4, 4, 1), (4, 8, 2), (4, 6, 1), (4, 4, 2)])
def test_a_unit_is_its_equation(integration, kind, in_channels, channels, stride):
    module = unit(in_channels, channels, stride, kind=kind, integration=integration)
    x = maps(2, in_channels, 7, 6)
    expected = by_hand.residual_unit(
        x.numpy(), arrays(module), "", kind=kind, channels=channels, stride=stride, integration=integration
    )
    np.testing.assert_allclose(module(x).detach(), expected, rtol=0, atol=1e-9)


def test_scaling_the_branch_and_scaling_the_sum_differ_and_only_the_latter_bounds_the_shortcut():
    x = maps(2, 4, 6, 6)
    standard, post = (unit(4, 4, 1, integration=integration) for integration in ("standard", "post"))
    assert (standard(x) - post(x)).abs().max() > 0.1
    for module in (standard, post):
        module.block.excite.up.weight.data.zero_()
        module.block.excite.up.bias.data.fill_(-1000.0)  # every gate is closed
    assert torch.equal(standard(x), x.relu())
    assert torch.equal(post(x), torch.zeros_like(x))


def test_a_unit_leaves_its_input_alone():
    """Its ReLUs work in place, on values of their own."""
    x = maps(2, 4, 6, 6)
    before = x.clone()
    for integration in SITES:
        unit(4, 4, 1, integration=integration)(x)
        assert torch.equal(x, before)


@given(
    channels=st.integers(1, 5),
    extra=st.integers(0, 5),
    stride=st.integers(1, 3),
    size=st.tuples(st.integers(1, 9), st.integers(1, 9)),
)
def test_option_a_keeps_every_strided_position_and_appends_zeros(*, channels, extra, stride, size):
    x = maps(2, channels, *size)
    out = shortcut("A", channels, channels + extra, stride)(x)
    assert out.shape == (2, channels + extra, -(-size[0] // stride), -(-size[1] // stride))
    assert torch.equal(out[:, :channels], x[:, :, ::stride, ::stride])
    assert not out[:, channels:].any()


def test_what_a_shortcut_is_made_of():
    for kind in ("A", "B"):
        assert isinstance(shortcut(kind, 8, 8, 1), nn.Identity)
    assert not list(shortcut("A", 8, 16, 2).parameters())
    projection, norm = shortcut("B", 8, 16, 2)
    assert (projection.weight.shape, projection.stride, projection.bias) == ((16, 8, 1, 1), (2, 2), None)
    assert isinstance(norm, nn.BatchNorm2d)


@pytest.mark.parametrize("integration", SITES)
@pytest.mark.parametrize(("backbone", "kind", "width"), [("cifar_resnet8", "A", 6), ("cifar_resnet20", "B", 4)])
def test_a_whole_net_is_its_equations(integration, backbone, kind, width):
    axes = Axes(integration=integration, reduction=2) if integration else Axes(block="none")
    built = architecture(backbone, axes, input_shape=(3, 9, 8), classes=5, shortcut=kind, width=width)
    net = scrambled(initialised(built))
    for name, value in net.named_parameters():  # smaller, so that 20 layers do not explode
        if value.ndim == 4 or "norm" in name:
            value.data *= 0.5
    x = maps(2, 3, 9, 8)
    expected = by_hand.cifar_resnet(
        x.numpy(), arrays(net), units=(int(backbone[12:]) - 2) // 6, width=width, kind=kind, integration=integration
    )
    np.testing.assert_allclose(net(x).detach(), expected, rtol=1e-9, atol=1e-9)
