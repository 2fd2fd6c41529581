"""Figures that only pages show: a trial's curves, and another front behind the figure's own."""

from __future__ import annotations

import json

import plotly.graph_objects as go

from se_bench.analysis import pareto, trial_curves
from se_bench.config.dashboard import Panel
from se_bench.figures import behind, style
from se_bench.figures import pareto as drawing
from se_bench.figures import trial_curves as curves
from tests.analysis.small_studies import FULL, answered, epoch


def test_a_trials_own_lines_stand_out_and_other_seeds_share_an_entry() -> None:
    own = [epoch("a", 0, 1, 0.4), epoch("a", 0, 2, 0.6)]
    others = {seed: [epoch("a", seed, 1, 0.3)] for seed in (1, 2)}
    value = trial_curves.compute("accuracy", own, others, [epoch("b", 0, 1, 0.5)])
    assert value is not None
    figure = curves.draw(value)
    assert go.Figure(json.loads(figure.to_json())) == figure
    assert [trace.name for trace in figure.data if trace.showlegend] == [
        "other seeds", "baseline, same seed", "train", "test"
    ]  # fmt: skip
    widths = {trace.name: trace.line.width for trace in figure.data}
    assert widths["test"] == max(widths.values())
    assert list(figure.data[-1].y) == [0.4, 0.6]
    assert figure.layout.yaxis.title.text == "accuracy (fraction)"


def test_the_front_of_all_comes_after_every_trace_that_can_be_clicked() -> None:
    value = pareto.compute(answered(FULL), Panel(figure="pareto", x=("macs",)))
    figure = drawing.draw(value)
    before = len(figure.data)
    behind.add(figure, value)
    assert len(figure.data) == before + 1
    assert before >= len(drawing.order(value, value.axes[0]))
    added = figure.data[-1]
    assert list(added.x) == [value.axes[0].x[place] for place in value.axes[0].front]
    assert (added.line.shape, added.line.dash, added.line.color) == ("hv", "dot", style.GREY)
