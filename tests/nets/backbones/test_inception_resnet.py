"""Inception-ResNet-v2: costs and logits of timm's, forty places on the branch, what the SE paper prints."""

import dataclasses
import functools

import pytest
import timm
import torch
from torch import nn

from se_bench.config.axes import Axes
from se_bench.cost.count import count, slot_shapes
from se_bench.errors import OptionError
from se_bench.nets.build import build
from tests.nets.backbones.checks import counts_agree, trains
from tests.nets.backbones.references import BASIC_SLOTS, NONE, SLOTS, ours, row, theirs
from tests.nets.backbones.same_function import logits_agree
from tests.nets.modules import architecture

SE = Axes(reduction=16)
WIDTHS = [320] * 10 + [1088] * 20 + [2080] * 10
UNITS = [f"stage{stage}.{index}" for stage, units in ((1, 10), (2, 20), (3, 10)) for index in range(1, units + 1)]
"""Behind the module without a shortcut, which is each stage's module 0."""

timm_s = functools.partial(timm.create_model, "inception_resnet_v2")


def inception_resnet(axes=NONE, side=299, classes=1000):
    return architecture("inception_resnet_v2", axes, input_shape=(3, side, side), classes=classes)


@pytest.mark.parametrize("side", [75, 224])
def test_costs_of_timm_s_net(side):
    assert ours(inception_resnet(side=side)) == theirs(timm_s, side)


def test_costs_of_the_reference_file():
    assert ours(inception_resnet(side=224)) == row("inception_resnet_v2", "reference model")
    assert ours(inception_resnet(side=299)) == (55_843_464, 13_155_794_016)


def test_logits_of_timm_s_net():
    logits_agree(lambda: timm_s(num_classes=11), inception_resnet(side=80, classes=11))


def test_a_block_on_the_branch_of_each_of_forty_units():
    sites = inception_resnet(SE).sites
    assert list(sites) == UNITS
    assert [site["channels"] for site in sites.values()] == WIDTHS
    plain, added = ours(inception_resnet()), sum(2 * width * width // 16 for width in WIDTHS)
    assert ours(inception_resnet(SE)) == (plain[0] + added, plain[1] + added)


def test_printed_multiplications():
    """Hu et al., Table 2: 11.75 G, which the TF-slim net does not have (FACTS section 3), and 0.01 G more with SE."""
    plain, se = (count(inception_resnet(axes)).macs for axes in (NONE, SE))
    scaled = sum(c * h * w for c, h, w in slot_shapes(inception_resnet(SE), "standard").values())
    assert round(plain / 1e9, 2) == 13.16
    assert (se + scaled - plain) / 1e9 == pytest.approx(0.01, abs=0.011)


def test_the_module_in_front_of_a_stage_is_no_unit():
    assert list(inception_resnet(Axes(stages=(1, 3), every=4)).sites) == [
        *("stage1.1", "stage1.5", "stage1.9"),
        *("stage3.1", "stage3.5", "stage3.9"),
    ]


class Double(nn.Module):
    def forward(self, x):
        return 2 * x


def test_the_block_comes_before_the_scale():
    net = build(inception_resnet(SE, side=75))
    scales = [net.get_submodule(unit).scale for unit in UNITS]
    assert scales == [0.17] * 10 + [0.10] * 20 + [0.20] * 9 + [1.0]
    assert [net.get_submodule(unit).activation is None for unit in UNITS] == [False] * 39 + [True]
    unit = net.stage1[1]
    unit.branch, unit.block = nn.Hardtanh(0.0, 1.0), Double()
    x = torch.randn(2, 3, 4, 4, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(unit(x), (x + 0.17 * 2 * x.clamp(0, 1)).relu())


@pytest.mark.slow  # a quarter of a minute; tests/every has every integration, too
def test_every_slot_counts_what_it_builds():
    counts_agree(inception_resnet(side=75, classes=7))
    spelt = [inception_resnet(Axes(reduction=16, bias=True, **SLOTS[slot]), side=75, classes=7) for slot in BASIC_SLOTS]
    # Every shortcut is the identity, so before and after its projection are one slot.
    slots = [{site["integration"] for site in built.sites.values()} for built in spelt]
    assert slots == [{"standard"}, {"pre"}, {"pre_unit"}, {"post"}, {"identity"}, {"identity"}]
    mixed = {unit: spelt[number % 5].sites[unit] for number, unit in enumerate(UNITS)}
    counts_agree(dataclasses.replace(spelt[0], sites=mixed))


def test_it_trains_on_the_smallest_images():
    trains(inception_resnet(Axes(reduction=4, bias=True), side=75, classes=7), batch=2)


def test_no_place_is_inside_a_branch_whose_convolutions_lie_side_by_side():
    with pytest.raises(OptionError) as refused:
        inception_resnet(Axes(integration="inner_3x3"))
    assert refused.value.allowed == ("standard", "pre", "post", "identity")
