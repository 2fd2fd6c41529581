"""The one rule for the width of a reduced layer."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from se_bench.nets.blocks.excite import Bottleneck, hidden_width

CHANNELS, REDUCTION = st.integers(1, 4096), st.integers(1, 4096)


@given(CHANNELS, REDUCTION)
def test_the_width_is_the_nearest_integer_and_at_least_one(channels, reduction):
    width = hidden_width(channels, reduction)
    off = abs(2 * width * reduction - 2 * channels)  # in units of 1 / (2 r), so that nothing is rounded here
    nearest = off < reduction or (off == reduction and width % 2 == 0)
    assert nearest or (width == 1 and 2 * channels <= reduction)


@given(CHANNELS, REDUCTION)
def test_a_larger_reduction_never_widens(channels, reduction):
    assert channels == hidden_width(channels, 1)
    assert 1 <= hidden_width(channels, reduction + 1) <= hidden_width(channels, reduction)


@pytest.mark.parametrize(
    ("channels", "reduction", "width"),
    [
        # FACTS section 2: the CIFAR widths at the usual reductions
        (16, 16, 1), (32, 16, 2), (64, 16, 4), (16, 8, 2), (64, 8, 8), (16, 4, 4), (64, 4, 16),
        # never none, where C // r would be
        (16, 32, 1), (16, 33, 1), (1, 4096, 1),
        # halves go to the even neighbour
        (24, 16, 2), (40, 16, 2), (56, 16, 4),
    ],
)  # fmt: skip
def test_widths_on_record(channels, reduction, width):
    assert hidden_width(channels, reduction) == width
    built = Bottleneck(channels, hidden=width, bias=False)
    assert built.down.weight.shape == (width, channels)
    assert built.up.weight.shape == (channels, width)
