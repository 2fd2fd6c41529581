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
    rows, total = described.rows(found)
    assert rows == [("a <b>", "1", "0.5", "0.375", "0.75", "one; more"), ("a <b>", "2", "0.75", "", "", "two <x>")]
    assert total == 2


def test_a_sentence_names_axes_and_series() -> None:
    assert described.sentence(figure(x=[1, 2], y=[3, 4], name="these")) == "Gain against cost: 2 points of these."


def test_bands_and_entries_of_the_legend_are_no_points() -> None:
    assert described.rows(figure(x=[1, 2], y=[3, 4], mode="none", fill="toself")) == ([], 0)
    assert described.rows(figure(x=[None], y=[None], name="explained")) == ([], 0)


def test_of_many_points_some_are_shown_and_all_are_counted() -> None:
    many = list(range(described.MOST_ROWS + 7))
    rows, total = described.rows(figure(x=many, y=many))
    assert (len(rows), total) == (described.MOST_ROWS, described.MOST_ROWS + 7)


@pytest.mark.parametrize("name", registry.names("figure"))
def test_every_figure_can_be_described(name: str) -> None:
    kind = registry.load("figure", name)
    value = kind.compute(answered(FULL), Panel(figure=name))
    if value is None:  # it needs what the study has not
        return
    drawn = kind.draw(value)
    rows, total = described.rows(drawn)
    assert total >= len(rows)
    assert all(len(row) == len(described.COLUMNS) for row in rows)
    assert "<" not in described.sentence(drawn)
