"""The other figures show the numbers of their values: in their unit, at their place, with their intervals."""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest

from se_bench import registry
from se_bench.analysis import importance
from se_bench.analysis.comparison import compare
from se_bench.config.dashboard import Panel
from se_bench.figures import style
from se_bench.figures.comparison import draw as draw_comparison
from se_bench.figures.comparison import tabulate
from se_bench.figures.style import POINTS
from tests.analysis.small_studies import FULL, NOON, Measured, answered, claim
from tests.analysis.test_comparison import BETTER, named
from tests.figures.odd_studies import PARTIAL, study, value_of


@pytest.fixture(autouse=True)
def _few_resamples(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(importance.RESAMPLES, "fanova", 4)


def both(name: str, odd: str = "factorial", **options: Any) -> tuple[Any, go.Figure]:
    value = value_of(name, study(odd), **options)
    return value, registry.load("figure", name).draw(value)


def ends(bars: Any, values: Any) -> list[tuple[float, float]]:
    return [
        (value - below, value + above) for value, below, above in zip(values, bars.arrayminus, bars.array, strict=True)
    ]


def test_main_effects_are_in_points_a_panel_an_axis() -> None:
    value, figure = both("main_effects")
    assert [trace.name for trace in figure.data] == ["squeeze", "gate"]
    for term, trace in zip(value.terms, figure.data, strict=True):
        assert list(trace.x) == [effect.levels[0] for effect in term.effects]
        assert list(trace.y) == pytest.approx([POINTS * effect.value for effect in term.effects])
        for found, effect in zip(ends(trace.error_y, trace.y), term.effects, strict=True):
            assert found == pytest.approx((POINTS * effect.low, POINTS * effect.high))
    titles = [annotation.text for annotation in figure.layout.annotations]
    assert titles[0].startswith("squeeze (p ")


def test_interactions_are_coloured_with_zero_at_white() -> None:
    value, figure = both("interactions")
    (trace,), (term,) = figure.data, value.terms
    cells = {effect.levels: effect for effect in term.effects}
    for row, squeeze in enumerate(trace.y):
        for column, gate in enumerate(trace.x):
            effect = cells[squeeze, gate]
            assert trace.z[row][column] == pytest.approx(POINTS * effect.value)
            sure = not effect.low <= 0 <= effect.high
            assert trace.text[row][column].endswith("*") == sure
    scale = figure.layout.coloraxis
    assert scale.cmin == -scale.cmax
    assert scale.colorscale[1] == (0.5, "#ffffff")
    assert scale.cmax == pytest.approx(max(abs(POINTS * effect.value) for effect in term.effects))


def test_importance_has_a_bar_an_axis_the_most_important_on_top() -> None:
    value, figure = both("importance")
    (trace,) = figure.data
    assert list(trace.y)[::-1] == [axis.name for axis in value.axes]
    assert list(trace.x)[::-1] == [axis.share for axis in value.axes]
    for found, axis in zip(reversed(ends(trace.error_x, trace.x)), value.axes, strict=True):
        assert found == pytest.approx((axis.low, axis.high))


def test_the_ablation_has_a_row_for_each_step_and_for_each_component_left_out() -> None:
    value, figure = both("ablation")
    path, left = figure.data
    assert list(path.y)[::-1] == [f"+ {step.component}" for step in value.path]
    assert list(left.y)[::-1] == [f"without {step.component}" for step in value.left_out]
    assert list(path.x)[::-1] == pytest.approx([POINTS * step.change.mean for step in value.path])
    assert list(left.x)[::-1] == pytest.approx([POINTS * step.change.mean for step in value.left_out])


def test_the_distribution_starts_at_no_candidate_and_names_n() -> None:
    value, figure = both("edf", by="gate")
    lines = [trace for trace in figure.data if trace.mode == "lines"]
    for family, line in zip(value.families, lines, strict=True):
        assert line.name == f"{family.family} (n=3)"
        assert list(line.y) == [0.0, *family.share]
        assert list(line.x) == [family.error[0], *family.error]
        assert line.line.shape == "hv"


def test_the_best_region_is_shaded_over_its_levels() -> None:
    value, figure = both("metric_by_axis")
    for axis, trace in zip(value.axes, figure.data, strict=True):
        assert list(trace.x) == list(axis.x)
        assert trace.y.tolist() == value.values.astype(np.float32).tolist()
    shaded = [(shape.xref, shape.x0, shape.x1) for shape in figure.layout.shapes if shape.type == "rect"]
    assert shaded == [("x", *value.axes[0].region[0]), ("x2", *value.axes[1].region[0])]
    lines = [shape for shape in figure.layout.shapes if shape.type == "line"]
    assert {line.y0 for line in lines} == {value.baseline}
    assert figure.layout.xaxis.ticktext == ("avg", "max", "std")


def test_parallel_coordinates_turn_costs_around() -> None:
    value, figure = both("parallel_coordinates")
    for coordinate, dimension in zip(value.coordinates, figure.data[0].dimensions, strict=True):
        assert list(dimension.values) == list(coordinate.values)
        low, high = dimension.range
        assert (low > high) == coordinate.less_is_better
        assert min(low, high) <= coordinate.values.min() <= coordinate.values.max() <= max(low, high)
        assert dimension.ticktext == coordinate.levels


def test_fidelity_is_tau_with_its_interval() -> None:
    value, figure = both("fidelity")
    (trace,) = figure.data
    assert list(trace.x) == [each.epoch for each in value.epochs]
    assert list(trace.y) == [each.tau for each in value.epochs]
    assert [each.low for each in value.epochs] == [None], (
        "the first epoch is half the last, so every ranking is the same"
    )
    assert (trace.error_y.array, trace.error_y.arrayminus) == ((None,), (None,))
    spread = dataclasses.replace(value, epochs=(dataclasses.replace(value.epochs[0], tau=0.5, low=0.1, high=0.8),))
    (trace,) = registry.load("figure", "fidelity").draw(spread).data
    assert ends(trace.error_y, trace.y) == [pytest.approx((0.1, 0.8))]


def test_the_timeline_has_a_trace_for_each_status_and_tells_how_many() -> None:
    value, figure = both("timeline", "partial")
    names = [trace.name for trace in figure.data if trace.showlegend is not False]
    statuses = {cell.value for seeds in PARTIAL.values() for cell in seeds.values() if not isinstance(cell, float)}
    assert {name.split(" (")[0] for name in names} == (statuses - {"planned"}) | {"completed"}
    assert sum(int(name.split("(")[1].rstrip(")")) for name in names) == value.total
    completed = next(trace for trace in figure.data if trace.name.startswith("completed"))
    assert completed.x[0] == NOON
    assert completed.x[1] == NOON + timedelta(seconds=10)
    assert completed.x[2] is None
    assert len({(trace.line.color, trace.marker.symbol) for trace in figure.data}) == len(figure.data)


def test_each_claim_has_its_difference_its_limit_and_its_verdict() -> None:
    claims = [
        (claim("better", name="one"), "reduction=2", "baseline"),
        (claim("equivalent", margin=0.02, name="two"), "reduction=16", "baseline"),
        (claim("better", metric="train_seconds", margin=1.0, name="three"), "reduction=2", "baseline"),
        (claim("lower", metric="macs", name="four"), "reduction=2", "baseline"),
    ]
    value = value_of("verdicts", answered(FULL, claims))
    figure = registry.load("figure", "verdicts").draw(value)
    found = {
        row: (trace.name, place) for trace in figure.data if trace.name != "limit of the claim"
        for row, place in zip(trace.y, trace.x, strict=True)
    }  # fmt: skip
    assert found["one"] == ("undecided", pytest.approx(4.0))
    assert found["three"][0] == "undecided"
    assert found["four"] == ("refuted", 50)
    limits = {
        row: sorted(x for y, x in zip(trace.y, trace.x, strict=True) if y == row)
        for trace in figure.data if trace.name == "limit of the claim" for row in trace.y
    }  # fmt: skip
    assert limits == {"one": [0], "two": [-2, 2], "three": [-1], "four": [0]}
    assert figure.layout.xaxis.title.text == "difference, same seeds (points of accuracy)"
    assert figure.layout.xaxis2.title.text == "difference, same seeds (seconds of training)"


def test_the_table_of_costs_has_a_point_where_something_is_gained() -> None:
    value, figure = both("front_at_costs", "full", x=["macs", "params"], costs=[5e3, 10_049.0, 10_050.0])
    macs, params = figure.data
    assert list(macs.x) == ["10,050"]
    assert list(macs.y) == pytest.approx([4.0])
    assert ends(macs.error_y, macs.y)[0] == pytest.approx(
        (POINTS * value.axes[0].rows[2].gain.low, POINTS * value.axes[0].rows[2].gain.high)
    )
    assert len(params.x) == 0
    assert [each.text for each in figure.layout.annotations][-1] == "no candidate is better than the baseline"


def test_studies_are_compared_by_step_lines_and_a_table_of_volumes() -> None:
    answers = [named(answered(FULL), "one"), named(answered(BETTER), "other")]
    value = compare(answers, Panel.read({"figure": "comparison", "x": ["macs", "params"]}))
    assert value is not None
    figure = draw_comparison(value)
    fronts = [trace for trace in figure.data if trace.showlegend]
    assert [trace.name for trace in fronts] == ["one (n=3)", "other (n=3)"]
    for studied, trace in zip(value.studies, fronts, strict=True):
        axis = studied.pareto.axes[0]
        assert list(trace.x) == axis.x[list(axis.front)].tolist()
        assert trace.line.shape == "hv"
    assert {trace.line.color for trace in fronts} == set(style.COLOURS[:2])
    for studied, front, others in zip(value.studies, fronts, figure.data[::2], strict=True):
        assert sorted([*front.y, *others.y]) == sorted(studied.pareto.values.tolist())
    assert [button.label for button in figure.layout.updatemenus[0].buttons] == ["MACs", "parameters"]
    table = tabulate(value)
    volume = value.studies[1].pareto.axes[0].hypervolume
    assert volume is not None
    assert table.rows[1][:2] == ("other", f"{volume.value:.3f} [{volume.low:.3f}, {volume.high:.3f}]")
    assert table.columns[1] == "hypervolume, MACs [95 %]"


def test_a_study_without_a_front_has_dashes_in_the_table() -> None:
    failing: Measured = {name: {**seeds, 9: PARTIAL["reduction=2"][1]} for name, seeds in FULL.items()}
    value = compare(
        [named(answered(failing), "lost"), named(answered(FULL), "one")], Panel.read({"figure": "comparison"})
    )
    assert value is not None
    assert set(tabulate(value).rows[0][3:]) <= {"—"}
