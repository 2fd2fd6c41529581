"""ResNeXt-29 for CIFAR: costs of pytorchcv's and of the paper, logits of pytorchcv's, every slot."""

import pytest
import torch
from pytorchcv.models.resnext_cifar import CIFARResNeXt, get_resnext_cifar

from se_bench.config.axes import Axes
from se_bench.cost.count import count
from se_bench.nets.build import build
from tests.nets.backbones.checks import counts_agree, trains, transplant
from tests.nets.backbones.references import NONE, SLOTS, cifar, ours, theirs
from tests.nets.modules import architecture, initialised, scrambled

NAME = "cifar_resnext29_8x64d"


def test_costs_of_pytorchcv_s_net_and_the_printed_parameters():
    """Printed: Xie et al., Table 7."""
    options = {"num_classes": 10, "blocks": 29, "cardinality": 8, "bottleneck_width": 64}
    assert ours(cifar(NAME)) == theirs(get_resnext_cifar, 32, **options)
    assert count(cifar(NAME)).params == 34_426_698
    assert count(cifar(NAME)).params / 1e6 == pytest.approx(34.4, abs=0.05)


def test_a_narrow_one_gives_the_logits_of_pytorchcv_s():
    torch.manual_seed(0)
    reference = scrambled(CIFARResNeXt([[16] * 3, [32] * 3, [64] * 3], 4, 8, 64, num_classes=7))
    for value in reference.parameters():
        if value.ndim == 4:
            value.data /= value[0].numel() ** 0.5
    net = scrambled(initialised(architecture(NAME, NONE, input_shape=(3, 32, 32), classes=7, width=4)))
    transplant(reference, net)
    images = torch.randn(2, 3, 32, 32, dtype=torch.float64)
    with torch.no_grad():
        expected, logits = reference(images), net(images)
    assert expected.std() > 0.01
    torch.testing.assert_close(logits, expected, rtol=0, atol=1e-9)


@pytest.mark.parametrize("width", [1, 5, 64])
def test_width_is_the_channels_of_a_group(width):
    net = build(cifar(NAME, width=width))
    for stage in (1, 2, 3):
        conv = net.get_submodule(f"stage{stage}.1.branch.conv2")
        assert (conv.groups, conv.in_channels // conv.groups) == (8, width * 2 ** (stage - 1))


def test_every_slot_counts_what_it_builds_and_trains():
    for axes in (NONE, *(Axes(excite="full", bias=True, **spelling) for spelling in SLOTS.values())):
        built = architecture(NAME, axes, input_shape=(3, 17, 18), classes=7, width=1)
        counts_agree(built)
        trains(built)


@pytest.mark.parametrize(("slot", "weights"), [("standard", (256, 512, 1024)), ("inner_3x3", (512, 1024, 2048))])
def test_weights_of_se_follow_the_channels_of_the_slot(slot, weights):
    cost = count(cifar(NAME, Axes(reduction=16, **SLOTS[slot])))
    assert cost.block_params == sum(3 * 2 * channels**2 // 16 for channels in weights)
