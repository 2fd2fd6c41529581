"""BN-Inception: costs and logits of pytorchcv's, figures of the SE paper and its released file, any image size."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from pytorchcv.models.bninception import bninception
from torch import nn
from torch.nn import functional as F

from se_bench.config.axes import Axes
from se_bench.cost.count import count, slot_shapes
from se_bench.errors import OptionError
from se_bench.nets.backbones.bn_inception import HalvingPool
from tests.nets.backbones.checks import counts_agree, trains
from tests.nets.backbones.references import NONE, RELEASED, imagenet, ours, row, theirs
from tests.nets.backbones.same_function import logits_agree
from tests.nets.modules import architecture

SE = Axes(reduction=16)
WIDTHS = [256, 320, 576, 576, 576, 608, 608, 1056, 1024, 1024]
"""Of the concatenated outputs, 3a to 5b."""


def test_costs_of_pytorchcv_s_net():
    assert ours(imagenet("bn_inception")) == theirs(bninception, 224) == row("bninception", "reference model")


def test_logits_of_pytorchcv_s_net():
    logits_agree(
        lambda: bninception(num_classes=11), architecture("bn_inception", NONE, input_shape=(3, 224, 224), classes=11)
    )


def test_a_block_on_each_of_ten_modules():
    sites = imagenet("bn_inception", SE).sites
    assert [site["channels"] for site in sites.values()] == WIDTHS
    assert list(sites) == [
        f"stage{stage}.{index}" for stage, units in ((1, 2), (2, 5), (3, 3)) for index in range(units)
    ]
    plain, added = ours(imagenet("bn_inception")), sum(2 * width * width // 16 for width in WIDTHS)
    assert ours(imagenet("bn_inception", SE)) == (plain[0] + added, plain[1] + added)


def test_printed_multiplications():
    """Hu et al., Table 2: 2.03 G and 2.04 G."""
    plain, se = (count(imagenet("bn_inception", axes)).macs for axes in (NONE, SE))
    scaled = sum(c * h * w for c, h, w in slot_shapes(imagenet("bn_inception", SE), "standard").values())
    assert round(plain / 1e9, 2) == 2.03
    assert (se + scaled) / 1e9 == pytest.approx(2.04, abs=0.01)


def test_the_released_file_of_46_megabytes_has_a_block_on_the_reductions_too():
    """Four bytes a value, running statistics included; without 3c and 4e it would be 45."""
    cost = count(imagenet("bn_inception", RELEASED))
    assert round((cost.params + cost.buffers) * 4 / 2**20) == 46
    reductions = sum(2 * width * width // 16 for width in (576, 1056))
    assert round((cost.params + cost.buffers - reductions) * 4 / 2**20) == 45


@given(side=st.integers(1, 12), other=st.integers(1, 12))
def test_pooling_of_a_reduction_halves_as_its_convolutions_do(side, other):
    x = torch.randn(1, 2, side, other)
    pooled = HalvingPool()(x)
    assert pooled.shape[2:] == nn.Conv2d(2, 2, 3, stride=2, padding=1)(x).shape[2:]
    # Even: windows start at 0, 2, ...; odd: they are centred there, as the convolution's.
    before = [size % 2 for size in (side, other)]
    padded = F.pad(x, (before[1], 2, before[0], 2), value=-torch.inf)
    windows = padded.unfold(2, 3, 2).unfold(3, 3, 2).amax(dim=(4, 5))
    assert torch.equal(pooled, windows[:, :, : pooled.shape[2], : pooled.shape[3]])
    if side % 2 == other % 2 == 0:
        assert torch.equal(pooled, F.max_pool2d(x, 3, 2, ceil_mode=True))


@pytest.mark.parametrize("axes", [NONE, SE, Axes(squeeze="none", excite="conv1d", stages=(2, 3), every=2)])
@pytest.mark.parametrize("side", [16, 45])
def test_counts_are_those_of_the_whole_net(axes, side):
    counts_agree(architecture("bn_inception", axes, input_shape=(3, side, side)))


@pytest.mark.parametrize("side", [7, 16, 45])
def test_it_trains_on_small_images(side):
    trains(architecture("bn_inception", Axes(reduction=1), input_shape=(3, side, side)))


def test_there_is_no_shortcut_to_sit_on():
    with pytest.raises(OptionError) as refused:
        imagenet("bn_inception", Axes(integration="identity"))
    assert (refused.value.key, refused.value.allowed) == ("integration", ("standard",))
