"""Two spellings of one net are one candidate, and two nets are two. Ids are kept for ever."""

import json

import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from se_bench import registry
from se_bench.config.axes import Axes
from se_bench.nets.architecture import Architecture, content_id
from se_bench.nets.backbones.residual import ResidualUnit
from se_bench.nets.build import build
from tests.nets.modules import architecture, initialised, scrambled

names = registry.names
axes = st.builds(
    Axes,
    block=st.sampled_from(["se", "se", "se", "none", "ese", "ge_theta_minus", "sge", "simam"]),
    squeeze=st.sampled_from(names("squeeze")),
    excite=st.sampled_from(names("excite")),
    gate=st.sampled_from(["sigmoid", "hard_sigmoid"]),
    reduction=st.sampled_from([1, 15, 16, 17, 64, 4096, (16, 16, 16), (4, 64, 64)]),
    hidden_width=st.sampled_from(["round", "floor", "timm"]),
    bias=st.booleans(),
    groups=st.sampled_from([1, 2, 4, 16]),
    kernel_size=st.sampled_from(["adaptive", 1, 3]),
    reading=st.sampled_from(["descriptor", "spatial"]),
    shared=st.booleans(),
    global_weight=st.booleans(),
    integration=st.sampled_from(["standard", "pre", "post", "identity"]),
    pre_scope=st.sampled_from(["branch", "unit"]),
    identity_side=st.sampled_from(["after", "before"]),
    stages=st.sampled_from(["all", (1, 2, 3), (3, 1, 2, 1), (1,), (2, 3), (3, 2), ()]),
    every=st.sampled_from([1, 2]),
    shortcut=st.sampled_from([None, "A", "B"]),
    width=st.sampled_from([None, 16, 32]),
)


def structure(built):
    """What the module is, read from the module itself."""
    net = build(built)
    slots = [module.slot for module in net.modules() if isinstance(module, ResidualUnit)]
    return str(net), slots, {name: value.shape for name, value in net.state_dict().items()}


def behaviour(built):
    """What the net answers, at the values that a trial starts with and at values where nothing is zero or one."""
    images = torch.randn(2, *built.input_shape, generator=torch.Generator().manual_seed(3), dtype=torch.float64)
    start = initialised(built).eval()
    with torch.no_grad():
        return start(images.float()), scrambled(initialised(built))(images)


@st.composite
def neighbours(draw):
    """Two spellings that differ in one to three axes: near enough to be the same net now and then."""
    one, other = draw(axes), draw(axes)
    changed = draw(st.sets(st.sampled_from(sorted(Axes.model_fields)), min_size=1, max_size=3))
    return one, one.model_copy(update={name: getattr(other, name) for name in changed})


@settings(max_examples=200, deadline=None)
@given(neighbours())
def test_identities_are_equal_exactly_where_the_nets_are(pair):
    first, second = (architecture(axes=each) for each in pair)
    same = first.architecture_id == second.architecture_id
    assert same == (first.as_data() == second.as_data())
    alike = structure(first) == structure(second)
    if same:
        assert alike
    elif alike:  # the difference is in the arithmetic alone
        (_, one), (_, other) = behaviour(first), behaviour(second)
        assert not torch.equal(one, other)


@settings(max_examples=40, deadline=None)
@given(neighbours())
def test_equal_identities_start_from_equal_values_and_answer_alike(pair):
    first, second = (architecture(axes=each) for each in pair)
    assume(first.architecture_id == second.architecture_id)
    for one, other in zip(behaviour(first), behaviour(second), strict=True):
        assert torch.equal(one, other)


