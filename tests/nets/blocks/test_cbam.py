"""CBAM against timm's, and what its two parts do."""

import pytest
import torch
from timm.layers.cbam import CbamModule

from se_bench.config.axes import Axes
from se_bench.nets.blocks.cbam import CBAM
from tests.nets.blocks.making import block, maps


def of_timm(ours, channels, bias):
    """timm's module with our values."""
    theirs = CbamModule(channels, rd_channels=ours.channel.excite.down.out_features, mlp_bias=bias).double()
    for own, other in (
        (ours.channel.excite.down, theirs.channel.fc1),
        (ours.channel.excite.up, theirs.channel.fc2),
    ):
        other.weight.data.copy_(own.weight[:, :, None, None])
        if bias:
            other.bias.data.copy_(own.bias)
    theirs.spatial.conv.conv.load_state_dict(ours.conv.state_dict())
    theirs.spatial.conv.bn.load_state_dict(ours.norm.state_dict())
    return theirs.eval()


@pytest.mark.parametrize("channels", [16, 64])
@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize("size", [(3, 2), (9, 12)])
def test_it_is_timm_s(channels, bias, training, size):
    ours = block("cbam", channels, reduction=4, bias=bias)
    theirs = of_timm(ours, channels, bias)
    x = maps(3, channels, *size)
    torch.testing.assert_close(ours.train(training)(x), theirs.train(training)(x), rtol=0, atol=1e-10)


def test_its_channel_part_is_the_se_block_with_both_statistics():
    ours, se = block("cbam", 16, reduction=4), block("se", 16, squeeze="avg_max", reduction=4)
    se.load_state_dict(ours.channel.state_dict())
    x = maps(2, 16, 5, 5)
    assert torch.equal(ours.channel(x), se(x))


def test_its_spatial_part_scales_all_channels_of_a_position_alike():
    module = block("cbam", 16, reduction=4)
    x = maps(2, 16, 9, 9)
    scales = module(x) / module.channel(x)
    torch.testing.assert_close(scales, scales[:, :1].expand_as(scales))
    assert scales[:, 0].flatten(1).std(dim=1).min() > 0.01


@pytest.mark.parametrize(("distance", "seen"), [(0, True), (3, True), (4, False), (8, False)])
def test_a_position_sees_three_positions_around_it(distance, seen):
    module = block("cbam", 8, reduction=4)
    module.channel.excite.up.weight.data.zero_()  # every channel gate is one half: what reaches us comes through here
    x = maps(1, 8, 17, 17).requires_grad_()
    (gradient,) = torch.autograd.grad(module(x)[0, :, 8, 8].sum(), x)
    assert bool(gradient[0, :, 8, 8 + distance].any()) is seen


def test_its_running_statistics_move_by_a_hundredth_as_in_the_authors_code():
    module = CBAM(16, hidden=4, bias=False).double()
    x = maps(4, 16, 6, 6)
    seen = module.channel(x)
    convolved = module.conv(torch.stack([seen.mean(dim=1), seen.amax(dim=1)], dim=1))
    module.train()(x)
    torch.testing.assert_close(module.norm.running_mean[0], 0.01 * convolved.mean())
    torch.testing.assert_close(module.norm.running_var[0], 0.99 + 0.01 * convolved.var())


def test_the_parameters_of_a_resnet_50_with_it_are_those_of_the_eca_net_paper():
    """Wang et al., arXiv 1910.03151, Table 3: 26.77, in units of 2^20; 25,557,032 without a block."""
    places = {256: 3, 512: 4, 1024: 6, 2048: 3}
    cost = {c: CBAM.cost(c, 7, 7, **CBAM.resolve(c, Axes(reduction=16))).params for c in places}
    total = 25_557_032 + sum(number * cost[channels] for channels, number in places.items())
    assert total / 2**20 == pytest.approx(26.77, abs=0.005)
    assert cost[256] == 2 * 256 * 16 + 2 * 49 + 2
