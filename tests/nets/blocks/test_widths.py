"""The rules for the hidden width, against the libraries whose names they bear."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from timm.layers import SEModule, make_divisible
from torchvision.models._utils import _make_divisible

from se_bench.config.axes import Axes
from se_bench.nets.blocks.excite import Bottleneck
from se_bench.nets.blocks.widths import hidden_width

CHANNELS, REDUCTION, LEAST = st.integers(1, 4096), st.integers(1, 4096), st.integers(1, 64)


@settings(max_examples=500)
@given(CHANNELS, REDUCTION)
def test_timm(channels, reduction):
    assert hidden_width(channels, reduction, "timm") == make_divisible(channels / reduction, 8, round_limit=0.0)


@settings(max_examples=40)
@given(st.integers(1, 512), st.sampled_from([1, 2, 4, 8, 16, 32, 64]))
def test_timm_s_own_block(channels, reduction):
    """Where 1 / r, which it is given, has no rounding error."""
    theirs = SEModule(channels, rd_ratio=1 / reduction)
    assert theirs.fc1.out_channels == hidden_width(channels, reduction, "timm")


@settings(max_examples=500)
@given(CHANNELS, REDUCTION)
def test_mobilenet_v3(channels, reduction):
    assert hidden_width(channels, reduction, "mobilenet_v3") == _make_divisible(channels // reduction, 8)


@settings(max_examples=500)
@given(CHANNELS, REDUCTION, LEAST)
def test_floor(channels, reduction, least):
    width = hidden_width(channels, reduction, "floor", least)
    assert width == (channels // reduction if channels // reduction >= least else least)


@settings(max_examples=500)
@given(CHANNELS, REDUCTION, LEAST)
def test_round(channels, reduction, least):
    width = hidden_width(channels, reduction, "round", least)
    off = abs(2 * width * reduction - 2 * channels)  # in units of 1 / (2 r), so that nothing is rounded here
    nearest = off < reduction or (off == reduction and width % 2 == 0)
    assert width >= least
    assert nearest or (width == least and 2 * channels <= (2 * least + 1) * reduction)


@pytest.mark.parametrize("rule", ["round", "floor", "timm", "mobilenet_v3"])
@settings(max_examples=200)
@given(channels=CHANNELS, reduction=REDUCTION)
def test_no_rule_gives_nothing_and_a_larger_reduction_never_widens(*, rule, channels, reduction):
    width = hidden_width(channels, reduction, rule)
    assert width >= 1
    assert hidden_width(channels, reduction + 1, rule) <= width


@pytest.mark.parametrize(
    ("channels", "reduction", "widths"),
    [
        # FACTS.md section 2: timm's least width of 8 undoes r = 16 on CIFAR; C // r would be 0 for r beyond C
        (16, 16, (1, 1, 8, 8)), (32, 16, (2, 2, 8, 8)), (64, 16, (4, 4, 8, 8)), (16, 32, (1, 1, 8, 8)),
        (72, 4, (18, 18, 16, 24)), (40, 16, (2, 2, 8, 8)), (56, 16, (4, 3, 8, 8)), (120, 4, (30, 30, 32, 32)),
        (96, 1, (96, 96, 96, 96)), (300, 16, (19, 18, 16, 24)), (172, 8, (22, 21, 24, 24)),
    ],
)  # fmt: skip
def test_widths_on_record(channels, reduction, widths):
    found = tuple(hidden_width(channels, reduction, rule) for rule in ("round", "floor", "timm", "mobilenet_v3"))
    assert found == widths


def test_the_axes_choose_the_rule_and_the_width_is_what_is_built():
    for rule, width in {"round": 4, "floor": 3, "timm": 8}.items():
        options = Bottleneck.resolve(56, Axes(hidden_width=rule))
        assert options == {"hidden": width, "bias": False}
        assert Bottleneck(56, **options).down.out_features == width
    assert Bottleneck.resolve(56, Axes(min_width=32))["hidden"] == 32


def test_an_unknown_rule_is_an_error():
    with pytest.raises(ValueError, match="no rule 'ceil'"):
        hidden_width(64, 16, "ceil")
