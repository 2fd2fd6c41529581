"""The Pareto figure shows the numbers of its value, and nothing else."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest

from se_bench.analysis import pareto as values
from se_bench.analysis.pareto import Pareto, State, compute
from se_bench.analysis.seed_table import SeedTable
from se_bench.config.dashboard import Panel
from se_bench.figures import style
from se_bench.figures.pareto import draw, order
from tests.analysis.crossed_studies import FACTORS, crossed, noisy
from tests.analysis.small_studies import FULL, ODD, Measured, answered
from tests.figures.odd_studies import MANY, PARTIAL, study

PANEL = Panel.read({"figure": "pareto", "x": ["macs", "params"]})
every_size = pytest.mark.parametrize("measured", [FULL, ODD["one seed"], MANY], ids=["full", "one seed", "many"])


def value_of(measured: Measured, panel: Panel = PANEL) -> Pareto:
    found = compute(answered(measured), panel)
    assert found is not None
    return found


def points_of(figure: go.Figure, value: Pareto, place: int = 0) -> dict[int, tuple[float, float]]:
    """Candidate -> where it is drawn."""
    found = {}
    for trace, candidates in zip(figure.data, order(value, value.axes[place]), strict=False):
        if trace.name != "with trials without a result":
            found |= dict(zip(candidates.tolist(), zip(trace.x, trace.y, strict=True), strict=False))
    return found


def plain(entry: Any) -> Any:
    return entry.tolist() if isinstance(entry, np.ndarray) else list(entry) if isinstance(entry, tuple) else entry


def trace_of(figure: go.Figure, name: str) -> Any:
    return next(trace for trace in figure.data if trace.name == name)


@every_size
def test_every_candidate_is_drawn_where_its_value_is(measured: Measured) -> None:
    value = value_of(measured)
    expected = {place: (value.axes[0].x[place], value.values[place]) for place in range(len(value.labels))}
    assert points_of(draw(value), value) == expected


@every_size
def test_the_front_is_a_step_line_through_its_members(measured: Measured) -> None:
    value = value_of(measured)
    front = trace_of(draw(value), "front of the means")
    assert front.line.shape == "hv"
    members = list(value.axes[0].front)
    assert front.x.tolist() == value.axes[0].x[members].tolist()
    assert front.y.tolist() == value.values[members].tolist()


def test_the_front_of_a_cost_that_is_maximised_steps_the_other_way() -> None:
    """With at least so much: from a member on, the best is the next one's."""
    objectives = {"accuracy": "maximize", "params": "maximize", "macs": "minimize"}
    value = compute(answered(FULL, objectives=objectives), Panel.read({"figure": "pareto"}))
    assert value is not None
    figure = draw(value)
    assert trace_of(figure, "front of the means").line.shape == "vh"
    shapes = [button.args[0]["line.shape"][0] for button in figure.layout.updatemenus[0].buttons]
    assert shapes == ["vh", "hv"]


def test_error_bars_are_the_intervals() -> None:
    value = value_of(FULL)
    value = dataclasses.replace(value, low=value.values - 0.01, high=value.values + 0.03)
    figure = draw(value)
    for label, mean in zip(["baseline", "reduction=2", "reduction=16"], value.values, strict=True):
        trace = trace_of(figure, label)
        assert trace.error_y.symmetric is False
        assert trace.error_y.array == pytest.approx([0.03])
        assert trace.error_y.arrayminus == pytest.approx([0.01])
        assert f"[{mean - 0.01:.4f}, {mean + 0.03:.4f}], n=3" in trace.text[0]


def test_a_single_seed_has_no_error_bar_and_says_so() -> None:
    figure = draw(value_of(ODD["one seed"]))
    for label in ODD["one seed"]:
        trace = trace_of(figure, label)
        assert list(trace.error_y.array) == [None]
        assert "[" not in trace.text[0]
        assert "P =" not in trace.text[0]
    assert [each.text for each in figure.layout.annotations] == ["no uncertainty: one seed"]
    assert "unsure" not in [trace.name for trace in figure.data]


