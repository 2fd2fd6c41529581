"""MobileNetV2 and its small CIFAR form against torchvision, timm and ECA-Net's printed figures; slots by equation."""

from collections import Counter

import pytest
import timm
import torch
import torchvision
from torch import nn
from torchvision.ops.misc import Conv2dNormActivation

from se_bench import registry
from se_bench.config.axes import Axes
from se_bench.cost.count import count, slot_shapes
from se_bench.nets.build import build
from tests.nets.backbones.checks import counts_agree, trains
from tests.nets.backbones.references import NONE, cifar, imagenet, ours, theirs
from tests.nets.backbones.same_function import logits_agree
from tests.nets.backbones.units import Affine, slots, unit_with, with_block_in
from tests.nets.modules import architecture, maps

SHORTCUTLESS = ("standard", "pre", "inner_3x3", "inner_3x3_norm", "inner_3x3_conv")
WITH_SHORTCUT = (*SHORTCUTLESS, "pre_unit", "post", "identity")


def torchvision_cifar(classes=10):
    """torchvision's units in our stage plan: w = 16 is half of its stem, so its rows are doubled and halved again."""
    rows = [[6, 32, 2, 1], [6, 64, 3, 2], [6, 128, 4, 2]]
    net = torchvision.models.MobileNetV2(num_classes=classes, width_mult=0.5, inverted_residual_setting=rows)
    net.features[0][0].stride = (1, 1)
    net.features[-1] = Conv2dNormActivation(64, 256, 1, activation_layer=nn.ReLU6)
    net.classifier[1] = nn.Linear(256, classes)
    return net


@pytest.mark.parametrize("make", [torchvision.models.mobilenet_v2, lambda: timm.create_model("mobilenetv2_100")])
def test_it_costs_what_other_implementations_do(make):
    assert ours(imagenet("mobilenet_v2")) == theirs(make, 224) == (3_504_872, 300_774_272)


def test_the_cifar_form_costs_what_torchvision_s_units_do():
    assert ours(cifar("cifar_mobilenet")) == theirs(torchvision_cifar, 32) == (248_122, 31_881_728)


@pytest.mark.parametrize(
    ("backbone", "make"),
    [
        ("mobilenet_v2", lambda: torchvision.models.mobilenet_v2(num_classes=7)),
        ("mobilenet_v2", lambda: timm.create_model("mobilenetv2_100", num_classes=7)),
        ("cifar_mobilenet", lambda: torchvision_cifar(7)),
    ],
)
def test_the_reference_s_values_give_its_logits(backbone, make):
    logits_agree(make, architecture(backbone, NONE, input_shape=(3, 48, 64), classes=7))


@pytest.mark.parametrize(("axes", "printed"), [(NONE, (3.34, 0.3194)), (Axes(reduction=8), (3.40, 0.3201))])
def test_printed_figures_of_eca_net(axes, printed):
    """Table 3, in units of 2^20; its SE, r = 8, is on the projected output of every unit."""
    cost = count(imagenet("mobilenet_v2", axes))
    assert cost.params / 2**20 == pytest.approx(printed[0], abs=0.005)
    assert cost.macs / 1e9 == pytest.approx(printed[1], abs=0.04)


@pytest.mark.parametrize(
    ("built", "sides"), [(imagenet("mobilenet_v2"), (112, 56, 28, 14, 7)), (cifar("cifar_mobilenet"), (32, 16, 8))]
)
def test_stages_are_the_resolutions(built, sides):
    found = slot_shapes(built, "standard")
    stages = {(unit.partition(".")[0], *shape[1:]) for unit, shape in found.items()}
    assert stages == {(f"stage{stage}", side, side) for stage, side in enumerate(sides, start=1)}


def test_the_width_of_the_cifar_form_scales_every_layer():
    narrow, wide = (build(cifar("cifar_mobilenet", width=width)) for width in (5, 10))
    for (name, value), other in zip(narrow.named_parameters(), wide.parameters(), strict=True):
        fixed = {"stem.conv.weight": 1, "classifier.weight": 0, "classifier.bias": 0}.get(name)
        fixed = 1 if name.endswith(".depthwise.weight") else fixed
        doubled = [size if dim in (fixed, 2, 3) else 2 * size for dim, size in enumerate(value.shape)]
        assert list(other.shape) == doubled, name


