"""Residual units of each kind in each slot, and whole CIFAR ResNets, against NumPy; the two shortcuts."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from se_bench.config.axes import Axes
from se_bench.nets.backbones.branches import (
    INNER,
    INNER_PREACTIVATED,
    basic_branch,
    bottleneck_branch,
    norm_relu,
    preactivated_branch,
)
from se_bench.nets.backbones.residual import (
    ResidualUnit,
    UnitShape,
    ZeroPadShortcut,
    projection_shortcut,
    zero_pad_shortcut,
)
from se_bench.nets.blocks.squeeze_excite import SqueezeExcite
from tests.nets import by_hand
from tests.nets.modules import architecture, arrays, initialised, maps, scrambled

GROUPS = 2
KINDS = ["basic A", "basic B", "bottleneck 1x1", "bottleneck 3x3", "pre basic A", "pre basic B", "pre bottleneck B"]
SAME, NARROW = (4, 4, 1), (4, 6, 2)


def shape_of(kind, in_channels, out_channels, stride):
    inner = 8 if "bottleneck" in kind else None
    return UnitShape(
        stage=1, index=0, in_channels=in_channels, out_channels=out_channels, stride=stride, inner_channels=inner
    )


def unit(kind, shape, slot=None):
    site = None
    if slot:
        channels = shape.place().channels[slot]
        site = slot, SqueezeExcite(channels, **SqueezeExcite.resolve(channels, Axes(reduction=2, bias=True)))
    if kind.startswith("pre"):
        shortcut = zero_pad_shortcut(shape) if kind.endswith("A") else projection_shortcut(shape, norm=False)
        module = ResidualUnit(
            preactivated_branch(shape),
            shortcut,
            site,
            preactivation=norm_relu(shape.in_channels),
            shared_preactivation=shape.changes_shape,
            inner=INNER_PREACTIVATED,
        )
    elif kind.startswith("basic"):
        shortcut = zero_pad_shortcut(shape) if kind.endswith("A") else projection_shortcut(shape)
        module = ResidualUnit(basic_branch(shape), shortcut, site, activation=nn.ReLU(inplace=True))
    else:
        branch = bottleneck_branch(shape, stride_in=kind[-3:], groups=GROUPS)
        module = ResidualUnit(branch, projection_shortcut(shape), site, activation=nn.ReLU(inplace=True), inner=INNER)
    return scrambled(module)


def grouped(x, weight, stride):
    """A 3x3 convolution in groups."""
    parts = zip(np.split(x, GROUPS, axis=1), np.split(weight, GROUPS), strict=True)
    return np.concatenate([by_hand.convolve(part, own, stride=stride, padding=1) for part, own in parts], axis=1)


def branch_by_hand(x, state, kind, stride, block):
    """F, with ``block[slot]`` at the three points behind a bottleneck's 3x3."""

    def conv(x, number, **options):
        return by_hand.convolve(x, state[f"branch.conv{number}.weight"], **options)

    def norm(x, number):
        return by_hand.normalise(x, state, f"branch.norm{number}")

    if kind.startswith("basic"):
        return by_hand.basic_branch(x, state, "branch", stride)
    if kind.startswith("pre basic"):
        return conv(by_hand.relu(norm(conv(x, 1, stride=stride, padding=1), 2)), 2, padding=1)
    if kind.startswith("pre"):
        x = by_hand.relu(norm(conv(x, 1), 2))
        x = block["inner_3x3_conv"](conv(x, 2, stride=stride, padding=1))
        return conv(block["inner_3x3"](by_hand.relu(block["inner_3x3_norm"](norm(x, 3)))), 3)
    first, second = (stride, 1) if kind.endswith("1x1") else (1, stride)
    x = by_hand.relu(norm(conv(x, 1, stride=first), 1))
    x = block["inner_3x3_conv"](grouped(x, state["branch.conv2.weight"], second))
    return norm(conv(block["inner_3x3"](by_hand.relu(block["inner_3x3_norm"](norm(x, 2)))), 3), 3)


