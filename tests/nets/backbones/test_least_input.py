"""Backbones without padding name the smallest image that they take, and smaller ones are refused."""

import pytest
import torch

from se_bench.config.axes import Axes
from se_bench.errors import OptionError
from se_bench.nets.architecture import Architecture
from se_bench.nets.build import build
from tests.nets.modules import architecture

LEAST = [("bn_inception", 7), ("inception_v3", 75), ("inception_resnet_v2", 75)]


@pytest.mark.parametrize(("backbone", "least"), LEAST)
@pytest.mark.parametrize("axes", [Axes(), Axes(block="none")])
def test_smaller_images_are_refused_with_the_least_size(backbone, least, axes):
    for shape in ((least - 1, least), (least, least - 1)):
        with pytest.raises(
            OptionError, match=rf"{backbone} takes .* {least} x {least} .* {shape[0]} x {shape[1]}"
        ) as refused:
            architecture(backbone, axes, input_shape=(3, *shape))
        assert refused.value.key == "name"


def test_the_axis_is_named_where_it_chose_the_backbone():
    with pytest.raises(OptionError) as refused:
        architecture("cifar_resnet8", Axes(backbone="inception_v3"))
    assert refused.value.key == "backbone"


@pytest.mark.parametrize(("backbone", "least"), LEAST)
def test_the_least_size_is_the_least_that_can_be_computed(backbone, least):
    built = architecture(backbone, Axes(block="none"), input_shape=(3, least, least), classes=5)
    net = build(built).eval()
    assert net(torch.zeros(1, 3, least, least, device="meta")).shape == (1, 5)
    with pytest.raises(RuntimeError):
        net(torch.zeros(1, 3, least - 1, least - 1, device="meta"))


def test_other_backbones_take_single_pixels():
    assert isinstance(architecture("vgg16_bn", input_shape=(3, 1, 1)), Architecture)
