"""VGG-16 with BatchNorm: costs of torchvision's and of the papers, thirteen places, small images."""

import pytest
import torch
import torchvision
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from se_bench.config.axes import Axes
from se_bench.cost.count import count, count_module, slot_shapes
from se_bench.errors import OptionError
from se_bench.nets.backbones.vgg import HalvingPool
from se_bench.nets.build import build
from tests.nets.backbones.checks import counts_agree, trains
from tests.nets.backbones.references import NONE, imagenet, ours, row, theirs
from tests.nets.modules import architecture

SE = Axes(reduction=16)


@pytest.mark.parametrize("side", [45, 224])
def test_costs_of_torchvision_s_net(side):
    built = architecture("vgg16_bn", NONE, input_shape=(3, side, side), classes=1000)
    assert ours(built) == theirs(torchvision.models.vgg16_bn, side)


def test_costs_of_the_reference_file():
    assert ours(imagenet("vgg16_bn")) == row("vgg16_bn", "reference model")


def test_a_block_after_each_of_thirteen_convolutions():
    """Hu et al., Section 3.3, with 2 C^2 / r weights each."""
    widths = [64] * 2 + [128] * 2 + [256] * 3 + [512] * 6
    sites = imagenet("vgg16_bn", SE).sites
    assert [site["channels"] for site in sites.values()] == widths
    assert [unit.partition(".")[0] for unit in sites] == [
        f"stage{n}" for n in (1, 1, 2, 2, *[3] * 3, *[4] * 3, *[5] * 3)
    ]
    added = sum(2 * width * width // 16 for width in widths)
    plain = ours(imagenet("vgg16_bn"))
    assert ours(imagenet("vgg16_bn", SE)) == (plain[0] + added, plain[1] + added)


def test_printed_multiplications():
    """Table 2: 15.47 G, and 15.48 G with one operation for each element that is scaled."""
    plain, se = (count(imagenet("vgg16_bn", axes)).macs for axes in (NONE, SE))
    scaled = sum(c * h * w for c, h, w in slot_shapes(imagenet("vgg16_bn", SE), "standard").values())
    assert round(plain / 1e9, 2) == 15.47
    assert round((se + scaled) / 1e9, 3) == 15.484


def test_a_unit_is_convolution_norm_relu_block_and_a_stage_starts_with_its_pooling():
    net = build(architecture("vgg16_bn", SE, input_shape=(3, 32, 32)))
    for number in range(1, 6):
        for index, unit in enumerate(net.get_submodule(f"stage{number}")):
            pooled = ["pool"] if number > 1 and index == 0 else []
            assert [name for name, _ in unit.layer.named_children()] == [*pooled, "conv", "norm", "act"]
            assert unit.layer.conv.bias is not None
            assert unit.block.channels == unit.layer.norm.num_features


@pytest.mark.parametrize(("side", "sides"), [(16, [16, 8, 4, 2, 1]), (45, [45, 22, 11, 5, 2]), (1, [1] * 5)])
def test_no_map_of_a_small_image_is_empty(side, sides):
    built = architecture("vgg16_bn", SE, input_shape=(1, side, side), classes=3)
    shapes = slot_shapes(built, "standard")
    assert [shapes[f"stage{number}.0"][1:] for number in range(1, 6)] == [(own, own) for own in sides]


@given(shape=st.tuples(st.integers(1, 3), st.integers(1, 9), st.integers(1, 9)))
def test_pooling_halves_and_keeps_single_positions(shape):
    x = torch.randn(2, *shape)
    window = tuple(min(2, side) for side in shape[1:])
    assert torch.equal(HalvingPool()(x), nn.MaxPool2d(window)(x))
    written = shape[0] * max(1, shape[1] // 2) * max(1, shape[2] // 2)
    cost = count_module(HalvingPool(), shape)
    assert (cost.activations, cost.elementwise) == (written, written * window[0] * window[1])


@pytest.mark.parametrize("axes", [NONE, SE, Axes(squeeze="none", excite="conv1d", stages=(2, 5), every=2)])
@pytest.mark.parametrize("side", [16, 45])
def test_counts_are_those_of_the_whole_net(axes, side):
    counts_agree(architecture("vgg16_bn", axes, input_shape=(3, side, side)))


def test_it_trains_on_small_images():
    trains(architecture("vgg16_bn", Axes(reduction=1), input_shape=(3, 16, 16)), batch=2)


def test_there_is_no_shortcut_to_sit_on():
    with pytest.raises(OptionError) as refused:
        imagenet("vgg16_bn", Axes(integration="post"))
    assert (refused.value.key, refused.value.allowed) == ("integration", ("standard",))
