"""Figures for those who do not see them."""

from __future__ import annotations

import plotly.graph_objects as go
import pytest

from se_bench import registry
from se_bench.config.dashboard import Panel
from se_bench.dashboard import described
from tests.analysis.small_studies import FULL, answered


def figure(**trace: object) -> go.Figure:
    return go.Figure(go.Scatter(**trace), {"xaxis.title.text": "cost", "yaxis.title.text": "gain"})


def test_a_row_has_the_ends_of_its_bar_and_its_words() -> None:
    found = figure(
        x=[1, 2],
        y=[0.5, 0.75],
        name="a &lt;b&gt;",
        text=["<b>one</b><br>more", "two &lt;x&gt;"],
        error_y={"array": [0.25, None], "arrayminus": [0.125, None]},
    )
    _, rows, total = described.table(found)
    assert rows == [("a <b>", "1", "0.5", "0.375", "0.75", "one; more"), ("a <b>", "2", "0.75", "", "", "two <x>")]
    assert total == 2


def test_a_sentence_names_axes_and_series() -> None:
    assert described.sentence(figure(x=[1, 2], y=[3, 4], name="these")) == "Gain against cost: 2 points of these."


def test_bands_and_entries_of_the_legend_are_no_points() -> None:
    assert described.table(figure(x=[1, 2], y=[3, 4], mode="none", fill="toself"))[1:] == ([], 0)
    assert described.table(figure(x=[None], y=[None], name="explained"))[1:] == ([], 0)


def test_a_heat_map_has_a_row_a_cell() -> None:
    cells = go.Figure(go.Heatmap(x=["a", "b"], y=[1, 2], z=[[0.5, None], [1.5, 2.5]], name="of"))
    _, rows, total = described.table(cells)
    assert rows == [
        ("of", "a", "1", "", "", "0.5"),
        ("of", "b", "1", "", "", "–"),
        ("of", "a", "2", "", "", "1.5"),
        ("of", "b", "2", "", "", "2.5"),
    ]
    assert total == 4


def test_parallel_coordinates_have_a_row_a_line_and_a_column_an_axis() -> None:
    axes = [{"label": "gate", "values": [0, 1], "tickvals": [0, 1], "ticktext": ["tanh", "relu"]}]
    lines = go.Figure(go.Parcoords(dimensions=[*axes, {"label": "macs", "values": [10, 20.5]}]))
    assert described.table(lines) == (("gate", "macs"), [("tanh", "10"), ("relu", "20.5")], 2)


def test_of_many_points_some_are_shown_and_all_are_counted() -> None:
    many = list(range(described.MOST_ROWS + 7))
    _, rows, total = described.table(figure(x=many, y=many))
    assert (len(rows), total) == (described.MOST_ROWS, described.MOST_ROWS + 7)


@pytest.mark.parametrize("name", registry.names("figure"))
def test_every_figure_can_be_described(name: str) -> None:
    kind = registry.load("figure", name)
    value = kind.compute(answered(FULL), Panel(figure=name))
    if value is None:  # it needs what the study has not
        return
    drawn = kind.draw(value)
    columns, rows, total = described.table(drawn)
    assert total >= len(rows)
    assert all(len(row) == len(columns) for row in rows)
    assert "<" not in described.sentence(drawn)
