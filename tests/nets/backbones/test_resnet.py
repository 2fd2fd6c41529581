"""ImageNet ResNets and ResNeXts: costs of timm, torchvision, the CSV and the papers; options; every slot."""

import pytest
import timm
import torchvision

from se_bench.config.axes import Axes
from se_bench.cost.count import count
from se_bench.errors import OptionError
from se_bench.nets.build import build
from tests.nets.backbones.checks import counts_agree, trains
from tests.nets.backbones.references import BASIC_SLOTS, NONE, RELEASED, SLOTS, imagenet, ours, row, theirs
from tests.nets.modules import architecture

CAFFE = {"stride_in": "1x1", "stem_pool": "ceil"}
PLAIN = ["resnet18", "resnet34", "resnet50", "resnet101", "resnet152", "resnext50_32x4d"]
SE = [
    ("legacy_seresnet18", "resnet18", {"stem_pool": "ceil"}),
    ("legacy_seresnet34", "resnet34", {"stem_pool": "ceil"}),
    ("legacy_seresnet50", "resnet50", CAFFE),
    ("legacy_seresnext50_32x4d", "resnext50_32x4d", {"stem_pool": "ceil"}),
]


@pytest.mark.parametrize("name", PLAIN)
def test_costs_of_torchvision_s_nets(name):
    assert ours(imagenet(name)) == theirs(getattr(torchvision.models, name), 224)


def test_costs_of_timm_s_resnext_101():
    assert ours(imagenet("resnext101_32x4d")) == theirs(timm.create_model, 224, model_name="resnext101_32x4d")


@pytest.mark.parametrize(("name", "backbone", "options"), SE)
def test_costs_of_timm_s_legacy_se_nets_on_images_whose_halves_are_odd(name, backbone, options):
    """Where pooling rounds sizes up or down; their costs at 224 are in the reference file."""
    built = architecture(backbone, RELEASED, input_shape=(3, 61, 61), classes=1000, **options)
    assert ours(built) == theirs(timm.create_model, 61, model_name=name)


@pytest.mark.parametrize("name", ["seresnet18", "seresnet34"])
def test_costs_of_timm_s_se_nets_with_its_own_width_rule(name):
    built = imagenet(name[2:], Axes(reduction=16, bias=True, hidden_width="timm"))
    assert ours(built) == theirs(timm.create_model, 224, model_name=name)


