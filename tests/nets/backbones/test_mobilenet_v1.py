"""MobileNetV1 against timm and the figures printed in the SE paper."""

from math import prod

import pytest
import timm
from torch import nn

from se_bench.config.axes import Axes
from se_bench.cost.count import count, slot_shapes
from se_bench.errors import OptionError
from tests.nets.backbones.checks import counts_agree, trains
from tests.nets.backbones.references import NONE, imagenet, ours, row, theirs
from tests.nets.backbones.same_function import logits_agree
from tests.nets.modules import architecture


def test_it_costs_what_timm_s_does():
    found = ours(imagenet("mobilenet_v1"))
    assert found == theirs(lambda: timm.create_model("mobilenetv1_100"), 224)
    assert found == row("mobilenetv1_100", "reference model") == (4_231_976, 568_740_352)


def test_timm_s_values_give_timm_s_logits():
    """With ReLU, the paper's, in place of timm's ReLU6."""
    logits_agree(
        lambda: timm.create_model("mobilenetv1_100", act_layer=nn.ReLU, num_classes=7),
        architecture("mobilenet_v1", NONE, input_shape=(3, 64, 48), classes=7),
    )


def test_printed_figures_of_se_after_each_pointwise_convolution():
    """SE paper, Table 3: 4.7 M and 572 MFLOPs; 4.712 M and 571.9 with one operation for each scaling (FACTS.md)."""
    built = imagenet("mobilenet_v1", Axes())
    cost = count(built)
    assert len(built.sites) == 13
    assert cost.params == pytest.approx(4.712e6, abs=0.5e3)
    assert cost.params - count(imagenet("mobilenet_v1")).params == cost.block_params == 479_744
    scaling = sum(prod(shape) for shape in slot_shapes(built, "standard").values())
    assert cost.macs + scaling == pytest.approx(571.9e6, abs=0.05e6)


def test_stages_are_the_resolutions():
    found = slot_shapes(imagenet("mobilenet_v1"), "standard")
    stages = {(unit.partition(".")[0], *shape) for unit, shape in found.items()}
    assert stages == {(f"stage{stage}", 32 * 2**stage, 224 // 2**stage, 224 // 2**stage) for stage in range(1, 6)}


def test_it_trains_with_a_block_and_its_parts_cost_what_the_whole_does():
    built = architecture("mobilenet_v1", Axes(reduction=2, bias=True), input_shape=(1, 9, 12), classes=3)
    trains(built)
    counts_agree(built)


@pytest.mark.parametrize("integration", ["pre", "post", "identity", "inner_3x3"])
def test_a_net_without_shortcuts_has_one_place_for_the_block(integration):
    with pytest.raises(OptionError) as refused:
        architecture("mobilenet_v1", Axes(integration=integration))
    assert (refused.value.key, refused.value.allowed) == ("integration", ("standard",))
