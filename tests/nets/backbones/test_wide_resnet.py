"""Wide ResNets: costs of pytorchcv's and of the paper, logits of pytorchcv's, every slot."""

import pytest
import torch
from pytorchcv.models.wrn_cifar import get_wrn_cifar

from se_bench.config.axes import Axes
from se_bench.cost.count import count
from se_bench.errors import OptionError
from se_bench.nets.backbones.wide_resnet import WideResNet
from tests.nets.backbones.checks import counts_agree, trains, transplant
from tests.nets.backbones.references import BASIC_SLOTS, NONE, SLOTS, cifar, ours, theirs
from tests.nets.modules import architecture, scrambled


@pytest.mark.parametrize(
    ("name", "depth", "factor", "millions"), [("wrn16_8", 16, 8, 11.0), ("wrn28_10", 28, 10, 36.5)]
)
def test_costs_of_pytorchcv_s_nets_and_the_printed_parameters(name, depth, factor, millions):
    """Printed: Zagoruyko & Komodakis, Table 4."""
    options = {"num_classes": 10, "blocks": depth, "width_factor": factor}
    assert ours(cifar(name)) == theirs(get_wrn_cifar, 32, **options)
    assert count(cifar(name)).params / 1e6 == pytest.approx(millions, abs=0.1)


def test_a_narrow_one_gives_the_logits_of_pytorchcv_s():
    torch.manual_seed(0)
    reference = scrambled(get_wrn_cifar(num_classes=7, blocks=16, width_factor=2))
    for value in reference.parameters():
        if value.ndim == 4:
            value.data /= value[0].numel() ** 0.5
    family = WideResNet(16, 2)
    net = family.build(family.defaults, (3, 32, 32), 7, {}).double().eval()
    transplant(reference, net)
    images = torch.randn(2, 3, 32, 32, dtype=torch.float64)
    with torch.no_grad():
        expected, logits = reference(images), net(images)
    assert expected.std() > 0.01
    torch.testing.assert_close(logits, expected, rtol=0, atol=1e-9)


def test_weights_of_se_follow_the_wide_channels():
    """2 C^2 / r for each unit."""
    cost = count(cifar("wrn16_8", Axes(reduction=16)))
    assert cost.block_params == sum(2 * 2 * c * c // 16 for c in (128, 256, 512))


def test_no_place_inside_a_3x3_and_no_other_shortcut():
    with pytest.raises(OptionError) as refused:
        cifar("wrn16_8", Axes(integration="inner_3x3"))
    assert refused.value.allowed == ("standard", "pre", "post", "identity")
    with pytest.raises(OptionError) as refused:
        cifar("wrn16_8", shortcut="A")
    assert refused.value.key == "shortcut"


@pytest.mark.parametrize("name", ["wrn16_8", "wrn28_10"])
def test_every_slot_counts_what_it_builds_and_trains(name):
    slots = BASIC_SLOTS if name == "wrn16_8" else ["identity_before"]
    for axes in (NONE, *(Axes(excite="full", bias=True, **SLOTS[slot]) for slot in slots)):
        built = architecture(name, axes, input_shape=(3, 17, 18), classes=7, width=1)
        counts_agree(built)
        trains(built)
