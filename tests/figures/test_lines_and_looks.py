"""Lines, bands and forests show the numbers of their values; colours are told apart by every eye."""

from __future__ import annotations

import dataclasses
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from se_bench import registry
from se_bench.analysis import curves, effects
from se_bench.config.dashboard import Panel
from se_bench.figures import style
from se_bench.figures.curves import MOST_BANDS
from se_bench.figures.curves import draw as draw_curves
from se_bench.figures.effects import draw as draw_effects
from se_bench.figures.style import POINTS
from tests.analysis.crossed_studies import FACTORS, crossed, noisy
from tests.analysis.small_studies import FULL, ODD, Measured, answered
from tests.figures.colours import VISION, contrast, distance
from tests.figures.odd_studies import MANY, value_of


def curves_of(measured: Measured) -> curves.Curves:
    found = curves.compute(answered(measured), Panel.read({"figure": "curves"}))
    assert found is not None
    return found


def effects_of(measured: Measured) -> effects.Effects:
    found = effects.compute(answered(measured), Panel.read({"figure": "effects"}))
    assert found is not None
    return found


@pytest.mark.parametrize("measured", [FULL, ODD["one seed"], MANY], ids=["full", "one seed", "many"])
def test_a_line_is_the_mean_after_each_epoch(measured: Measured) -> None:
    value = curves_of(measured)
    lines = [trace for trace in draw_curves(value).data if trace.mode != "none"]
    assert [trace.name for trace in lines] == list(measured)
    for trace, curve in zip(lines, value.curves, strict=True):
        assert list(trace.x) == list(curve.epochs)
        assert list(trace.y) == [found.mean for found in curve.accuracy]


def test_a_band_goes_up_along_the_high_ends_and_back_along_the_low_ones() -> None:
    value = curves_of(FULL)
    bands = [trace for trace in draw_curves(value).data if trace.mode == "none"]
    assert len(bands) == len(value.curves)
    for trace, curve in zip(bands, value.curves, strict=True):
        high, low = [found.high for found in curve.accuracy], [found.low for found in curve.accuracy]
        assert list(trace.y) == [*high, *reversed(low)]
        assert list(trace.x) == [*curve.epochs, *reversed(curve.epochs)]
        assert trace.fill == "toself"
        assert not trace.showlegend


def test_one_seed_has_no_band() -> None:
    assert [trace.mode for trace in draw_curves(curves_of(ODD["one seed"])).data] == ["lines", "lines"]


def test_each_line_hides_together_with_its_band() -> None:
    figure = draw_curves(curves_of(FULL))
    for band, line in zip(figure.data[::2], figure.data[1::2], strict=True):
        assert band.legendgroup == line.legendgroup == line.name
        assert band.fillcolor == line.line.color


def test_lines_that_are_not_told_apart_share_an_entry_and_have_no_band() -> None:
    measured: Measured = {"baseline": {0: 0.8, 1: 0.81}, **{f"c{i}": {0: 0.7, 1: 0.72 + i / 500} for i in range(40)}}
    figure = draw_curves(curves_of(measured))
    assert len(measured) > MOST_BANDS
    assert {trace.mode for trace in figure.data} == {"lines"}
    named = [trace.name for trace in figure.data if trace.showlegend]
    assert len(named) == len(set(named)) == style.MOST_NAMED + 2
    assert "other" in named


@pytest.mark.parametrize("measured", [FULL, ODD["one seed"]], ids=["full", "one seed"])
def test_the_forest_plot_has_each_difference_with_its_interval_in_points(measured: Measured) -> None:
    symmetric = effects_of(measured)
    lopsided = [
        dataclasses.replace(effect.difference, high=effect.difference.high and effect.difference.high + 0.01)
        for effect in symmetric.effects
    ]
    pairs = zip(symmetric.effects, lopsided, strict=True)
    value = dataclasses.replace(
        symmetric, effects=tuple(dataclasses.replace(one, difference=other) for one, other in pairs)
    )
    (trace,) = draw_effects(value).data
    assert list(reversed(trace.y)) == [effect.label for effect in value.effects]
    for place, effect in enumerate(reversed(value.effects)):
        found = effect.difference
        assert found.mean is not None
        assert trace.x[place] == pytest.approx(POINTS * found.mean, rel=1e-12)
        reach = trace.error_x.array[place], trace.error_x.arrayminus[place]
        if found.low is None or found.high is None:
            assert reach == (None, None)
        else:
            assert reach == pytest.approx((POINTS * (found.high - found.mean), POINTS * (found.mean - found.low)))


