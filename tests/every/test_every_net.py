"""Whatever is registered: every backbone with every block, at every place that it offers."""

import pytest
import torch
from torch.nn import functional as F

from se_bench import registry
from se_bench.config.axes import Axes
from se_bench.config.setting import BackboneChoice
from se_bench.cost.count import count
from se_bench.errors import OptionError
from se_bench.nets.build import build, resolve
from se_bench.nets.init import materialise
from se_bench.training import seeds

BACKBONES = registry.names("backbone")
BLOCKS = registry.names("block")
CLASSES = 7
SIDE = 80
"""An image that every backbone takes."""
NARROW = 8
"""Channels of the first stage, where a backbone has the option: the tests need its structure, not its size."""

# r = 1: an excitation of one or two units can be dead for a whole batch, and then has no gradient
SPELLINGS = (Axes(block="none"), Axes(block="se", reduction=1))
BARE_AND_SE = [
    pytest.param(backbone, axes, id=f"{backbone}-{axes.block}") for backbone in BACKBONES for axes in SPELLINGS
]


def least_side(backbone):
    return max(16, getattr(registry.load("backbone", backbone), "least_input", 1))


def narrow(backbone):
    """The backbone's options for the narrowest net that still has its structure."""
    widths = registry.load("backbone", backbone).allowed.get("width")
    return {} if widths is None else {"width": max(NARROW, widths[0])}


def architecture(backbone, axes, side=None):
    side = side or least_side(backbone)
    return resolve(BackboneChoice(name=backbone, **narrow(backbone)), axes, (3, side, side), CLASSES)


def net(built):
    return materialise(build(built), lambda name: seeds.generator(0, "init", name))


def images(count, side):
    return torch.randn(count, 3, side, side, generator=torch.Generator().manual_seed(1))


def integrations(backbone):
    """The axes of each integration that some place of the backbone offers."""
    family = registry.load("backbone", backbone)
    slots = {slot for place in family.places(family.defaults) for slot in place.channels}
    for name in ("standard", "pre", "post", "identity", "inner_3x3"):
        if name in slots:
            yield Axes(integration=name, reduction=4)


@pytest.mark.parametrize(("backbone", "axes"), BARE_AND_SE)
def test_a_net_answers_and_learns(backbone, axes):
    """Logits are finite, one for each class; gradients reach every weight and image, and all stays finite."""
    built = architecture(backbone, axes)
    module = net(built).eval()
    x = images(2, built.input_shape[1])
    with torch.no_grad():
        logits = module(x)
    assert logits.shape == (2, CLASSES)
    assert logits.isfinite().all()

    x.requires_grad_()
    F.cross_entropy(module.train()(x), torch.tensor([1, 4])).backward()
    assert x.grad.flatten(1).any(dim=1).all()
    # A bias in front of a linear layer and another BatchNorm has no effect, and so a gradient of zero.
    needed = {name: value.grad for name, value in module.named_parameters() if value.ndim > 1}
    assert [name for name, gradient in needed.items() if gradient is None or not gradient.any()] == []
    assert all(value.grad.isfinite().all() for value in module.parameters())
    assert all(value.isfinite().all() for value in module.state_dict().values())


@pytest.mark.slow  # a minute; tests/nets/backbones has the families' own slots in the default suite
@pytest.mark.parametrize("backbone", BACKBONES)
def test_every_integration_is_built_and_counted(backbone):
    for axes in integrations(backbone):
        built = architecture(backbone, axes)
        cost = count(built)
        module = build(built)
        assert cost.params == sum(value.numel() for value in module.parameters())
        assert cost.buffers == sum(value.numel() for value in module.buffers())
        assert min(cost.macs, cost.elementwise, cost.activations, cost.block_params) > 0


@pytest.mark.parametrize("backbone", BACKBONES)
def test_any_size_of_image_will_do(backbone):
    for side in (least_side(backbone) + 1, least_side(backbone) + 17):
        module = build(architecture(backbone, Axes(), side)).eval()
        assert module(images(2, side).to("meta")).shape == (2, CLASSES)


@pytest.mark.parametrize("block", BLOCKS)
@pytest.mark.parametrize("integration", ["standard", "pre", "post", "identity"])
def test_every_block_learns_in_every_place(block, integration):
    axes = Axes(block=block, integration=integration, reduction=1)
    module = net(architecture("cifar_resnet8", axes)).train()
    moved_from_the_start(module)
    F.cross_entropy(module(images(4, 16)), torch.tensor([1, 4, 0, 2])).backward()
    assert [name for name, value in module.named_parameters() if value.grad is None or not value.grad.any()] == []


def moved_from_the_start(module):
    """Some blocks start as a constant scale: a weight of theirs has a gradient only once another has moved."""
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for value in module.parameters():
            value.add_(0.05 * torch.randn(value.shape, generator=generator))


@pytest.mark.parametrize("backbone", BACKBONES)
def test_places_are_modules_in_the_stage_that_they_name_in_the_order_of_the_net(backbone):
    family = registry.load("backbone", backbone)
    places = family.places(family.defaults)
    module = build(architecture(backbone, Axes(block="none")))
    units = [place.unit for place in places]
    assert len(set(units)) == len(units) > 0
    assert [name for name, _ in module.named_modules() if name in units] == units
    # Gradient norms find a stage by its name.
    assert all(place.unit.startswith(f"stage{place.stage}.") for place in places)
    assert sorted({place.stage for place in places}) == list(range(1, places[-1].stage + 1))


@pytest.mark.parametrize("backbone", BACKBONES)
def test_every_value_of_a_backbone_s_option_is_built_or_refused(backbone):
    family = registry.load("backbone", backbone)
    default = resolve(BackboneChoice(name=backbone), Axes(), (3, SIDE, SIDE), CLASSES)
    for option, allowed in family.allowed.items():
        values = (allowed[0], allowed[1]) if isinstance(allowed, range) else allowed
        for value in values:
            built = resolve(BackboneChoice(name=backbone, **{option: value}), Axes(), (3, SIDE, SIDE), CLASSES)
            assert (built == default) == (value == family.defaults[option])
            assert build(built)(images(2, SIDE).to("meta")).shape == (2, CLASSES)
        with pytest.raises(OptionError) as refused:
            resolve(BackboneChoice(name=backbone, **{option: "no such value"}), Axes(), (3, SIDE, SIDE), CLASSES)
        assert refused.value.key == option


@pytest.mark.parametrize("backbone", BACKBONES)
def test_an_unknown_option_of_a_backbone_is_refused(backbone):
    with pytest.raises(OptionError) as refused:
        resolve(BackboneChoice(name=backbone, no_such_option=1), Axes(), (3, SIDE, SIDE), CLASSES)
    assert refused.value.key == "no_such_option"
    assert refused.value.allowed == tuple(registry.load("backbone", backbone).defaults)


@pytest.mark.parametrize("backbone", BACKBONES)
def test_a_stage_or_integration_beyond_the_backbone_s_is_refused(backbone):
    for axis, value in {"stages": (99,), "integration": "nowhere"}.items():
        with pytest.raises(OptionError) as refused:
            architecture(backbone, Axes().model_copy(update={axis: value}))
        assert refused.value.key == axis