def shortcut_by_hand(x, state, kind, shape):
    """W; that of a pre-activated unit projects without BatchNorm."""
    if kind.startswith("pre") and kind.endswith("B") and shape.changes_shape:
        return by_hand.convolve(x, state["shortcut.weight"], stride=shape.stride)
    option = "A" if kind.endswith("A") else "B"
    return by_hand.shortcut(x, state, "shortcut", option, shape.out_channels, shape.stride)


def nothing(x):
    return x


# The table of se_bench.nets.backbones.places. P is the pre-activation, Q what the shortcut sees of it, a the last ReLU.
EQUATIONS = {
    None: lambda x, F, W, s, P, Q, a: a(F(P(x)) + W(Q(x))),
    "standard": lambda x, F, W, s, P, Q, a: a(s(F(P(x))) + W(Q(x))),
    "pre": lambda x, F, W, s, P, Q, a: a(F(s(P(x))) + W(Q(x))),
    "pre_unit": lambda x, F, W, s, P, Q, a: a(F(P(s(x))) + W(Q(s(x)))),
    "post": lambda x, F, W, s, P, Q, a: s(a(F(P(x)) + W(Q(x)))),
    "identity": lambda x, F, W, s, P, Q, a: a(F(P(x)) + s(W(Q(x)))),
    "identity_before": lambda x, F, W, s, P, Q, a: a(F(P(x)) + W(s(Q(x)))),
}


def unit_by_hand(x, state, kind, shape, slot):
    def s(u):
        return by_hand.squeeze_excite(u, state, "block.")

    def preactivated(u):
        return by_hand.relu(by_hand.normalise(u, state, "preactivation.norm"))

    inner = {name: s if name == slot else nothing for name in ("inner_3x3", "inner_3x3_norm", "inner_3x3_conv")}
    pre = kind.startswith("pre")
    return EQUATIONS[None if slot in inner else slot](
        x,
        lambda u: branch_by_hand(u, state, kind, shape.stride, inner),
        lambda u: shortcut_by_hand(u, state, kind, shape),
        s,
        preactivated if pre else nothing,
        preactivated if pre and shape.changes_shape else nothing,
        nothing if pre else by_hand.relu,
    )


@pytest.mark.parametrize("sizes", [SAME, NARROW, (4, 6, 1), (4, 4, 2)])
@pytest.mark.parametrize("kind", KINDS)
def test_a_unit_is_its_equation_in_every_slot(kind, sizes):
    shape = shape_of(kind, *sizes)
    x = maps(2, shape.in_channels, 7, 6)
    outputs = {}
    for slot in (None, *shape.place().channels):
        module = unit(kind, shape, slot)
        outputs[slot] = module(x.clone()).detach().numpy()
        expected = unit_by_hand(x.numpy(), arrays(module), kind, shape, slot)
        np.testing.assert_allclose(outputs[slot], expected, rtol=0, atol=1e-9, err_msg=str(slot))
    slots = list(outputs)
    for place, one in enumerate(slots):  # and no slot is another one under a second name
        assert all(abs(outputs[one] - outputs[other]).max() > 1e-3 for other in slots[:place])


def test_slots_that_a_unit_offers():
    anywhere = {"standard", "pre", "pre_unit", "post", "identity"}
    inner = {"inner_3x3", "inner_3x3_norm", "inner_3x3_conv"}
    for kind, sizes, slots in [
        ("basic A", SAME, anywhere),
        ("basic A", NARROW, anywhere | {"identity_before"}),
        ("bottleneck 3x3", SAME, anywhere | inner),
        ("bottleneck 3x3", NARROW, anywhere | inner | {"identity_before"}),
    ]:
        place = shape_of(kind, *sizes).place()
        assert set(place.channels) == slots
        assert {place.channels[slot] for slot in slots & {"pre", "pre_unit", "identity_before"}} == {sizes[0]}
        assert {place.channels[slot] for slot in slots & {"standard", "post", "identity"}} == {sizes[1]}
        assert {place.channels[slot] for slot in slots & inner} <= {8}