def test_the_forest_plot_marks_the_baseline_at_zero_and_survivors_by_hollow_squares() -> None:
    (line,) = draw_effects(effects_of(FULL)).layout.shapes
    assert (line.x0, line.x1) == (0, 0)
    (trace,) = draw_effects(effects_of(ODD["one diverged"])).data
    assert trace.marker.symbol == ("square-open",)
    assert trace.y == ("reduction=2 (1 unsuccessful)",)


@pytest.mark.parametrize("vision", VISION)
def test_no_two_colours_are_alike_to_any_eye(vision: str) -> None:
    for one, other in combinations(style.COLOURS, 2):
        assert distance(one, other, vision) > 15, (one, other)
    for colour in style.COLOURS:
        assert distance(colour, style.GREY, vision) > 9, colour


def test_the_measure_of_the_test_above_knows_red_from_green() -> None:
    assert distance("#d62728", "#2ca02c", "trichromat") > 100
    assert distance("#d62728", "#2ca02c", "deuteranope") < 10
    assert distance("#777777", "#777777", "protanope") == 0


def test_there_is_a_symbol_and_a_dash_for_each_colour() -> None:
    for kinds in (style.COLOURS, style.SYMBOLS, style.DASHES):
        assert len(set(kinds)) == len(kinds) == style.MOST_GROUPS
    looks = [style.look(place) for place in range(style.MOST_NAMED)]
    assert len({(look.colour, look.symbol) for look in looks}) == len(looks)
    assert len({(look.colour, look.dash) for look in looks}) == len(looks)
    assert {look.colour for look in looks[style.MOST_GROUPS :]} == {style.GREY}
    assert style.BASELINE_LOOK.symbol not in style.SYMBOLS


@settings(max_examples=40)
@given(st.lists(st.text("abcr=0123456789", min_size=1, max_size=6), max_size=20), st.randoms())
def test_a_name_has_the_same_look_in_whatever_order_the_names_come(names: list[str], random) -> None:
    turned = list(names)
    random.shuffle(turned)
    assert style.looks(names) == style.looks(turned)


def test_names_beyond_those_told_apart_are_other() -> None:
    names = [f"r={place}" for place in range(style.MOST_NAMED + 5)]
    found = style.looks(names)
    shown = [style.legend_name(name, found) for name in names]
    assert shown[: style.MOST_NAMED] == names[: style.MOST_NAMED]
    assert set(shown[style.MOST_NAMED :]) == {"other"}
    assert found["baseline"] == style.BASELINE_LOOK


def test_a_family_has_the_same_colour_in_every_figure() -> None:
    answer = crossed(FACTORS, noisy())
    for name in ("edf", "curves"):
        figure = registry.load("figure", name).draw(value_of(name, answer, by="gate"))
        colours = {trace.name.split(" (")[0]: trace.line.color for trace in figure.data if trace.mode == "lines"}
        assert (colours["gate=sigmoid"], colours["gate=tanh"]) == style.COLOURS[:2]
    pareto = registry.load("figure", "pareto").draw(value_of("pareto", answer, by="gate"))
    points = {trace.name: trace.marker.color for trace in pareto.data if trace.mode == "markers"}
    assert (points["gate=sigmoid"], points["gate=tanh"]) == style.COLOURS[:2]


@pytest.mark.parametrize("theme", style.THEMES)
def test_ink_can_be_read_on_its_paper_and_most_marks_seen(theme: str) -> None:
    colours = style.THEMES[theme]
    assert contrast(colours["ink"], colours["paper"]) >= 4.5
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast(style.GREY, colours["paper"]) >= 3
