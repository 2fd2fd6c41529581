"""ShuffleNet v1 against pytorchcv and the SE paper's figures; the shuffle; slots by equation."""

import pytest
import torch
from pytorchcv.model_provider import get_model
from torch import nn
from torch.nn import functional as F
from torch.overrides import TorchFunctionMode

from se_bench.config.axes import Axes
from se_bench.cost.count import count, slot_shapes
from se_bench.nets.backbones.shufflenet import ChannelShuffle
from se_bench.nets.build import build
from tests.nets.backbones.checks import counts_agree, trains
from tests.nets.backbones.references import NONE, cifar, imagenet, ours, row, theirs
from tests.nets.backbones.same_function import logits_agree
from tests.nets.backbones.units import Affine, slots, unit_with, with_block_in
from tests.nets.modules import architecture, maps

GROUPS = (1, 3)


class _ReversedConcatenation(TorchFunctionMode):
    def __torch_function__(self, func, types, args=(), kwargs=None):
        if func is torch.cat:
            args = (tuple(reversed(args[0])), *args[1:])
        return func(*args, **(kwargs or {}))


class ShortcutFirst(nn.Module):
    """pytorchcv concatenates the branch first; the authors' code, and ours, the shortcut."""

    def __init__(self, net):
        super().__init__()
        self.net = net

    def forward(self, x):
        with _ReversedConcatenation():
            return self.net(x)


@pytest.mark.parametrize("groups", GROUPS)
def test_it_costs_what_pytorchcv_s_does(groups):
    found = ours(imagenet(f"shufflenet_v1_g{groups}"))
    assert found == theirs(lambda: get_model(f"shufflenet_g{groups}_w1"), 224)
    if groups == 3:
        assert found == row("shufflenet_g3_w1", "reference model") == (1_865_728, 137_460_672)


@pytest.mark.parametrize("groups", GROUPS)
def test_pytorchcv_s_values_give_its_logits(groups):
    logits_agree(
        lambda: ShortcutFirst(get_model(f"shufflenet_g{groups}_w1", num_classes=7)),
        architecture(f"shufflenet_v1_g{groups}", NONE, input_shape=(3, 224, 224), classes=7),
    )


def test_printed_figures_of_se_on_the_branch():
    """SE paper, Table 3: 1.8 M and 140 MFLOPs become 2.4 M and 142. On the branch 0.610 M, on the output 0.720 M."""
    bare = count(imagenet("shufflenet_v1_g3"))
    on_branch = count(imagenet("shufflenet_v1_g3", Axes()))
    on_output = count(imagenet("shufflenet_v1_g3", Axes(integration="post")))
    assert on_branch.params - bare.params == pytest.approx(0.610e6, abs=1e3)
    assert on_output.params - bare.params == pytest.approx(0.720e6, abs=0.5e3)
    for cost, params, macs in ((bare, 1.8, 0.140), (on_branch, 2.4, 0.142)):
        assert cost.params / 1e6 == pytest.approx(params, abs=0.1)
        assert cost.macs / 1e9 == pytest.approx(macs, abs=0.04)


def test_every_1x1_convolution_is_grouped_but_the_very_first():
    net = build(imagenet("shufflenet_v1_g3"))
    groups = [module.groups for name, module in net.named_modules() if name.endswith((".compress", ".expand"))]
    assert groups == [1, *[3] * 31]


@pytest.mark.parametrize(("groups", "channels"), [(3, 12), (2, 6), (4, 4), (1, 5)])
def test_the_shuffle_transposes_the_channels(groups, channels):
    x = maps(2, channels, 3, 4)
    shuffled = ChannelShuffle(groups)(x)
    each = channels // groups
    for group in range(groups):
        for channel in range(each):
            assert torch.equal(shuffled[:, channel * groups + group], x[:, group * each + channel])


def by_equation(unit, slot, x):
    """The equation of a slot, from the unit's own layers."""
    block = Affine()
    inner = {"inner_3x3_conv": "depthwise", "inner_3x3": "depthwise_norm"}.get(slot)
    halves = unit.branch.depthwise.stride == (2, 2)
    skip = block(x) if slot in ("pre_unit", "identity_before") else x
    x = block(x) if slot in ("pre", "pre_unit") else x
    for name, layer in unit.branch.named_children():
        x = block(layer(x)) if name == inner else layer(x)
    x = block(x) if slot == "standard" else x
    skip = F.avg_pool2d(skip, 3, stride=2, padding=1) if halves else skip
    skip = block(skip) if slot == "identity" else skip
    out = (torch.cat([skip, x], dim=1) if halves else skip + x).relu()
    return block(out) if slot == "post" else out


@pytest.mark.parametrize(
    ("unit", "slot"),
    [
        *(("stage1.0", slot) for slot in (None, *slots("shufflenet_v1_g3"))),
        *(("stage1.2", slot) for slot in (None, *slots("shufflenet_v1_g3")) if slot != "identity_before"),
        *(("stage2.0", slot) for slot in (None, *slots("shufflenet_v1_g3"))),
    ],
)
def test_a_unit_is_its_equation_in_every_slot(unit, slot):
    module, bare = (unit_with("shufflenet_v1_g3", unit, own) for own in (slot, None))
    x = maps(2, module.branch.compress.in_channels, 6, 5)
    before = x.clone()
    out = module(x)
    torch.testing.assert_close(out, by_equation(module, slot, x), rtol=1e-12, atol=1e-12)
    assert torch.equal(x, before)
    assert torch.allclose(out, bare(x), rtol=1e-3) == (slot is None)


def test_stages_are_the_resolutions():
    found = slot_shapes(imagenet("shufflenet_v1_g1"), "post")
    stages = {(unit.partition(".")[0], *shape) for unit, shape in found.items()}
    assert stages == {("stage1", 144, 28, 28), ("stage2", 288, 14, 14), ("stage3", 576, 7, 7)}


@pytest.mark.parametrize(("groups", "slot"), [(1, "standard"), *((3, slot) for slot in slots("shufflenet_v1_g3"))])
def test_it_trains_with_a_block_in_every_slot_and_its_parts_cost_what_the_whole_does(groups, slot):
    built = with_block_in(f"shufflenet_v1_g{groups}", slot, Axes(reduction=2, bias=True), input_shape=(1, 20, 33))
    trains(built)
    counts_agree(built)


@pytest.mark.parametrize("integration", ["standard", "pre", "post", "identity", "inner_3x3"])
def test_the_axes_reach_every_unit(integration):
    built = cifar("shufflenet_v1_g3", Axes(integration=integration))
    assert {site["integration"] for site in built.sites.values()} == {integration}
    assert len(built.sites) == 16
