"""What holds for every block, the peers of SE above all: cost, identity, building, initial values."""

from zlib import crc32

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from se_bench import registry
from se_bench.config.axes import Axes
from se_bench.cost.count import count_module
from se_bench.nets.init import materialise
from tests.nets.blocks.making import block, maps

PEERS = tuple(name for name in registry.names("block") if name != "se")
PARAMETER_FREE = ("ge_theta_minus", "simam")
WITH_PARAMETERS = tuple(name for name in PEERS if name not in PARAMETER_FREE)
BOTTLENECK = {"reduction", "hidden_width", "min_width", "bias"}
READS = {
    "cbam": BOTTLENECK,
    "ge_theta_minus": set(),
    "ge_theta": set(),
    "ge_theta_plus": BOTTLENECK,
    "ese": set(),
    "srm": set(),
    "sge": {"groups"},
    "simam": set(),
    "gct": set(),
    "fca": BOTTLENECK,
}
OTHERWISE = {
    "squeeze": "max",
    "excite": "conv1d",
    "gate": "softmax",
    "reduction": 2,
    "bias": True,
    "groups": 8,
    "kernel_size": 5,
    "shared": False,
    "global_weight": False,
    "reading": "spatial",
    "hidden_width": "timm",
    "min_width": 31,
}
SHAPES = st.tuples(st.sampled_from([1, 4, 7, 16, 24, 33]), st.integers(1, 15), st.integers(1, 15))


def resolved(name, channels, **axes):
    return registry.load("block", name).resolve(channels, Axes(block=name, **axes))


@pytest.mark.parametrize("name", PEERS)
@settings(max_examples=15, deadline=None)
@given(shape=SHAPES, reduction=st.sampled_from([1, 3, 16]), bias=st.booleans(), pairs=st.booleans())
def test_a_block_costs_what_the_counter_finds(*, name, shape, reduction, bias, pairs):
    channels = shape[0]
    groups = channels // 2 if pairs and channels % 2 == 0 else 1
    options = resolved(name, channels, reduction=reduction, bias=bias, groups=groups)
    found = registry.load("block", name)
    cost = found.cost(*shape, **options)
    assert cost == count_module(found(channels, **options), shape)
    assert cost == count_module(found(channels, **options), shape)  # constants made in the first trace are free too
    assert cost.params == cost.block_params


@pytest.mark.parametrize("axis", OTHERWISE)
@pytest.mark.parametrize("name", PEERS)
def test_a_block_depends_on_the_axes_that_it_reads_and_on_no_other(name, axis):
    changed = resolved(name, 64, **{axis: OTHERWISE[axis]}) != resolved(name, 64)
    assert changed == (axis in READS[name])


@pytest.mark.parametrize("name", PEERS)
@pytest.mark.parametrize("size", [(1, 1), (1, 6), (3, 2), (7, 7), (16, 16)])
def test_every_map_size_gives_finite_values_and_gradients(name, size):
    module = block(name, 16).train()
    x = maps(4, 16, *size).requires_grad_()
    out = module(x)
    assert out.shape == x.shape
    out.square().sum().backward()
    assert all(value.grad.isfinite().all() for value in (x, *module.parameters()))


@pytest.mark.parametrize("name", WITH_PARAMETERS)
def test_away_from_its_start_every_parameter_has_a_gradient(name):
    module = block(name, 16, reduction=1, bias=True).train()
    module(maps(4, 16, 8, 8)).square().sum().backward()
    assert [key for key, value in module.named_parameters() if not value.grad.any()] == []


@pytest.mark.parametrize("name", PEERS)
def test_a_constant_image_gives_finite_gradients(name):
    x = torch.full((4, 16, 5, 5), 0.3, dtype=torch.float64, requires_grad=True)
    block(name, 16).train()(x).sum().backward()
    assert x.grad.isfinite().all()


@pytest.mark.parametrize("name", PEERS)
def test_the_memory_format_is_not_part_of_the_result(name):
    module = block(name, 12, groups=3)
    x = maps(3, 12, 5, 4)
    strided = x.contiguous(memory_format=torch.channels_last)
    assert strided.stride() != x.stride()
    torch.testing.assert_close(module(strided), module(x), rtol=0, atol=1e-12)


@pytest.mark.parametrize("name", PEERS)
def test_images_of_a_batch_do_not_see_each_other_and_the_input_is_left_alone(name):
    module = block(name, 12, groups=3)
    x = maps(4, 12, 6, 5)
    before = x.clone()
    torch.testing.assert_close(module(x), torch.cat([module(one[None]) for one in x]), rtol=0, atol=1e-12)
    assert torch.equal(x, before)


def built(name, seed, channels=32):
    """As a net is built: on the meta device, then values from one generator a parameter."""
    found = registry.load("block", name)
    with torch.device("meta"):
        module = found(channels, **found.resolve(channels, Axes(bias=True)))
    assert all(value.is_meta for value in module.state_dict().values())
    return materialise(module, lambda path: torch.Generator().manual_seed(crc32(f"{seed} {path}".encode())))


@pytest.mark.parametrize("name", PEERS)
def test_initial_values_follow_the_names_and_the_seed_and_nothing_global(name):
    torch.manual_seed(0)
    before = torch.get_rng_state()
    first = built(name, 1).state_dict()
    assert torch.equal(torch.get_rng_state(), before)
    second, other = built(name, 1).state_dict(), built(name, 2).state_dict()
    assert all(torch.equal(first[key], second[key]) for key in first)
    drawn = [key for key in first if not torch.equal(first[key], other[key])]
    layers = [key for key in first if any(part in key for part in ("excite", "conv", "kernel"))]
    assert drawn == layers
    assert all(value.isfinite().all() for value in first.values())


@pytest.mark.parametrize("name", PARAMETER_FREE)
def test_a_block_without_parameters_has_none(name):
    assert block(name, 16).state_dict() == {}


@pytest.mark.parametrize("name", WITH_PARAMETERS)
def test_as_it_starts_a_block_trains(name):
    """Thirty steps of gradient descent move it towards a target that only scaling can reach."""
    module = built(name, 0, channels=16).train()
    x = maps(8, 16, 6, 6).float()
    target = x * torch.linspace(0.2, 1.2, 16)[:, None, None]
    optimiser = torch.optim.SGD(module.parameters(), lr=0.1, momentum=0.9)
    losses = []
    for _ in range(30):
        loss = (module(x) - target).square().mean()
        losses.append(loss.item())
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    assert losses[-1] < 0.9 * losses[0]