@given(axes, axes)
def test_without_a_block_no_axis_of_blocks_matters(one, other):
    backbone = {"shortcut": "B", "width": 8}
    spellings = [Axes.read({**each.model_dump(), "block": "none", **backbone}) for each in (one, other)]
    first, second = (architecture(axes=spelling).architecture_id for spelling in spellings)
    assert first == second


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"reduction": 64}, {"reduction": 4096}),  # beyond the channels every width is one
        ({"reduction": 128}, {"reduction": 64}),
        ({"stages": "all"}, {"stages": (1, 2, 3)}),
        ({"stages": ("stage1", 3)}, {"stages": (1, 3)}),
        ({"reduction": (16, 16, 16)}, {"reduction": 16}),
        ({"every": 2}, {"every": 7}),  # one unit a stage
        ({"excite": "grouped_full", "groups": 1}, {"excite": "full"}),
        ({"excite": "grouped_full", "groups": 16, "stages": (1,)}, {"excite": "diagonal", "stages": (1,)}),
        ({"excite": "full", "bias": True, "gate": "hard_sigmoid"}, {"block": "ese"}),
        ({"excite": "parameter_free"}, {"block": "ge_theta_minus", "gate": "softmax"}),
        ({"excite": "conv1d", "kernel_size": "adaptive"}, {"excite": "conv1d", "kernel_size": 3}),  # up to 64 channels
        (
            {"excite": "grouped_shared", "groups": 1, "global_weight": False},
            {"excite": "conv1d"},
        ),
        ({"excite": "parameter_free", "bias": True}, {"excite": "parameter_free", "reduction": 2, "groups": 3}),
        ({"identity_side": "before"}, {"pre_scope": "unit", "inner_position": "conv"}),
        (
            {"integration": "identity", "identity_side": "before", "stages": (1,)},
            {"integration": "identity", "stages": (1,)},
        ),
        ({"stages": (1, 3)}, {"stages": (3, 1, 3)}),
        ({"stages": ()}, {"block": "none"}),
        ({"stages": ()}, {"block": "none", "gate": "softmax", "reduction": 2, "stages": (9,)}),
        ({"stages": (1,), "reduction": 16}, {"stages": (1,), "reduction": 4096}),  # 16 channels there
        ({"shortcut": "A"}, {"shortcut": None}),
        ({"width": 16}, {}),
        ({"backbone": "cifar_resnet8"}, {}),
    ],
)
def test_spellings_of_one_net(one, other):
    first, second = architecture(axes=Axes(**one)), architecture(axes=Axes(**other))
    assert first == second
    assert first.architecture_id == second.architecture_id
    assert structure(first) == structure(second)


@pytest.mark.parametrize(
    "change",
    [
        {"block": "none"}, {"squeeze": "max"}, {"gate": "softmax"}, {"reduction": 8}, {"bias": True},
        {"integration": "post"}, {"stages": (1, 2)}, {"shortcut": "B"}, {"width": 15},
        {"backbone": "cifar_resnet20"},
    ],
)  # fmt: skip
def test_every_axis_can_make_another_net(change):
    assert architecture(axes=Axes(**change)).architecture_id != architecture().architecture_id


def test_the_images_and_classes_belong_to_a_net():
    ids = {
        architecture(input_shape=shape, classes=classes).architecture_id
        for shape in ((3, 16, 16), (3, 32, 32), (1, 16, 16))
        for classes in (10, 100)
    }
    assert len(ids) == 6


@settings(max_examples=40, deadline=None)
@given(axes)
def test_plain_data_gives_the_net_back_whatever_the_order_of_its_keys(axes):
    built = architecture(axes=axes)
    text = json.dumps(built.as_data())
    backwards = json.loads(text, object_pairs_hook=lambda pairs: dict(reversed(pairs)))
    for data in (json.loads(text), backwards):
        again = Architecture.from_data(data)
        assert again == built
        assert again.architecture_id == built.architecture_id
        assert structure(again) == structure(built)


def test_another_backbone_does_not_inherit_the_options_of_the_setting_s():
    setting = {"shortcut": "B", "width": 4}
    assert architecture(**setting).options == setting
    assert architecture(axes=Axes(backbone="cifar_resnet20"), **setting).options == {}
    assert architecture(axes=Axes(shortcut="A"), **setting).options == {"width": 4}


def test_a_site_says_all_that_is_built_there():
    built = architecture(axes=Axes(reduction=4, stages=(2,), bias=True, integration="post"))
    assert built.sites == {
        "stage2.0": {
            "integration": "post",
            "block": "se",
            "channels": 32,
            "squeeze": {"op": "avg"},
            "excite": {"op": "bottleneck", "hidden": 8, "bias": True},
            "gate": {"op": "sigmoid"},
        }
    }


@pytest.mark.parametrize(
    ("backbone", "spelling", "identity"),
    [
        ("cifar_resnet8", {"block": "none"}, "d8a7a6db0a29451895f610d1843f0c86"),
        ("cifar_resnet8", {}, "c6a1ccd201659313208353bc3ca73dae"),
        ("cifar_resnet20", {"gate": "softmax", "stages": (1,), "shortcut": "B"}, "203ccb9a61534d0cdf1505045f1662c6"),
    ],
)
def test_identities_never_change(backbone, spelling, identity):
    """Finished trials are found by them in every database there is."""
    assert architecture(backbone, Axes(**spelling)).architecture_id == identity


def test_an_id_is_the_hash_of_the_canonical_text():
    assert (
        content_id({"b": [1, 2.5], "a": "é"})
        == content_id({"a": "é", "b": [1, 2.5]})
        == "b419c1e91a2916818641258b218eee78"
    )
    with pytest.raises(ValueError, match="not JSON compliant"):
        content_id({"a": float("nan")})
