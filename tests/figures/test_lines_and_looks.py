"""Learning curves and the forest plot show the numbers of their values; colours are told apart by every eye."""

from __future__ import annotations

import dataclasses
from itertools import combinations

import pytest

from se_bench.analysis import curves, effects
from se_bench.config.dashboard import Panel
from se_bench.figures import style
from se_bench.figures.curves import draw as draw_curves
from se_bench.figures.effects import POINTS
from se_bench.figures.effects import draw as draw_effects
from tests.analysis.small_studies import FULL, ODD, Measured, answered
from tests.figures.colours import VISION, contrast, distance
from tests.figures.test_every_figure import MANY


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


@pytest.mark.parametrize("measured", [FULL, ODD["one seed"]], ids=["full", "one seed"])
def test_the_forest_plot_has_each_difference_with_its_interval_in_points(measured: Measured) -> None:
    symmetric = effects_of(measured)
    lopsided = [
        dataclasses.replace(effect.difference, high=effect.difference.high and effect.difference.high + 0.01)
        for effect in symmetric.effects
    ]
    pairs = zip(symmetric.effects, lopsided, strict=True)
    value = effects.Effects(effects=tuple(dataclasses.replace(one, difference=other) for one, other in pairs))
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


def test_the_forest_plot_marks_the_baseline_at_zero() -> None:
    (line,) = draw_effects(effects_of(FULL)).layout.shapes
    assert (line.x0, line.x1) == (0, 0)


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
        assert len(set(kinds)) == len(kinds) == style.MOST_GROUPS // 2
    looks = [style.look(place) for place in range(style.MOST_GROUPS)]
    assert len({(look.colour, look.symbol) for look in looks}) == len(looks)
    assert len({(look.colour, look.dash) for look in looks}) == len(looks)


@pytest.mark.parametrize("theme", style.THEMES)
def test_ink_can_be_read_on_its_paper(theme: str) -> None:
    colours = style.THEMES[theme]
    assert contrast(colours["ink"], colours["paper"]) >= 4.5
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
