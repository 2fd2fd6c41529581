"""MobileNetV3-Large against torchvision and timm, with its own SE and without."""

import pytest
import timm
import torch
import torchvision
from torch import nn
from torch.nn import functional as F
from torchvision.models.mobilenetv3 import _mobilenet_v3_conf
from torchvision.ops.misc import SqueezeExcitation

from se_bench.config.axes import Axes
from se_bench.cost.count import count, slot_shapes
from se_bench.errors import OptionError
from se_bench.nets.blocks.base import Block
from se_bench.nets.build import build
from tests.nets.backbones.checks import counts_agree, trains
from tests.nets.backbones.references import NONE, cifar, imagenet, ours, row, theirs
from tests.nets.backbones.same_function import logits_agree
from tests.nets.backbones.units import slots, with_block_in
from tests.nets.modules import architecture, initialised


class Pointwise(nn.Linear):
    """torchvision's 1x1 convolution with the weights of a linear layer, so that ours can take them."""

    def forward(self, x):
        return F.conv2d(x, self.weight[:, :, None, None], self.bias)


def reference(*, own_se, classes=1000):
    """torchvision's net, or the same net with no unit's SE switched on."""
    settings, last_channel = _mobilenet_v3_conf("mobilenet_v3_large")
    for unit in settings:
        unit.use_se = unit.use_se and own_se
    net = torchvision.models.MobileNetV3(settings, last_channel, num_classes=classes)
    for block in (module for module in net.modules() if isinstance(module, SqueezeExcitation)):
        for name in ("fc1", "fc2"):
            conv = getattr(block, name)
            setattr(block, name, Pointwise(conv.in_channels, conv.out_channels))
    return net


def test_it_costs_what_other_implementations_do():
    found = ours(imagenet("mobilenet_v3_large"))
    assert found == theirs(torchvision.models.mobilenet_v3_large, 224)
    assert found == theirs(lambda: timm.create_model("mobilenetv3_large_100"), 224)
    assert found == row("mobilenetv3_large_100", "reference model") == (5_483_032, 216_589_760)


def test_without_its_own_se_it_costs_what_the_same_net_without_it_does():
    found = ours(imagenet("mobilenet_v3_large", own_se=False))
    assert found == theirs(reference, 224, own_se=False)
    assert found < ours(imagenet("mobilenet_v3_large"))


@pytest.mark.parametrize("own_se", [True, False])
def test_the_reference_s_values_give_its_logits(own_se):
    logits_agree(
        lambda: reference(own_se=own_se, classes=7),
        architecture("mobilenet_v3_large", NONE, input_shape=(3, 48, 64), classes=7, own_se=own_se),
    )


def test_its_own_se_is_the_backbone_s_and_an_added_block_is_not():
    bare, blocked = imagenet("mobilenet_v3_large"), imagenet("mobilenet_v3_large", Axes())
    assert count(bare).block_params == 0
    assert len(blocked.sites) == 15
    added = sum(2 * site["excite"]["hidden"] * site["channels"] for site in blocked.sites.values())
    assert count(blocked).block_params == count(blocked).params - count(bare).params == added
    blocks = [(name, module) for name, module in build(blocked).named_modules() if isinstance(module, Block)]
    own = [name for name, module in blocks if module.part_of_backbone]
    assert (len(own), len(blocks)) == (8, 23)
    assert all(name.endswith(".branch.own_block") for name in own)


def test_an_added_block_changes_no_other_parameter_s_initial_value():
    values = dict(initialised(cifar("mobilenet_v3_large", Axes())).named_parameters())
    for name, value in initialised(cifar("mobilenet_v3_large")).named_parameters():
        assert torch.equal(value, values[name]), name


def test_the_option_is_part_of_the_identity_unless_it_is_the_default():
    default, on, off = (cifar("mobilenet_v3_large", **given) for given in ({}, {"own_se": True}, {"own_se": False}))
    assert default.architecture_id == on.architecture_id != off.architecture_id
    with pytest.raises(OptionError) as refused:
        cifar("mobilenet_v3_large", own_se="no")
    assert (refused.value.key, refused.value.allowed) == ("own_se", ("True", "False"))


def test_stages_are_the_resolutions():
    found = slot_shapes(imagenet("mobilenet_v3_large"), "standard")
    stages = {(unit.partition(".")[0], *shape[1:]) for unit, shape in found.items()}
    assert stages == {(f"stage{stage}", side, side) for stage, side in enumerate((112, 56, 28, 14, 7), start=1)}


@pytest.mark.parametrize(
    ("slot", "own_se"), [*((slot, True) for slot in slots("mobilenet_v3_large")), ("inner_3x3", False)]
)
def test_it_trains_with_a_block_in_every_slot_and_its_parts_cost_what_the_whole_does(slot, own_se):
    built = with_block_in("mobilenet_v3_large", slot, Axes(reduction=2, bias=True), own_se=own_se)
    trains(built)
    counts_agree(built)
