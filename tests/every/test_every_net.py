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
CLASSES = 7


def spellings(backbone):
    """Without a block, and each block at each integration that all places of the backbone offer."""
    family = registry.load("backbone", backbone)
    places = family.places(family.defaults)
    offered = [name for name in places[0].channels if all(name in place.channels for place in places)]
    yield Axes(block="none")
    for block in registry.names("block"):
        for integration in offered:
            # r = 1: an excitation of one or two units can be dead for a whole batch, and then has no gradient
            yield Axes(block=block, reduction=1).model_copy(update={"integration": integration})


NETS = [
    pytest.param(backbone, axes, id=f"{backbone}-{axes.block}-{axes.integration}")
    for backbone in BACKBONES
    for axes in spellings(backbone)
]


def architecture(backbone, axes, side=16):
    return resolve(BackboneChoice(name=backbone), axes, (3, side, side), CLASSES)


def net(built):
    return materialise(build(built), lambda name: seeds.generator(0, "init", name))


def images(count, side):
    return torch.randn(count, 3, side, side, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize("side", [16, 32])
@pytest.mark.parametrize(("backbone", "axes"), NETS)
def test_logits_are_finite_and_one_for_each_class(backbone, axes, side):
    module = net(architecture(backbone, axes, side)).eval()
    with torch.no_grad():
        logits = module(images(2, side))
    assert logits.shape == (2, CLASSES)
    assert logits.isfinite().all()


@pytest.mark.parametrize(("backbone", "axes"), NETS)
def test_gradients_reach_every_parameter_and_image_and_everything_stays_finite(backbone, axes):
    module = net(architecture(backbone, axes)).train()
    x = images(2, 16).requires_grad_()
    F.cross_entropy(module(x), torch.tensor([1, 4])).backward()
    assert x.grad.flatten(1).any(dim=1).all()
    unreached = [name for name, value in module.named_parameters() if value.grad is None or not value.grad.any()]
    assert unreached == []
    assert all(value.grad.isfinite().all() for value in module.parameters())
    assert all(value.isfinite().all() for value in module.state_dict().values())


@pytest.mark.parametrize(("backbone", "axes"), NETS)
def test_the_count_knows_every_operator_and_parameter(backbone, axes):
    built = architecture(backbone, axes)
    cost = count(built)
    module = build(built)
    assert cost.params == sum(value.numel() for value in module.parameters())
    assert cost.buffers == sum(value.numel() for value in module.buffers())
    assert min(cost.macs, cost.elementwise, cost.activations) > 0


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
    default = resolve(BackboneChoice(name=backbone), Axes(), (3, 16, 16), CLASSES)
    for option, allowed in family.allowed.items():
        values = (allowed[0], allowed[1]) if isinstance(allowed, range) else allowed
        for value in values:
            built = resolve(BackboneChoice(name=backbone, **{option: value}), Axes(), (3, 16, 16), CLASSES)
            assert (built == default) == (value == family.defaults[option])
            assert build(built)(images(2, 16).to("meta")).shape == (2, CLASSES)
        with pytest.raises(OptionError) as refused:
            resolve(BackboneChoice(name=backbone, **{option: "no such value"}), Axes(), (3, 16, 16), CLASSES)
        assert refused.value.key == option


@pytest.mark.parametrize("backbone", BACKBONES)
def test_an_unknown_option_of_a_backbone_is_refused(backbone):
    with pytest.raises(OptionError) as refused:
        resolve(BackboneChoice(name=backbone, no_such_option=1), Axes(), (3, 16, 16), CLASSES)
    assert refused.value.key == "no_such_option"
    assert refused.value.allowed == tuple(registry.load("backbone", backbone).defaults)


@pytest.mark.parametrize("backbone", BACKBONES)
def test_a_stage_or_integration_beyond_the_backbone_s_is_refused(backbone):
    for axis, value in {"stages": (99,), "integration": "nowhere"}.items():
        with pytest.raises(OptionError) as refused:
            architecture(backbone, Axes().model_copy(update={axis: value}))
        assert refused.value.key == axis