def test_the_three_states_look_different_and_are_explained() -> None:
    value = value_of(FULL)
    axis = dataclasses.replace(value.axes[0], state=np.array([State.ON, State.UNSURE, State.DOMINATED], dtype=np.int8))
    figure = draw(dataclasses.replace(value, axes=(axis, *value.axes[1:])))
    on, unsure, dominated = (trace_of(figure, label) for label in value.labels)
    assert not on.marker.symbol[0].endswith("-open")
    assert unsure.marker.symbol[0].endswith("-open")
    assert not dominated.marker.symbol[0].endswith("-open")
    assert dominated.marker.opacity[0] < unsure.marker.opacity[0] == 1
    assert dominated.marker.size[0] < unsure.marker.size[0]
    for trace, says in ((on, "Pareto-optimal"), (unsure, "unsure"), (dominated, "dominated")):
        assert f"{says} (P = " in trace.text[0]
        assert trace_of(figure, says).x == (None,)


def test_a_candidate_with_failures_is_crossed_out_and_told_so() -> None:
    value = value_of(PARTIAL)
    figure = draw(value)
    crosses = trace_of(figure, "with trials without a result")
    marked = [label for label, lost in zip(value.labels, value.unsuccessful, strict=True) if lost]
    assert marked == ["reduction=2", "reduction=4"]
    assert crosses.y.tolist() == [value.values[value.labels.index(label)] for label in marked]
    assert crosses.showlegend
    assert "not ranked" in trace_of(figure, "reduction=2").text[0]
    assert not trace_of(draw(value_of(FULL)), "with trials without a result").showlegend
    assert figure.layout.annotations[0].text == "N/A: 1 without a completed trial"


@every_size
def test_each_button_shows_what_the_figure_of_that_axis_alone_shows(measured: Measured) -> None:
    value = value_of(measured)
    figure = draw(value)
    (menu,) = figure.layout.updatemenus
    assert [button.label for button in menu.buttons] == ["MACs", "parameters"]
    for place, button in enumerate(menu.buttons):
        alone = draw(dataclasses.replace(value, axes=(value.axes[place],)))
        traces, layout = button.args
        shown = go.Figure(figure)
        for path, entries in traces.items():
            assert len(entries) == len(figure.data)
            for trace, entry in zip(shown.data, entries, strict=True):
                trace.update({path: entry})
        shown.update_layout(layout)
        for trace, expected in zip(shown.data, alone.data, strict=True):
            assert list(trace.x) == list(expected.x)
            assert list(trace.y) == list(expected.y)
            for part in ("symbol", "size", "opacity"):
                assert plain(trace.marker[part]) == plain(expected.marker[part]) or expected.x == (None,)
        assert shown.layout.xaxis.title.text == alone.layout.xaxis.title.text
        assert shown.layout.xaxis.type == alone.layout.xaxis.type
        assert shown.layout.shapes == alone.layout.shapes


def test_a_single_axis_needs_no_menu() -> None:
    assert not draw(value_of(FULL, Panel.read({"figure": "pareto", "x": ["macs"]}))).layout.updatemenus


def test_the_baseline_is_a_diamond_with_a_dotted_cross_hair() -> None:
    value = value_of(FULL)
    figure = draw(value)
    baseline = trace_of(figure, "baseline")
    assert baseline.marker.symbol[0].removesuffix("-open") == "diamond"
    assert baseline.marker.color == style.GREY
    upright, level = figure.layout.shapes
    assert (upright.x0, upright.x1, level.y0, level.y1) == (10_000, 10_000, value.values[0], value.values[0])
    assert {line.line.dash for line in (upright, level)} == {"dot"}


def test_members_of_a_chosen_family_are_joined_by_a_thin_line_in_order_of_cost() -> None:
    answer = crossed(FACTORS, noisy())
    value = compute(answer, Panel.read({"figure": "pareto", "by": "gate", "x": ["macs"]}))
    assert value is not None
    figure = draw(value)
    lines = [trace for trace in figure.data if trace.mode == "lines" and trace.name.startswith("gate=")]
    assert [line.name for line in lines] == ["gate=sigmoid", "gate=tanh"]
    for line in lines:
        assert line.line.width == 1
        assert list(line.x) == sorted(line.x)
        assert len(line.x) == 3
        assert (
            line.line.color
            == trace_of(go.Figure([t for t in figure.data if t.mode == "markers"]), line.name).marker.color
        )
    alone = compute(answer, Panel.read({"figure": "pareto", "x": ["macs"]}))
    assert alone is not None
    assert not [trace for trace in draw(alone).data if trace.mode == "lines" and "gate" in trace.name]


