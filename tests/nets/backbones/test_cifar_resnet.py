"""CIFAR ResNets, post- and pre-activated, of basic and bottleneck units: costs and logits of pytorchcv's, slots.

The costs of the basic post-activated nets against the reference file are in tests/cost.
"""

import pytest
import torch
from pytorchcv.models.preresnet_cifar import get_preresnet_cifar
from pytorchcv.models.resnet_cifar import get_resnet_cifar
from pytorchcv.models.sepreresnet_cifar import get_sepreresnet_cifar
from pytorchcv.models.seresnet_cifar import get_seresnet_cifar

from se_bench.config.axes import Axes
from se_bench.nets.backbones.cifar_resnet import CifarResNet
from se_bench.nets.build import build
from tests.nets.backbones.checks import counts_agree, trains, transplant
from tests.nets.backbones.references import BASIC_SLOTS, RELEASED, SLOTS, cifar, ours, row, theirs
from tests.nets.modules import architecture, scrambled

B = {"shortcut": "B"}


def size(depth):
    return {"num_classes": 10, "blocks": depth, "bottleneck": depth == 164}


def test_costs_of_the_reference_file():
    assert ours(cifar("cifar_resnet164", **B)) == row("resnet164bn_cifar10", "reference model")


@pytest.mark.parametrize("depth", [110, 164])
@pytest.mark.parametrize(
    ("name", "make"), [("cifar_resnet", get_resnet_cifar), ("cifar_preresnet", get_preresnet_cifar)]
)
def test_costs_of_pytorchcv_s_nets(depth, name, make):
    assert ours(cifar(f"{name}{depth}", **B)) == theirs(make, 32, **size(depth))


def test_costs_of_pytorchcv_s_se_net():
    assert ours(cifar("cifar_resnet164", RELEASED, **B)) == theirs(get_seresnet_cifar, 32, **size(164))


@pytest.mark.parametrize(("depth", "last"), [(20, 64), (164, 256)])
def test_costs_of_pytorchcv_s_preactivated_se_nets(depth, last):
    """Theirs have a BatchNorm behind the stem (16 channels) and none at the end, unlike their bare ones and ours."""
    params, macs = ours(cifar(f"cifar_preresnet{depth}", RELEASED, **B))
    assert (params - 2 * last + 2 * 16, macs) == theirs(get_sepreresnet_cifar, 32, **size(depth))


@pytest.mark.parametrize("bottleneck", [False, True], ids=["basic", "bottleneck"])
@pytest.mark.parametrize(("preactivation", "make"), [(False, get_resnet_cifar), (True, get_preresnet_cifar)])
def test_two_units_a_stage_give_the_logits_of_pytorchcv_s(bottleneck, preactivation, make):
    depth = 20 if bottleneck else 14
    torch.manual_seed(0)
    reference = scrambled(make(num_classes=10, blocks=depth, bottleneck=bottleneck))
    for value in reference.parameters():
        if value.ndim == 4:
            value.data /= value[0].numel() ** 0.5
    family = CifarResNet(depth, bottleneck=bottleneck, preactivation=preactivation)
    net = family.build({**family.defaults, **B}, (3, 32, 32), 10, {}).double().eval()
    transplant(reference, net)
    images = torch.randn(2, 3, 32, 32, dtype=torch.float64)
    with torch.no_grad():
        expected, logits = reference(images), net(images)
    assert expected.std() > 0.01
    torch.testing.assert_close(logits, expected, rtol=0, atol=1e-9)


@pytest.mark.parametrize("depth", [110, 164])
@pytest.mark.parametrize("name", ["cifar_resnet", "cifar_preresnet"])
def test_printed_parameters(depth, name):
    """He et al., arXiv 1603.05027, Table 4: both have 1.7 M."""
    parameters = sum(value.numel() for value in build(cifar(f"{name}{depth}")).parameters())
    assert parameters / 1e6 == pytest.approx(1.7, abs=0.05)


@pytest.mark.parametrize("shortcut", ["A", "B"])
@pytest.mark.parametrize("name", ["cifar_resnet8", "cifar_preresnet20"])
def test_every_slot_of_basic_units_counts_what_it_builds_and_trains(name, shortcut):
    for slot in BASIC_SLOTS:
        axes = Axes(excite="full", bias=True, **SLOTS[slot])
        built = architecture(name, axes, input_shape=(3, 17, 18), classes=7, width=2, shortcut=shortcut)
        counts_agree(built)
        trains(built)


@pytest.mark.parametrize("name", ["cifar_resnet164", "cifar_preresnet164"])
def test_slots_inside_bottlenecks_train(name):
    for slot in ("inner_3x3", "inner_3x3_norm", "inner_3x3_conv"):
        axes = Axes(excite="full", bias=True, **SLOTS[slot])
        trains(architecture(name, axes, input_shape=(3, 16, 16), classes=7, width=2))


def test_a_deep_preactivated_net_counts_what_it_builds():
    axes = Axes(reduction=2, **SLOTS["inner_3x3_norm"])
    counts_agree(architecture("cifar_preresnet164", axes, input_shape=(3, 16, 16), classes=7, width=2))


def test_units_that_change_shape_share_their_preactivation_with_the_shortcut():
    for name, sharing in [("cifar_preresnet20", [False, True, True]), ("cifar_preresnet164", [True, True, True])]:
        net = build(cifar(name))
        stages = [net.get_submodule(f"stage{stage}") for stage in (1, 2, 3)]
        assert [stage[0].shared_preactivation for stage in stages] == sharing
        assert not any(unit.shared_preactivation for stage in stages for unit in stage[1:])
