"""Initial values: by seed and name alone, so that variants share their backbone; and the right spread."""

import math
from collections import OrderedDict

import pytest
import torch
from scipy import stats
from torch import nn

from se_bench.config.axes import Axes
from se_bench.nets.blocks.base import Block
from se_bench.nets.init import allocate, materialise
from se_bench.training import seeds
from tests.nets.modules import architecture, initialised

VARIANTS = [
    Axes(),
    Axes(reduction=2, bias=True),
    Axes(integration="post"),
    Axes(stages=(2,), squeeze="max", gate="softmax"),
]


class Scale(Block):
    """A block with a convolution."""

    cost = None

    def __init__(self, channels):
        super().__init__(channels)
        self.conv = nn.Conv2d(channels, channels, 3, bias=True)

    def forward(self, x):
        return self.conv(x)


def filled(net, seed=0):
    return materialise(net, lambda name: seeds.generator(seed, "init", name))


def on_meta(make):
    with torch.device("meta"):
        return make()


def state(axes=None, seed=0):
    return initialised(architecture(axes=axes), seed).state_dict()


def test_memory_is_given_as_torch_gives_it():
    def make():
        net = nn.Sequential(nn.Conv2d(3, 4, 3, bias=False), nn.BatchNorm2d(4))
        net[0].weight.requires_grad_(False)
        net.register_buffer("seen", torch.zeros(2, dtype=torch.int64), persistent=False)
        return net

    ours, theirs = allocate(on_meta(make)), on_meta(make).to_empty(device="cpu")
    for mine, other in (
        (ours.named_parameters(), theirs.named_parameters()),
        (ours.named_buffers(), theirs.named_buffers()),
    ):
        assert [described(*each) for each in mine] == [described(*each) for each in other]
    assert ours.state_dict().keys() == theirs.state_dict().keys()


def described(name, tensor):
    return name, type(tensor), tensor.shape, tensor.stride(), tensor.dtype, tensor.device, tensor.requires_grad


@pytest.mark.parametrize("axes", VARIANTS)
def test_a_net_with_a_block_has_bitwise_the_backbone_of_the_net_without(axes):
    baseline, variant = state(Axes(block="none"), seed=5), state(axes, seed=5)
    assert set(variant) - set(baseline) == {name for name in variant if ".block." in name} != set()
    assert all(torch.equal(variant[name], value) for name, value in baseline.items())


def test_blocks_of_one_shape_share_their_values_too():
    one, other = state(Axes(squeeze="avg")), state(Axes(squeeze="max", gate="softmax", integration="post"))
    assert one.keys() == other.keys()
    assert all(torch.equal(one[name], other[name]) for name in one)


def test_seeds_and_names_tell_parameters_apart():
    first, again, other = state(seed=1), state(seed=1), state(seed=2)
    drawn = [name for name in first if "conv" in name or "excite" in name or "classifier" in name]
    assert len(drawn) == 1 + 6 + 6 + 2
    for name, value in first.items():
        assert torch.equal(value, again[name])
        assert torch.equal(value, other[name]) == (name not in drawn)
    assert not torch.equal(first["stage1.0.branch.conv1.weight"], first["stage1.0.branch.conv2.weight"])


def test_a_value_is_what_the_generator_of_its_name_draws():
    conv = torch.empty(32, 16, 3, 3).normal_(
        0.0, math.sqrt(2 / (32 * 9)), generator=seeds.generator(3, "init", "stage2.0.branch.conv1.weight")
    )
    bias = torch.empty(10).uniform_(-1 / 8, 1 / 8, generator=seeds.generator(3, "init", "classifier.bias"))
    values = state(seed=3)
    assert torch.equal(values["stage2.0.branch.conv1.weight"], conv)
    assert torch.equal(values["classifier.bias"], bias)