def test_members_of_a_short_front_are_named_beside_it() -> None:
    names = next(trace for trace in draw(value_of(FULL)).data if trace.mode == "text")
    assert list(names.text) == ["reduction=2"], "the baseline has its diamond"
    long = {name if name == "baseline" else "x" * 60: seeds for name, seeds in list(FULL.items())[:2]}
    cut = next(trace for trace in draw(value_of(long)).data if trace.mode == "text")
    assert len(cut.text[0]) < 30


def test_costs_that_span_much_are_on_a_logarithmic_axis() -> None:
    value = value_of(FULL)
    far = dataclasses.replace(value.axes[0], x=np.array([1e4, 1e5, 1e9]))
    assert draw(value).layout.xaxis.type == "linear"
    assert draw(dataclasses.replace(value, axes=(far,))).layout.xaxis.type == "log"


def test_a_cloud_is_drawn_by_webgl_in_random_order_and_loses_nobody() -> None:
    value = compute(study("thousands of families"), Panel.read({"figure": "pareto", "x": ["macs"]}))
    assert value is not None
    figure = draw(value)
    cloud = next(trace for trace in figure.data if trace.type == "scattergl")
    (axis,) = value.axes
    places = order(value, axis)[list(figure.data).index(cloud)]
    assert cloud.x.dtype == cloud.y.dtype == np.float32
    assert cloud.y.tolist() == value.values[places].astype(np.float32).tolist()
    assert places.tolist() != sorted(places)
    assert set(axis.state[places].tolist()) == {State.DOMINATED}
    drawn = points_of(figure, value)
    assert set(drawn) == set(range(len(value.labels)))
    for place, (x, y) in drawn.items():
        assert (x, y) == pytest.approx((axis.x[place], value.values[place]), rel=1e-6)


def drawn_of(number: int, *, lost: int) -> tuple[Pareto, go.Figure]:
    """So many candidates of one seed in four families, some of them without the result of another trial."""
    random = np.random.default_rng(0)
    table = SeedTable(
        labels=("candidate",) * number,
        axes=tuple({"gate": gate} for gate in ("sigmoid", "tanh", "relu", "identity")) * (number // 4),
        baseline=np.zeros(number, dtype=np.intp),
        seeds=(0,),
        metrics={"accuracy": random.uniform(0.5, 0.9, (number, 1))},
        costs={"macs": random.uniform(1e6, 1e9, number)},
        unsuccessful=(np.arange(number) < lost).astype(np.intp),
    )
    value = values.of(table, "accuracy", ["macs"], {"accuracy": "maximize"}, by="gate")
    assert value is not None
    return value, draw(value)


def test_the_crosses_over_a_cloud_are_no_shapes_and_have_one_entry_in_the_legend() -> None:
    value, figure = drawn_of(style.MANY + 4, lost=1500)
    traces = zip(figure.data, order(value, value.axes[0]), strict=False)
    small, large = ((trace, places) for trace, places in traces if trace.name == "with trials without a result")
    assert (small[0].type, large[0].type) == ("scattergl", "scatter")
    assert (small[0].showlegend, large[0].showlegend) == (True, False)
    states = value.axes[0].state
    assert set(states[small[1]].tolist()) == {State.DOMINATED}
    assert State.DOMINATED not in states[large[1][~value.is_baseline[large[1]]]]
    assert sorted([*small[1].tolist(), *large[1].tolist()]) == np.flatnonzero(value.unsuccessful).tolist()
    assert small[0].x.tolist() == value.axes[0].x[small[1]].tolist()


def test_a_hundred_thousand_points_come_within_a_megabyte_or_two() -> None:
    _, figure = drawn_of(100_000, lost=0)
    cloud = next(trace for trace in figure.data if trace.type == "scattergl")
    assert cloud.marker.color.dtype == np.float32
    assert len({colour for _, colour in cloud.marker.colorscale}) == 5
    assert len(figure.to_json()) < 2_000_000