def test_a_block_in_a_slot_that_a_unit_lacks_is_an_error():
    shape = shape_of("basic A", *SAME)
    with pytest.raises(ValueError, match="no slot 'inner_3x3_norm'"):
        ResidualUnit(basic_branch(shape), zero_pad_shortcut(shape), ("inner_3x3_norm", nn.Identity()))


@pytest.mark.parametrize("slot", [None, "standard", "identity"])
@pytest.mark.parametrize("options", [{"scale": 0.3}, {"join": "concat"}], ids=["scaled", "concatenated"])
def test_a_branch_is_scaled_or_its_channels_follow_the_shortcut_s(options, slot):
    """Inception-ResNet's and ShuffleNet's units: the block comes before both."""
    shape = shape_of("basic A", *SAME)
    site = (slot, SqueezeExcite(4, **SqueezeExcite.resolve(4, Axes(reduction=2)))) if slot else None
    module = scrambled(
        ResidualUnit(basic_branch(shape), nn.Identity(), site, activation=nn.ReLU(inplace=True), **options)
    )
    x, state = maps(2, 4, 5, 6), arrays(module)
    out = by_hand.basic_branch(x.numpy(), state, "branch", 1)
    skip = x.numpy()
    if slot == "standard":
        out = by_hand.squeeze_excite(out, state, "block.")
    elif slot == "identity":
        skip = by_hand.squeeze_excite(skip, state, "block.")
    joined = skip + 0.3 * out if "scale" in options else np.concatenate([skip, out], axis=1)
    np.testing.assert_allclose(module(x.clone()).detach(), by_hand.relu(joined), rtol=0, atol=1e-9)


def test_a_closed_gate_leaves_the_shortcut_or_nothing():
    x, shape = maps(2, 4, 6, 6), shape_of("basic A", *SAME)
    for slot, expected in {"standard": x.relu(), "post": torch.zeros_like(x)}.items():
        module = unit("basic A", shape, slot)
        module.block.excite.up.weight.data.zero_()
        module.block.excite.up.bias.data.fill_(-1000.0)
        assert torch.equal(module(x), expected)


@pytest.mark.parametrize("sizes", [SAME, NARROW])
@pytest.mark.parametrize("kind", KINDS)
def test_a_unit_leaves_its_input_alone(kind, sizes):
    """Its ReLUs work in place, on values of their own."""
    shape = shape_of(kind, *sizes)
    x = maps(2, shape.in_channels, 6, 6)
    before = x.clone()
    for slot in (None, *shape.place().channels):
        unit(kind, shape, slot)(x)
        assert torch.equal(x, before)


@given(
    channels=st.integers(1, 5),
    extra=st.integers(0, 5),
    stride=st.integers(1, 3),
    size=st.tuples(st.integers(1, 9), st.integers(1, 9)),
)
def test_option_a_keeps_every_strided_position_and_appends_zeros(*, channels, extra, stride, size):
    x = maps(2, channels, *size)
    out = ZeroPadShortcut(channels, channels + extra, stride)(x)
    assert out.shape == (2, channels + extra, -(-size[0] // stride), -(-size[1] // stride))
    assert torch.equal(out[:, :channels], x[:, :, ::stride, ::stride])
    assert not out[:, channels:].any()


def test_what_a_shortcut_is_made_of():
    same, other = shape_of("basic A", 8, 8, 1), shape_of("basic A", 8, 16, 2)
    for make in (zero_pad_shortcut, projection_shortcut):
        assert isinstance(make(same), nn.Identity)
    assert not list(zero_pad_shortcut(other).parameters())
    projection, norm = projection_shortcut(other)
    assert (projection.weight.shape, projection.stride, projection.bias) == ((16, 8, 1, 1), (2, 2), None)
    assert isinstance(norm, nn.BatchNorm2d)
    assert isinstance(projection_shortcut(other, norm=False), nn.Conv2d)


@pytest.mark.parametrize("integration", [None, "standard", "post"])
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