@pytest.mark.parametrize(
    ("backbone", "variant", "built"),
    [
        ("resnet18", "reference model", imagenet("resnet18")),
        ("resnet50", "reference model", imagenet("resnet50")),
        ("resnext50_32x4d", "reference model", imagenet("resnext50_32x4d")),
        *((name, "reference model", imagenet(own, RELEASED, **options)) for name, own, options in SE),
        ("R50-caffe", "none", imagenet("resnet50", **CAFFE)),
        ("R50-caffe", "standard r16 nobias", imagenet("resnet50", Axes(reduction=16), **CAFFE)),
        ("R50-caffe", "standard r4 nobias", imagenet("resnet50", Axes(reduction=4), **CAFFE)),
        (
            "R50-caffe",
            "identity r16 nobias",
            imagenet("resnet50", Axes(reduction=16, integration="identity"), **CAFFE),
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_costs_of_the_reference_file(backbone, variant, built):
    assert ours(built) == row(backbone, variant)


def resnet50(**axes):
    return count(imagenet("resnet50", Axes(**axes), stride_in="1x1"))


@pytest.mark.parametrize(
    ("slot", "weights"),
    [
        ("standard", 2_514_944),
        ("pre", 1_991_168),
        ("pre_unit", 1_991_168),
        ("post", 2_514_944),
        ("identity", 2_514_944),
        ("inner_3x3", 157_184),
        ("inner_3x3_norm", 157_184),
        ("inner_3x3_conv", 157_184),
    ],
)
def test_weights_that_a_block_adds_to_a_resnet_50_in_each_slot(slot, weights):
    """FACTS section 1: r = 16 without biases; each weight is one multiplication."""
    plain, cost = resnet50(block="none"), resnet50(reduction=16, **SLOTS[slot])
    assert (cost.params - plain.params, cost.macs - plain.macs) == (weights, weights)
    assert (plain.block_params, cost.block_params) == (0, weights)


@pytest.mark.parametrize(("stage", "weights"), [(1, 24_576), (2, 131_072), (3, 786_432), (4, 1_572_864)])
def test_weights_that_blocks_in_one_stage_add(stage, weights):
    """Table 13's stages 2 to 4, conv2_x to conv4_x, and conv5_x which it leaves out."""
    assert resnet50(reduction=16, stages=(stage,)).block_params == weights


def test_a_block_at_every_position():
    """Table 16, NoSqueeze: 4.27 GFLOPs."""
    cost = resnet50(reduction=16, squeeze="none")
    assert round(cost.macs / 1e9, 3) == 4.269
    assert cost.params == resnet50(reduction=16).params


BIASED = {"reduction": 16, "bias": True}


@pytest.mark.parametrize(
    ("backbone", "stride_in", "axes", "gflops"),
    [
        ("resnet50", "1x1", {"block": "none"}, 3.86),
        ("resnet50", "1x1", BIASED, 3.87),
        ("resnet101", "1x1", {"block": "none"}, 7.58),
        ("resnet101", "1x1", BIASED, 7.60),
        ("resnet152", "1x1", {"block": "none"}, 11.30),
        ("resnet152", "1x1", BIASED, 11.32),
        ("resnext50_32x4d", "3x3", {"block": "none"}, 4.24),
        ("resnext50_32x4d", "3x3", BIASED, 4.25),
        ("resnext101_32x4d", "3x3", {"block": "none"}, 7.99),
        ("resnext101_32x4d", "3x3", BIASED, 8.00),
    ],
)
def test_printed_multiplications(backbone, stride_in, axes, gflops):
    """Hu et al., Table 2; MACs of convolutions and linear layers."""
    cost = count(imagenet(backbone, Axes(**axes), stride_in=stride_in))
    assert cost.macs / 1e9 == pytest.approx(gflops, abs=0.04)


@pytest.mark.parametrize(
    ("axes", "millions"),
    [
        ({"block": "none"}, 25.6),
        ({"reduction": 2}, 45.7),
        ({"reduction": 4}, 35.7),
        ({"reduction": 8, "bias": True}, 30.7),
        ({"reduction": 16}, 28.1),
        ({"reduction": 32}, 26.9),
        ({"reduction": 16, "stages": (1,)}, 25.6),
        ({"reduction": 16, "stages": (2,)}, 25.7),
        ({"reduction": 16, "stages": (3,)}, 26.4),
        ({"reduction": 16, "integration": "inner_3x3"}, 25.8),
        ({"reduction": 16, "squeeze": "none"}, 28.1),
    ],
)
def test_printed_parameters(axes, millions):
    """Hu et al., Tables 10, 13, 15 and 16; with the running statistics, which reproduces every digit."""
    cost = resnet50(**axes)
    norms = sum(name.endswith("num_batches_tracked") for name in dict(build(imagenet("resnet50")).named_buffers()))
    assert (cost.params + cost.buffers - norms) / 1e6 == pytest.approx(millions, abs=0.05)


def test_stride_and_pooling_are_separate_options_that_cost_and_move_different_things():
    both = [
        imagenet("resnet50", stride_in=stride, stem_pool=pool)
        for stride in ("1x1", "3x3")
        for pool in ("padded", "ceil")
    ]
    assert [ours(built) for built in both] == [(25_557_032, 3_857_973_248)] * 2 + [(25_557_032, 4_089_184_256)] * 2
    strides = [[unit.branch.conv1.stride, unit.branch.conv2.stride] for unit in build(both[0]).stage2]
    assert strides == [[(2, 2), (1, 1)]] + [[(1, 1), (1, 1)]] * 3
    strides = [[unit.branch.conv1.stride, unit.branch.conv2.stride] for unit in build(both[3]).stage2]
    assert strides == [[(1, 1), (2, 2)]] + [[(1, 1), (1, 1)]] * 3


@pytest.mark.parametrize("backbone", ["resnet18", "resnet34", "resnext50_32x4d", "resnext101_32x4d"])
def test_where_no_1x1_can_carry_the_stride_only_3x3_is_a_value(backbone):
    assert imagenet(backbone, Axes(block="none", stride_in="3x3")) == imagenet(backbone)
    with pytest.raises(OptionError) as refused:
        imagenet(backbone, Axes(block="none", stride_in="1x1"))
    assert (refused.value.key, refused.value.allowed) == ("stride_in", ("3x3",))


def test_a_basic_unit_has_no_place_inside_a_3x3():
    with pytest.raises(OptionError) as refused:
        imagenet("resnet18", Axes(integration="inner_3x3"))
    assert refused.value.allowed == ("standard", "pre", "post", "identity")


@pytest.mark.parametrize("width", [2, 3, 9, 64, 100])
def test_a_resnext_of_any_width_has_groups_of_four_channels(width):
    net = build(imagenet("resnext50_32x4d", width=width))
    conv = net.stage1[0].branch.conv2
    assert (conv.groups, conv.in_channels) == (width // 2, width // 2 * 4)
    assert net.classifier.in_features == 32 * width


@pytest.mark.parametrize("backbone", ["resnet18", "resnet50", "resnext50_32x4d"])
def test_a_unit_names_the_channels_of_each_slot(backbone):
    for slot, axes in SLOTS.items():
        if backbone == "resnet18" and slot not in BASIC_SLOTS:
            continue
        sites = imagenet(backbone, Axes(reduction=2, **axes)).sites
        first, second = sites["stage2.0"], sites["stage2.1"]
        assert first["integration"] == slot
        assert second["integration"] == ("identity" if slot == "identity_before" else slot)


# (backbone, options, the slots that are also counted whole)
SMALL = [
    ("resnet18", {"width": 3, "stem_pool": "ceil"}, ["pre_unit", "post"]),
    ("resnet50", {"width": 3, "stride_in": "1x1"}, ["standard", "pre", "identity_before", "inner_3x3_conv"]),
    ("resnext50_32x4d", {"width": 4}, ["identity", "inner_3x3"]),
]


@pytest.mark.parametrize(("backbone", "options", "slots"), SMALL)
def test_a_slot_counts_what_it_builds(backbone, options, slots):
    shape = (3, 61, 50)
    counts_agree(architecture(backbone, NONE, input_shape=shape, classes=7, **options))
    for number, slot in enumerate(slots):
        axes = {"reduction": 2, "bias": True} if number % 2 else {"squeeze": "none", "excite": "full"}
        counts_agree(architecture(backbone, Axes(**axes, **SLOTS[slot]), input_shape=shape, classes=7, **options))


@pytest.mark.parametrize(("backbone", "options", "_"), SMALL)
def test_every_slot_trains(backbone, options, _):
    for slot in BASIC_SLOTS if backbone == "resnet18" else SLOTS:
        axes = Axes(excite="full", bias=True, **SLOTS[slot])  # no ReLU that could be dead in so narrow a block
        trains(architecture(backbone, axes, input_shape=(3, 64, 64), classes=7, **options))
