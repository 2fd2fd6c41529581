"""Weights of torchvision's and timm's nets in ours: the same logits, and errors that name what does not fit."""

import pytest
import torch
import torchvision
from timm.models import senet
from torch import nn

from se_bench.config.axes import Axes
from se_bench.errors import OptionError, UnknownNameError
from se_bench.nets.build import build
from se_bench.nets.weights import FAMILIES, load_reference, translate
from tests.nets.modules import architecture, initialised

SIDE, CLASSES = 64, 11
NONE = Axes(block="none")
RELEASED = Axes(reduction=16, bias=True, hidden_width="floor")
CAFFE = {"stride_in": "1x1", "stem_pool": "ceil"}

# (family, the reference net, our backbone, its axes and options)
NETS = [
    ("torchvision_resnet", torchvision.models.resnet50, "resnet50", NONE, {}),
    ("torchvision_resnet", torchvision.models.resnet18, "resnet18", NONE, {}),
    ("torchvision_resnet", torchvision.models.resnext50_32x4d, "resnext50_32x4d", NONE, {}),
    ("timm_legacy_seresnet", senet.legacy_seresnet50, "resnet50", RELEASED, CAFFE),
    (
        "timm_legacy_seresnet",
        senet.legacy_seresnext50_32x4d,
        "resnext50_32x4d",
        RELEASED,
        {"stem_pool": "ceil"},
    ),
    ("torchvision_vgg16_bn", torchvision.models.vgg16_bn, "vgg16_bn", NONE, {}),
]
IDS = [f"{backbone}-{family}" for family, _, backbone, _, _ in NETS]


def random(net, seed=0):
    """Random weights of a size that keeps activations near one, and statistics that are not those of a new net."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for module in net.modules():
            if isinstance(module, nn.Conv2d | nn.Linear):
                module.weight.normal_(0.0, (2.0 / module.weight[0].numel()) ** 0.5, generator=generator)
            if isinstance(module, nn.BatchNorm2d):
                module.weight.uniform_(0.2, 1.0, generator=generator)
                module.running_mean.normal_(0.0, 0.2, generator=generator)
                module.running_var.uniform_(0.5, 2.0, generator=generator)
                module.num_batches_tracked.fill_(3)
            if getattr(module, "bias", None) is not None:
                module.bias.normal_(0.0, 0.2, generator=generator)
    return net.eval()


def reference(make):
    with torch.device("meta"):
        net = make(num_classes=CLASSES)
    return random(net.to_empty(device="cpu"))


def ours(backbone, axes, options):
    built = architecture(backbone, axes, input_shape=(3, SIDE, SIDE), classes=CLASSES, **options)
    return build(built).to_empty(device="cpu").eval()


@pytest.mark.parametrize(("family", "make", "backbone", "axes", "options"), NETS, ids=IDS)
def test_logits_are_the_reference_s(family, make, backbone, axes, options):
    theirs, net = reference(make), ours(backbone, axes, options)
    load_reference(net, theirs.state_dict(), family)
    images = torch.randn(2, 3, SIDE, SIDE, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        expected, logits = theirs(images), net(images)
    assert expected.isfinite().all()
    assert expected.std() > 0.1
    torch.testing.assert_close(logits, expected, rtol=0, atol=1e-5)


@pytest.mark.parametrize("options", [{"stride_in": "1x1"}, {"stem_pool": "ceil"}, {}])
def test_the_pooling_and_the_stride_are_both_part_of_the_net(options):
    """The names and shapes of the four nets are the same; their logits are not."""
    theirs = reference(senet.legacy_seresnet50)
    net = load_reference(ours("resnet50", RELEASED, options), theirs.state_dict(), "timm_legacy_seresnet")
    images = torch.randn(2, 3, SIDE, SIDE, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        assert (theirs(images) - net(images)).abs().max() > 0.01


@pytest.fixture
def small():
    """A reference of few megabytes and our net for it."""
    built = architecture("resnet18", NONE, input_shape=(3, SIDE, SIDE), classes=CLASSES)
    return reference(torchvision.models.resnet18).state_dict(), initialised(built)


def test_an_unknown_name_a_missing_one_and_a_wrong_shape_are_all_named_and_nothing_is_loaded(small):
    state, net = small
    before = {name: value.clone() for name, value in net.state_dict().items()}
    state["layer1.0.conv3.weight"] = torch.zeros(1)
    state["no.such.layer"] = torch.zeros(1)
    state["fc.weight"] = torch.zeros(2, 512)
    del state["layer4.1.bn2.running_var"]
    with pytest.raises(OptionError) as refused:
        load_reference(net, state, "torchvision_resnet")
    message = str(refused.value)
    assert "unknown: layer1.0.conv3.weight, no.such.layer;" in message
    assert "missing: stage4.1.branch.norm2.running_var;" in message
    assert "of another shape: fc.weight (2, 512) for classifier.weight (11, 512)" in message
    after = net.state_dict()
    assert all(torch.equal(after[name], value) for name, value in before.items())


def test_a_net_with_a_block_lacks_it_in_weights_without_one():
    state = reference(torchvision.models.resnet18).state_dict()
    with pytest.raises(OptionError, match=r"missing: stage1\.0\.block\.excite\.down\.weight, "):
        load_reference(ours("resnet18", RELEASED, {}), state, "torchvision_resnet")


def test_files_from_before_batches_were_counted_load(small):
    state, net = small
    load_reference(
        net, {name: value for name, value in state.items() if "num_batches" not in name}, "torchvision_resnet"
    )
    assert torch.equal(net.state_dict()["stage2.0.shortcut.1.running_var"], state["layer2.0.downsample.1.running_var"])


def test_an_unknown_family_is_refused_with_the_known_ones(small):
    state, net = small
    with pytest.raises(UnknownNameError) as refused:
        load_reference(net, state, "torchvision_resnets")
    assert refused.value.nearest == "torchvision_resnet"
    assert set(refused.value.allowed) == set(FAMILIES)


@pytest.mark.parametrize(
    ("family", "theirs", "translated"),
    [
        ("torchvision_resnet", "layer3.12.conv2.weight", "stage3.12.branch.conv2.weight"),
        ("torchvision_resnet", "layer2.0.downsample.1.running_mean", "stage2.0.shortcut.1.running_mean"),
        ("torchvision_resnet", "layer1.0.se_module.fc1.bias", None),
        ("timm_legacy_seresnet", "layer1.0.se_module.fc1.bias", "stage1.0.block.excite.down.bias"),
        ("timm_legacy_senet154", "layer0.bn3.weight", "stem.2.norm.weight"),
        ("torchvision_vgg16_bn", "features.7.weight", "stage2.0.layer.conv.weight"),
        ("torchvision_vgg16_bn", "features.41.running_var", "stage5.2.layer.norm.running_var"),
        ("torchvision_vgg16_bn", "classifier.6.bias", "classifier.linear3.bias"),
        ("torchvision_vgg16_bn", "features.6.weight", None),
    ],
)
def test_names(family, theirs, translated):
    assert translate(theirs, family) == translated
