"""What sets the excitations apart: which channel's descriptor reaches which channel's logit, and at what price."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from timm.layers import EcaModule

from se_bench.nets.blocks.widths import adaptive_kernel
from tests.nets.blocks.making import block, jacobian, maps, part

C = 12


def parameters(module):
    return sum(value.numel() for value in module.parameters())


def diagonal_mask(groups=C):
    """True where two channels are of one group."""
    group = torch.arange(C) * groups // C
    return group[:, None] == group


def test_a_full_layer_joins_all_channels():
    assert (jacobian(part("excite", "full", C), C) != 0).all()
    assert parameters(part("excite", "full", C)) == C * C


def test_a_bottleneck_joins_all_channels_through_its_width():
    module = part("excite", "bottleneck", C, reduction=6)
    rank = torch.linalg.matrix_rank(jacobian(module, C)).item()
    assert 0 < rank <= 2
    assert parameters(module) == 2 * C * 2


@pytest.mark.parametrize("bias", [False, True])
def test_a_diagonal_layer_has_one_weight_a_channel_and_no_gradient_between_channels(bias):
    module = part("excite", "diagonal", C, bias=bias)
    found = jacobian(module, C)
    assert torch.equal(found != 0, diagonal_mask())
    assert len(found.diagonal().unique()) == C
    assert parameters(module) == C * (1 + bias)


def test_no_layer_leaves_each_descriptor_alone():
    module = part("excite", "parameter_free", C, bias=True)
    assert torch.equal(jacobian(module, C), torch.eye(C, dtype=torch.float64))
    assert parameters(module) == 0


@pytest.mark.parametrize("groups", [2, 3, 4, 6])
@pytest.mark.parametrize("bias", [False, True])
def test_a_grouped_layer_is_block_diagonal(groups, bias):
    module = part("excite", "grouped_full", C, groups=groups, bias=bias)
    assert torch.equal(jacobian(module, C) != 0, diagonal_mask(groups))
    assert parameters(module) == C * C // groups + C * bias


@pytest.mark.parametrize("kernel_size", [1, 3, 5, 7])
def test_a_shared_kernel_joins_neighbours_alone_and_alike(kernel_size):
    module = part("excite", "conv1d", C, kernel_size=kernel_size)
    found = jacobian(module, C)
    distance = (torch.arange(C)[:, None] - torch.arange(C)).abs()
    assert torch.equal(found != 0, distance <= kernel_size // 2)
    for offset in range(-(kernel_size // 2), kernel_size // 2 + 1):
        assert len(found.diagonal(offset).unique()) == 1
    assert parameters(module) == kernel_size


@pytest.mark.parametrize("channels", [16, 64, 100, 256])
def test_the_shared_kernel_is_timm_s_eca(channels):
    ours = block("se", channels, excite="conv1d")
    theirs = EcaModule(channels).double()
    assert theirs.conv.kernel_size == ours.excite.layer.kernel_size
    theirs.conv.weight.data.copy_(ours.excite.layer.weight)
    x = maps(3, channels, 4, 5)
    torch.testing.assert_close(ours(x), theirs(x), rtol=0, atol=1e-12)


def test_adaptive_kernels_on_record():
    """FACTS.md section 9."""
    kernels = [adaptive_kernel(channels) for channels in (16, 32, 64, 128, 256, 512, 1024, 2048)]
    assert kernels == [3, 3, 3, 5, 5, 5, 5, 7]


@settings(max_examples=200)
@given(st.integers(8, 4096))
def test_the_adaptive_kernel_is_timm_s(channels):
    """From 8 channels on; below them timm has 3 at the least, and the paper's rule 1."""
    assert EcaModule(channels).conv.kernel_size == (adaptive_kernel(channels),)


@given(st.integers(1, 7))
def test_the_adaptive_kernel_of_few_channels_is_one(channels):
    assert adaptive_kernel(channels) == 1


@given(st.integers(1, 4095))
def test_the_adaptive_kernel_is_odd_and_grows_with_the_channels(channels):
    assert adaptive_kernel(channels) % 2 == 1
    assert adaptive_kernel(channels) <= adaptive_kernel(channels + 1)
