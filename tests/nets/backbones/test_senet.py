"""SENet-154: costs and logits of timm's, what the paper changed in it, every slot."""

import pytest
import timm
import torch
from timm.models.senet import SEBottleneck
from timm.models.senet import SENet as TimmSENet

from se_bench.config.axes import Axes
from se_bench.cost.count import count
from se_bench.errors import OptionError
from se_bench.nets.backbones.senet import SENet
from se_bench.nets.blocks.squeeze_excite import SqueezeExcite
from se_bench.nets.build import build
from se_bench.nets.weights import load_reference
from tests.nets.backbones.checks import counts_agree, trains
from tests.nets.backbones.references import NONE, RELEASED, SLOTS, imagenet, ours, theirs
from tests.nets.modules import architecture, scrambled

WITH_SE = imagenet("senet154", RELEASED)


def test_costs_of_timm_s_legacy_senet154():
    assert ours(WITH_SE) == theirs(timm.create_model, 224, model_name="legacy_senet154")
    assert count(WITH_SE).params == 115_088_984
    assert count(WITH_SE).macs / 1e9 == pytest.approx(20.69, abs=0.005)  # FACTS section 5


def test_without_a_block_it_is_the_same_net_less_its_se():
    plain, cost = count(imagenet("senet154")), count(WITH_SE)
    weights = sum(2 * c * c // 16 + c // 16 + c for c in [256] * 3 + [512] * 8 + [1024] * 36 + [2048] * 3)
    assert plain.block_params == 0
    assert (cost.block_params, cost.params) == (weights, plain.params + weights)
    net, with_se = build(imagenet("senet154")).state_dict(), build(WITH_SE).state_dict()
    assert [name for name in with_se if ".block." not in name] == list(net)


def test_a_shallow_one_gives_the_logits_of_timm_s():
    """Every kind of unit occurs: with each projection, and without."""
    depths = (2, 2, 1, 1)
    torch.manual_seed(0)
    reference = TimmSENet(
        SEBottleneck,
        depths,
        64,
        16,
        downsample_kernel_size=3,
        downsample_padding=1,
        inplanes=128,
        input_3x3=True,
        num_classes=9,
    )
    scrambled(reference)
    for value in reference.parameters():
        if value.ndim == 4:
            value.data /= value[0].numel() ** 0.5
    family = SENet(depths)
    options = SqueezeExcite.resolve
    blocks = {
        place.unit: (
            "standard",
            SqueezeExcite(place.channels["standard"], **options(place.channels["standard"], RELEASED)),
        )
        for place in family.places(family.defaults)
    }
    net = family.build(family.defaults, (3, 61, 64), 9, blocks).double().eval()
    load_reference(net, reference.state_dict(), "timm_legacy_senet154")
    images = torch.randn(2, 3, 61, 64, dtype=torch.float64)
    with torch.no_grad():
        expected, logits = reference(images), net(images)
    assert expected.std() > 0.01
    torch.testing.assert_close(logits, expected, rtol=0, atol=1e-9)


def test_what_the_paper_changed():
    net = build(imagenet("senet154"))
    stem = [(layer.conv.kernel_size, layer.conv.stride, layer.conv.out_channels) for layer in net.stem[:3]]
    assert stem == [((3, 3), (2, 2), 64), ((3, 3), (1, 1), 64), ((3, 3), (1, 1), 128)]
    assert (net.stem[3].ceil_mode, net.stem[3].padding) == (True, 0)
    assert [len(getattr(net, f"stage{stage}")) for stage in (1, 2, 3, 4)] == [3, 8, 36, 3]
    shortcuts = [net.get_submodule(f"stage{stage}.0.shortcut.0") for stage in (1, 2, 3, 4)]
    assert [conv.kernel_size for conv in shortcuts] == [(1, 1), (3, 3), (3, 3), (3, 3)]
    branch = net.stage2[0].branch
    assert [conv.out_channels for conv in (branch.conv1, branch.conv2, branch.conv3)] == [256, 512, 512]
    assert (branch.conv2.groups, branch.conv1.stride, branch.conv2.stride) == (64, (1, 1), (2, 2))
    assert net.classifier.dropout.p == 0.2


def test_dropout_acts_in_training_only():
    built = architecture("senet154", NONE, input_shape=(3, 16, 16), classes=3, width=1)
    net = build(built)
    assert (net.train().classifier.dropout.training, net.eval().classifier.dropout.training) == (True, False)


def test_images_that_pooling_would_leave_empty_are_refused():
    with pytest.raises(OptionError, match="at least 3 x 3 pixels"):
        architecture("senet154", NONE, input_shape=(3, 2, 9))


@pytest.mark.parametrize("width", [1, 3, 32])
def test_width_scales_every_layer_and_the_groups(width):
    built = imagenet("senet154", width=width)
    branch = build(built).stage3[1].branch
    assert [conv.out_channels for conv in (branch.conv1, branch.conv2, branch.conv3)] == [
        8 * width,
        16 * width,
        16 * width,
    ]
    assert branch.conv2.groups == width


@pytest.mark.slow  # a quarter of a minute; tests/every has every integration, too
def test_every_slot_counts_what_it_builds_and_trains():
    shape = (3, 61, 50)
    counts_agree(architecture("senet154", NONE, input_shape=shape, classes=7, width=2))
    counts_agree(
        architecture("senet154", Axes(reduction=2, **SLOTS["inner_3x3"]), input_shape=shape, classes=7, width=2)
    )
    for slot in SLOTS:
        axes = Axes(excite="full", bias=True, stages=(1, 4), **SLOTS[slot])
        trains(architecture("senet154", axes, input_shape=(3, 64, 64), classes=7, width=2))
