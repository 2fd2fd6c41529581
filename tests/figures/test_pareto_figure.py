"""The Pareto figure shows the numbers of its value, and nothing else."""

from __future__ import annotations

import dataclasses

import plotly.graph_objects as go
import pytest

from se_bench.analysis.pareto import Pareto, compute
from se_bench.config.dashboard import Panel
from se_bench.figures import style
from se_bench.figures.pareto import draw
from tests.analysis.small_studies import FULL, ODD, Measured, answered
from tests.figures.test_every_figure import MANY

PANEL = Panel.read({"figure": "pareto", "x": ["macs", "params"]})


def value_of(measured: Measured, panel: Panel = PANEL) -> Pareto:
    found = compute(answered(measured), panel)
    assert found is not None
    return found


def points_of(figure: go.Figure) -> list[tuple[float, float]]:
    return [point for trace in figure.data[1:] for point in zip(trace.x, trace.y, strict=True)]


@pytest.mark.parametrize("measured", [FULL, ODD["one seed"], MANY], ids=["full", "one seed", "many"])
def test_the_points_are_those_of_the_value(measured: Measured) -> None:
    value = value_of(measured)
    assert points_of(draw(value)) == [(point.x[0], point.y) for point in value.points]


@pytest.mark.parametrize("measured", [FULL, ODD["one seed"], MANY], ids=["full", "one seed", "many"])
def test_the_front_is_a_step_line_through_its_members(measured: Measured) -> None:
    value = value_of(measured)
    front = draw(value).data[0]
    assert (front.name, front.line.shape) == ("Pareto-optimal", "hv")
    members = [value.points[place] for place in value.axes[0].front]
    assert list(zip(front.x, front.y, strict=True)) == [(point.x[0], point.y) for point in members]


def test_error_bars_are_the_intervals() -> None:
    symmetric = value_of(FULL)
    points = tuple(dataclasses.replace(point, low=point.y - 0.01, high=point.y + 0.03) for point in symmetric.points)
    value = dataclasses.replace(symmetric, points=points)
    for trace, point in zip(draw(value).data[1:], value.points, strict=True):
        assert point.low is not None
        assert point.high is not None
        assert trace.error_y.symmetric is False
        assert trace.y[0] + trace.error_y.array[0] == pytest.approx(point.high, rel=1e-12)
        assert trace.y[0] - trace.error_y.arrayminus[0] == pytest.approx(point.low, rel=1e-12)
        assert f"[{point.low:.4f}, {point.high:.4f}], n=3" in trace.text[0]


def test_a_single_seed_has_no_error_bar() -> None:
    for trace in draw(value_of(ODD["one seed"])).data[1:]:
        assert list(trace.error_y.array) == [None]
        assert "[" not in trace.text[0]


@pytest.mark.parametrize("measured", [FULL, MANY], ids=["full", "many"])
def test_each_button_exchanges_the_x_of_every_trace_and_the_front(measured: Measured) -> None:
    found = value_of(measured)
    one, other = found.axes
    # another front on each axis, as where the candidate with most MACs has fewest parameters
    value = dataclasses.replace(found, axes=(one, dataclasses.replace(other, front=(*other.front, 2)[-2:])))
    figure = draw(value)
    (menu,) = figure.layout.updatemenus
    assert [button.label for button in menu.buttons] == ["MACs", "parameters"]
    for place, (button, axis) in enumerate(zip(menu.buttons, value.axes, strict=True)):
        traces, layout = button.args
        assert len(traces["x"]) == len(traces["y"]) == len(figure.data)
        assert layout["xaxis.title.text"] == style.TITLES[axis.objective]
        shown = go.Figure(figure)
        for trace, x, y in zip(shown.data, traces["x"], traces["y"], strict=True):
            trace.x, trace.y = x, y
        assert points_of(shown) == [(point.x[place], point.y) for point in value.points]
        members = [value.points[member] for member in axis.front]
        front = list(zip(shown.data[0].x, shown.data[0].y, strict=True))
        assert front == [(point.x[place], point.y) for point in members]


def test_the_first_button_is_what_the_figure_shows_at_first() -> None:
    figure = draw(value_of(MANY))
    traces, layout = figure.layout.updatemenus[0].buttons[0].args
    assert [list(trace.x) for trace in figure.data] == [list(x) for x in traces["x"]]
    assert figure.layout.xaxis.title.text == layout["xaxis.title.text"]
    assert figure.layout.xaxis.type == layout["xaxis.type"]


def test_a_single_axis_needs_no_menu() -> None:
    figure = draw(value_of(FULL, Panel.read({"figure": "pareto", "x": ["macs"]})))
    assert not figure.layout.updatemenus


def test_the_baseline_looks_unlike_the_others_and_so_does_each_of_them() -> None:
    looks = [(trace.marker.symbol, trace.marker.color) for trace in draw(value_of(FULL)).data[1:]]
    assert looks[0] == ("diamond", style.GREY)
    assert len({symbol for symbol, _ in looks}) == len({colour for _, colour in looks}) == len(looks)


def test_many_candidates_are_drawn_together_and_named_when_hovered() -> None:
    figure = draw(value_of(MANY))
    together = figure.data[2]
    assert together.name == "14 candidates"
    assert [text.split("<br>")[0] for text in together.text] == [f"<b>{label}</b>" for label in list(MANY)[1:]]


def test_costs_that_span_much_are_on_a_logarithmic_axis() -> None:
    value = value_of(FULL)
    near = draw(value).layout.xaxis.type
    last = dataclasses.replace(value.points[-1], x=(1e9, 1e3))
    far = draw(dataclasses.replace(value, points=(*value.points[:-1], last))).layout.xaxis.type
    assert (near, far) == ("linear", "log")
