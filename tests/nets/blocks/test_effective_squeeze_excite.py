"""eSE against timm's, and against the SE block that it is."""

import pytest
import torch
from timm.layers import EffectiveSEModule

from tests.nets.blocks.making import block, channels_that_matter, maps


@pytest.mark.parametrize("channels", [1, 16, 33])
def test_it_is_timm_s(channels):
    ours = block("ese", channels)
    theirs = EffectiveSEModule(channels).double()
    theirs.fc.weight.data.copy_(ours.excite.layer.weight[:, :, None, None])
    theirs.fc.bias.data.copy_(ours.excite.layer.bias)
    x = 5 * maps(3, channels, 4, 6)
    torch.testing.assert_close(ours(x), theirs(x), rtol=0, atol=1e-12)


def test_it_is_the_se_block_with_a_full_layer_a_bias_and_the_hard_sigmoid():
    ours, se = block("ese", 16), block("se", 16, excite="full", bias=True, gate="hard_sigmoid")
    assert ours.state_dict().keys() == se.state_dict().keys()
    x = maps(2, 16, 5, 5)
    assert torch.equal(ours(x), se(x))


def test_it_reduces_nothing():
    module = block("ese", 16)
    module.excite.layer.weight.data.mul_(0.1)  # off the flat parts of the gate
    assert channels_that_matter(module, maps(1, 16, 5, 5), 3) == set(range(16))
    assert sum(value.numel() for value in module.parameters()) == 16 * 16 + 16