def has_shortcut(unit):
    inputs = next(unit.branch.children()).in_channels
    return unit.branch.depthwise.stride == (1, 1) and inputs == unit.branch.project.out_channels


def by_equation(unit, slot, x):
    """The equation of a slot, from the unit's own layers."""
    block = Affine()
    inner = {"inner_3x3_conv": "depthwise", "inner_3x3_norm": "depthwise_norm", "inner_3x3": "depthwise_act"}.get(slot)
    skip = block(x) if slot in ("pre_unit", "identity") else x
    x = block(x) if slot in ("pre", "pre_unit") else x
    for name, layer in unit.branch.named_children():
        x = block(layer(x)) if name == inner else layer(x)
    x = block(x) if slot == "standard" else x
    x = x + skip if has_shortcut(unit) else x
    return block(x) if slot == "post" else x


@pytest.mark.parametrize(
    ("unit", "slot"),
    [
        *(("stage1.1", slot) for slot in (None, *WITH_SHORTCUT)),
        *(("stage2.0", slot) for slot in (None, *SHORTCUTLESS)),
        *(("stage3.3", slot) for slot in (None, *WITH_SHORTCUT)),
    ],
)
def test_a_unit_is_its_equation_in_every_slot(unit, slot):
    module, bare = (unit_with("cifar_mobilenet", unit, own, width=4) for own in (slot, None))
    x = maps(2, module.branch.expand.in_channels, 7, 6)
    before = x.clone()
    out = module(x)
    torch.testing.assert_close(out, by_equation(module, slot, x), rtol=1e-12, atol=1e-12)
    assert torch.equal(x, before)
    assert torch.allclose(out, bare(x), rtol=1e-3) == (slot is None)


@pytest.mark.parametrize("backbone", ["cifar_mobilenet", "mobilenet_v2", "mobilenet_v3_large"])
def test_a_slot_on_the_shortcut_is_offered_where_there_is_one(backbone):
    family = registry.load("backbone", backbone)
    net = build(cifar(backbone))
    found = set()
    for place in family.places(family.defaults):
        joins = has_shortcut(net.get_submodule(place.unit))
        assert set(place.channels) == set(WITH_SHORTCUT if joins else SHORTCUTLESS)
        found.add(joins)
    assert found == {True, False}


@pytest.mark.parametrize("slot", slots("cifar_mobilenet"))
@pytest.mark.parametrize(("backbone", "input_shape"), [("cifar_mobilenet", (1, 8, 8)), ("mobilenet_v2", (3, 32, 32))])
def test_it_trains_with_a_block_in_every_slot_and_its_parts_cost_what_the_whole_does(backbone, input_shape, slot):
    built = with_block_in(backbone, slot, Axes(reduction=2, bias=True), input_shape=input_shape)
    trains(built)
    counts_agree(built)


@pytest.mark.parametrize(
    ("axes", "slots"),
    [
        (Axes(), {"standard": 9}),
        (Axes(integration="pre"), {"pre": 9}),
        (Axes(integration="pre", pre_scope="unit"), {"pre": 2, "pre_unit": 7}),
        (Axes(integration="post"), {"standard": 2, "post": 7}),
        (Axes(integration="identity"), {"identity": 7}),
        (Axes(integration="inner_3x3"), {"inner_3x3": 9}),
    ],
)
def test_what_the_axes_put_where(axes, slots):
    assert Counter(site["integration"] for site in cifar("cifar_mobilenet", axes).sites.values()) == slots


def test_two_spellings_of_a_block_behind_units_without_shortcuts_are_one_net():
    behind, after_the_sum = (
        imagenet("mobilenet_v2", Axes(integration=integration, stages=(1,))) for integration in ("standard", "post")
    )
    assert behind.architecture_id == after_the_sum.architecture_id
