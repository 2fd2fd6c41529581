"""Reading and exchanging the gates of a net, against nets without the block and by hand."""

import pytest
import torch

from se_bench import registry
from se_bench.config.axes import Axes
from se_bench.config.setting import BackboneChoice
from se_bench.errors import OptionError
from se_bench.nets.blocks.base import ScalingBlock
from se_bench.nets.build import build, resolve
from se_bench.nets.gates import gated_units, reading, replaced
from se_bench.nets.init import materialise
from tests.nets.blocks.making import block, maps
from tests.nets.modules import scrambled

GATED = [name for name in registry.names("block") if issubclass(registry.load("block", name), ScalingBlock)]
GATES = registry.names("gate")


def architecture(backbone="cifar_resnet8", size=16, **axes):
    return resolve(BackboneChoice(name=backbone), Axes(**{"reduction": 4, **axes}), (3, size, size), 10)


def small(**axes):
    """ResNet-8 of width 8 with values that training might have given it, and its gated units."""
    built = architecture(width=8, **axes)
    net = scrambled(materialise(build(built), lambda name: torch.Generator().manual_seed(len(name))))
    return net, gated_units(net, built)


@pytest.fixture(autouse=True)
def without_gradients():
    with torch.no_grad():
        yield


@pytest.mark.parametrize("name", GATED)
def test_a_block_is_its_map_times_its_scales(name):
    module = block(name, 16, reduction=4)
    x = maps(3, 16, 5, 6)
    scales = module.scales(x)
    assert torch.equal(module(x), module.scale(x, scales))
    if name != "sge":  # one map a group of channels
        assert torch.equal(module(x), x * scales)


@pytest.mark.parametrize("name", GATED)
def test_scales_are_within_their_bounds(name):
    module = block(name, 16, reduction=4)
    low, high = module.bounds
    scales = module.scales(100 * maps(3, 16, 5, 6))
    assert low <= scales.min()
    assert scales.max() <= high


@pytest.mark.parametrize("gate", GATES)
def test_a_gate_comes_near_its_finite_ends_and_not_beyond(gate):
    module = block("se", 8, gate=gate, excite="parameter_free")
    low, high = module.bounds
    logits = torch.zeros(2, 8, 1, 1, dtype=torch.float64)
    logits[0, 0], logits[1, 0] = 40.0, -40.0
    scales = module.scales(logits)
    assert scales.min() == pytest.approx(max(low, -40.0), abs=1e-12)
    assert scales.max() == pytest.approx(min(high, 40.0), abs=1e-12)


@pytest.mark.parametrize("name", GATED)
def test_a_net_that_scales_by_its_own_gates_gives_the_same_bits(name):
    net, units = small(block=name)
    x = maps(4, 3, 16, 16)
    logits = net(x)
    with reading(units) as own:
        assert torch.equal(net(x), logits)
    assert list(own) == ["stage1.0", "stage2.0", "stage3.0"]
    with replaced(units, own):
        assert torch.equal(net(x), logits)
    assert torch.equal(net(x), logits)


@pytest.mark.parametrize("integration", ["standard", "pre", "post", "identity"])
@pytest.mark.parametrize("name", ["se", "ge_theta"])
def test_with_ones_a_net_is_the_net_without_blocks(name, integration):
    net, units = small(block=name, integration=integration)
    bare, none = small(block="none")
    state = net.state_dict()
    bare.load_state_dict({key: state[key] for key in bare.state_dict()})
    x = maps(4, 3, 16, 16)
    with reading(units) as own:
        logits = net(x)
    with replaced(units, {unit: torch.ones_like(scales) for unit, scales in own.items()}):
        assert torch.equal(net(x), bare(x))
    assert not torch.equal(logits, bare(x))
    assert none == ()


def test_only_the_named_units_are_exchanged():
    net, units = small()
    x = maps(4, 3, 16, 16)
    with reading(units) as own:
        net(x)
    other = {"stage2.0": own["stage2.0"].roll(1, dims=0)}
    with replaced(units, other), reading(units[::2]) as first_and_last:
        net(x)
    assert torch.equal(first_and_last["stage1.0"], own["stage1.0"])
    assert not torch.equal(first_and_last["stage3.0"], own["stage3.0"])


def test_one_scale_for_all_images_makes_the_gate_the_same_for_each():
    net, units = small()
    x = maps(4, 3, 16, 16)
    with reading(units) as own:
        net(x)
    with replaced(units, {unit: scales[:1] for unit, scales in own.items()}):
        together, alone = net(x), net(x[2:3])
    torch.testing.assert_close(together[2:3], alone, rtol=0, atol=1e-12)


def test_a_context_that_ends_by_an_error_leaves_the_net_as_it_was():
    net, units = small()
    x = maps(2, 3, 16, 16)
    logits = net(x)
    with pytest.raises(RuntimeError), replaced(units, {unit.unit: torch.zeros(1, 3, 1, 1) for unit in units}):
        net(x)  # three channels do not fit
    assert torch.equal(net(x), logits)


def test_units_come_with_their_stage_from_input_to_output():
    built = architecture("cifar_resnet20", every=2)
    found = gated_units(build(built), built)
    assert [(unit.unit, unit.stage) for unit in found] == [
        (f"stage{stage}.{index}", stage) for stage in (1, 2, 3) for index in (0, 2)
    ]
    assert [unit.block.channels for unit in found] == [16, 16, 32, 32, 64, 64]


def test_the_backbones_own_blocks_are_not_the_candidates():
    built = architecture("mobilenet_v3_large", size=32)
    found = gated_units(build(built), built)
    assert len(found) == len(built.sites) == 15
    assert not any(unit.block.part_of_backbone for unit in found)
    bare = architecture("mobilenet_v3_large", size=32, block="none")
    assert gated_units(build(bare), bare) == ()


def test_a_block_without_one_gate_is_refused_with_those_that_have_it():
    built = architecture(block="cbam")
    with pytest.raises(OptionError, match="'cbam' has no gate") as refused:
        gated_units(build(built), built)
    assert refused.value.allowed == tuple(GATED)
