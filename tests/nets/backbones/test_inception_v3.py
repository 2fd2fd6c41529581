"""Inception-v3: costs and logits of torchvision's and timm's without the auxiliary head, eleven places."""

import pytest
import timm
import torchvision

from se_bench.config.axes import Axes
from se_bench.errors import OptionError
from tests.nets.backbones.checks import counts_agree, trains
from tests.nets.backbones.references import NONE, ours, theirs
from tests.nets.backbones.same_function import logits_agree
from tests.nets.modules import architecture

SE = Axes(reduction=16)
WIDTHS = [256, 288, 288, 768, 768, 768, 768, 768, 1280, 2048, 2048]
"""Of the concatenated outputs, Mixed_5b to Mixed_7c."""


def inception(axes=NONE, side=299, classes=1000):
    return architecture("inception_v3", axes, input_shape=(3, side, side), classes=classes)


def torchvision_s(classes=1000):
    return torchvision.models.inception_v3(num_classes=classes, aux_logits=False, init_weights=False)


@pytest.mark.parametrize("side", [75, 128, 299])
def test_costs_of_torchvision_s_net(side):
    assert ours(inception(side=side)) == theirs(torchvision_s, side)


def test_costs_of_timm_s_net():
    assert ours(inception()) == theirs(timm.create_model, 299, model_name="inception_v3", aux_logits=False)


@pytest.mark.parametrize("side", [75, 110])
def test_logits_of_torchvision_s_net(side):
    logits_agree(lambda: torchvision_s(11), inception(side=side, classes=11))


def test_a_block_on_each_of_eleven_modules():
    sites = inception(SE).sites
    assert [site["channels"] for site in sites.values()] == WIDTHS
    assert list(sites) == [
        f"stage{stage}.{index}" for stage, units in ((1, 3), (2, 5), (3, 3)) for index in range(units)
    ]
    plain, added = ours(inception()), sum(2 * width * width // 16 for width in WIDTHS)
    assert ours(inception(SE)) == (plain[0] + added, plain[1] + added)


@pytest.mark.parametrize("axes", [NONE, SE, Axes(squeeze="none", excite="conv1d", stages=(2, 3), every=2)])
def test_counts_are_those_of_the_whole_net(axes):
    counts_agree(inception(axes, side=80))


def test_it_trains_on_the_smallest_images():
    trains(inception(Axes(reduction=1), side=75, classes=7))


def test_there_is_no_shortcut_to_sit_on():
    with pytest.raises(OptionError) as refused:
        inception(Axes(integration="pre"))
    assert (refused.value.key, refused.value.allowed) == ("integration", ("standard",))