def test_neither_the_order_of_layers_nor_the_global_generator_matters():
    layers = [("a", lambda: nn.Conv2d(3, 4, 3)), ("b", lambda: nn.Linear(5, 6)), ("c", lambda: nn.Conv1d(1, 1, 3))]
    states = []
    for position, order in enumerate((layers, layers[::-1], layers[1:])):
        torch.manual_seed(position)
        net = on_meta(lambda order=order: nn.Sequential(OrderedDict((name, make()) for name, make in order)))
        states.append(filled(net).state_dict())
    for name, value in states[0].items():
        assert all(torch.equal(value, other[name]) for other in states[1:] if name in other)


def test_the_global_generator_is_not_drawn_from():
    torch.manual_seed(0)
    before = torch.get_rng_state()
    state()
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize(
    ("name", "fan_out"), [("stage3.0.branch.conv2.weight", 64 * 9), ("stage2.0.branch.conv1.weight", 32 * 9)]
)
def test_convolutions_of_the_backbone_are_he_normal(name, fan_out):
    drawn = state()[name].flatten().numpy()
    assert stats.kstest(drawn, stats.norm(0, math.sqrt(2 / fan_out)).cdf).pvalue > 0.01


def test_convolutions_in_groups_count_their_own_outputs():
    weight = filled(on_meta(lambda: nn.Sequential(nn.Conv2d(64, 128, 3, groups=4))))[0].weight
    expected = stats.norm(0, math.sqrt(2 / (128 // 4 * 9)))
    assert stats.kstest(weight.detach().flatten().numpy(), expected.cdf).pvalue > 0.01


def test_linear_layers_and_all_layers_in_blocks_are_uniform_by_fan_in():
    net = initialised(architecture(axes=Axes(reduction=1, bias=True), width=64, classes=100))
    for name, fan_in in {
        "classifier.weight": 256,
        "classifier.bias": 256,
        "stage1.0.block.excite.down.weight": 64,
        "stage3.0.block.excite.down.bias": 256,
        "stage3.0.block.excite.up.weight": 256,
    }.items():
        check_uniform(net.get_parameter(name), fan_in)


def test_a_convolution_in_a_block_is_one_of_the_block():
    net = filled(on_meta(lambda: nn.Sequential(OrderedDict(block=Scale(16), conv=nn.Conv2d(16, 16, 3, bias=False)))))
    check_uniform(net.block.conv.weight, 16 * 9)
    check_uniform(net.block.conv.bias, 16 * 9)
    assert net.conv.weight.abs().max() > 1 / math.sqrt(16 * 9)  # normal, so beyond the bound


def check_uniform(parameter, fan_in):
    bound = 1 / math.sqrt(fan_in)
    drawn = parameter.detach().flatten().numpy()
    assert abs(drawn).max() <= bound
    assert stats.kstest(drawn, stats.uniform(-bound, 2 * bound).cdf).pvalue > 0.01


def test_batch_norm_starts_as_the_identity_on_fresh_statistics():
    values = state()
    for part, start in {"weight": 1, "bias": 0, "running_mean": 0, "running_var": 1, "num_batches_tracked": 0}.items():
        found = [value for name, value in values.items() if "norm" in name and name.endswith(part)]
        assert len(found) == 7
        assert all((value == start).all() for value in found)


@pytest.mark.parametrize("make", [nn.PReLU, lambda: nn.GroupNorm(1, 4), lambda: nn.ConvTranspose2d(1, 1, 1)])
def test_a_layer_without_a_rule_is_refused_by_name(make):
    net = on_meta(lambda: nn.Sequential(OrderedDict(odd=make())))
    with pytest.raises(TypeError, match=rf"{type(net.odd).__name__} at 'odd'"):
        filled(net)


def test_the_net_is_on_the_cpu_in_single_precision():
    assert all(value.device.type == "cpu" for value in state().values())
    assert {value.dtype for name, value in state().items() if "num_batches" not in name} == {torch.float32}
