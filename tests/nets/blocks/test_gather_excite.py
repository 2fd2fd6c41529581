"""Gather-Excite: theta-minus against timm, theta and theta-plus against torch's own layers and NumPy."""

import math

import numpy as np
import pytest
import torch
from scipy import stats
from timm.layers import GatherExcite
from torch import nn
from torch.nn import functional as F

from se_bench.nets.blocks.gather_excite import GatherExciteTheta
from tests.nets.blocks.making import arrays, block, channels_that_matter, maps

SIZES = [(1, 1), (2, 5), (4, 4), (7, 7), (8, 8), (14, 7), (16, 9), (28, 28)]


@pytest.mark.parametrize("size", [(1, 1), (6, 5)])
def test_theta_minus_is_timm_s(size):
    ours, theirs = block("ge_theta_minus", 12), GatherExcite(12, extent=0, extra_params=False, use_mlp=False)
    x = maps(3, 12, *size)
    torch.testing.assert_close(ours(x), theirs(x), rtol=0, atol=1e-12)


def test_theta_minus_has_no_parameters_and_is_the_se_block_without_an_excitation():
    ours, se = block("ge_theta_minus", 12), block("se", 12, excite="parameter_free")
    x = maps(2, 12, 6, 6)
    assert torch.equal(ours(x), se(x))
    assert ours.state_dict() == {}


def gathered(x, state):
    """NumPy: the nearest weight of the grid for each position's centre, summed, normalised."""
    height, width = x.shape[2:]
    rows = [(2 * row + 1) * 7 // (2 * height) for row in range(height)]
    columns = [(2 * column + 1) * 7 // (2 * width) for column in range(width)]
    z = np.zeros(x.shape[:2])
    for channel, grid in enumerate(state["kernel"]):
        z[:, channel] = (x[:, channel] * grid[rows][:, columns]).sum(axis=(1, 2))
    z = (z - state["norm.running_mean"]) / np.sqrt(state["norm.running_var"] + 1e-5)
    return z * state["norm.weight"] + state["norm.bias"]


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


@pytest.mark.parametrize("size", SIZES)
def test_theta_is_its_equation_on_every_map(size):
    module = block("ge_theta", 6)
    x = maps(3, 6, *size)
    scales = sigmoid(gathered(x.numpy(), arrays(module)))
    np.testing.assert_allclose(module(x).detach(), x.numpy() * scales[:, :, None, None], rtol=0, atol=1e-9)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("bias", [False, True])
def test_theta_plus_is_its_equation_on_every_map(size, bias):
    module = block("ge_theta_plus", 6, reduction=2, bias=bias)
    x, state = maps(3, 6, *size), arrays(module)
    hidden = np.maximum(gathered(x.numpy(), state), 0) @ state["excite.down.weight"].T
    hidden = np.maximum(hidden + state.get("excite.down.bias", 0), 0)
    scales = sigmoid(hidden @ state["excite.up.weight"].T + state.get("excite.up.bias", 0))
    np.testing.assert_allclose(module(x).detach(), x.numpy() * scales[:, :, None, None], rtol=0, atol=1e-9)


@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize("plus", [False, True])
def test_on_seven_by_seven_maps_it_is_the_authors_convolution(training, plus):
    """GENet's RN50-GEP and RN50-GEPP: depthwise 7 x 7, BatchNorm, and in the latter ReLU, 1x1, ReLU, 1x1."""
    ours = block("ge_theta_plus", 8, reduction=2, bias=True) if plus else block("ge_theta", 8)
    layers = [nn.Conv2d(8, 8, 7, groups=8, bias=False), nn.BatchNorm2d(8)]
    if plus:
        layers += [nn.ReLU(), nn.Conv2d(8, 4, 1), nn.ReLU(), nn.Conv2d(4, 8, 1)]
    theirs = nn.Sequential(*layers, nn.Sigmoid()).double()
    values = [value for name, value in ours.state_dict().items() if name != "kernel"]
    for target, value in zip(theirs.state_dict().values(), [ours.kernel, *values], strict=True):
        target.copy_(value.data.reshape(target.shape))
    x = maps(5, 8, 7, 7)
    torch.testing.assert_close(ours.train(training)(x), x * theirs.train(training)(x), rtol=0, atol=1e-10)
    torch.testing.assert_close(ours.norm.running_mean, theirs[1].running_mean, rtol=0, atol=1e-12)


def test_on_multiples_of_seven_it_pools_the_cells_of_the_grid():
    module = block("ge_theta", 5)
    x = maps(2, 5, 21, 14)
    cells = F.avg_pool2d(x, (3, 2)) * 6
    expected = module.norm(F.conv2d(cells, module.kernel[:, None], groups=5).flatten(1))
    torch.testing.assert_close(module.gather(x), expected, rtol=0, atol=1e-10)


@pytest.mark.parametrize("size", [(4, 4), (5, 9), (16, 16)])
def test_the_grid_lies_symmetrically_on_the_map(size):
    module = block("ge_theta", 5)
    x = maps(2, 5, *size)
    before = module.gather(x)
    module.kernel.data.copy_(module.kernel.data.flip(1, 2))
    torch.testing.assert_close(module.gather(x.flip(2, 3)), before, rtol=0, atol=1e-10)


@pytest.mark.parametrize(
    ("name", "reached"), [("ge_theta_minus", {3}), ("ge_theta", {3}), ("ge_theta_plus", set(range(8)))]
)
def test_only_theta_plus_joins_channels(name, reached):
    module = block(name, 8, reduction=1, bias=True)
    if name == "ge_theta_plus":
        module.norm.bias.data.fill_(20.0)  # every channel passes the ReLU
        module.excite.down.bias.data.fill_(40.0)
        module.excite.up.weight.data.mul_(0.01)
    assert channels_that_matter(module, maps(1, 8, 6, 6), 3) == reached


def test_theta_knows_where_a_value_stands_and_theta_minus_does_not():
    x = maps(2, 8, 7, 7)
    turned = x.flip(2, 3)
    minus, theta = block("ge_theta_minus", 8), block("ge_theta", 8)
    torch.testing.assert_close(minus(turned), minus(x).flip(2, 3))
    assert (theta(turned) - theta(x).flip(2, 3)).abs().max() > 0.1


def test_the_parameters_of_each():
    assert sum(value.numel() for value in block("ge_theta", 32).parameters()) == 32 * 49 + 2 * 32
    plus = block("ge_theta_plus", 32, reduction=8)
    assert sum(value.numel() for value in plus.parameters()) == 32 * 49 + 2 * 32 + 2 * 32 * 4


def test_the_kernel_starts_he_normal():
    module = GatherExciteTheta(64)
    module.fill("kernel", module.kernel.data.zero_(), torch.Generator().manual_seed(0))
    values = module.kernel.detach().flatten().numpy()
    assert stats.kstest(values, stats.norm(0, math.sqrt(2 / 49)).cdf).pvalue > 0.01
