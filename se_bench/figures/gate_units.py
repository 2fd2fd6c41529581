"""Gates from input to output: three panels, a line a candidate with its intervals over seeds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go

from se_bench.analysis import gate_units
from se_bench.analysis.estimates import Estimate
from se_bench.analysis.gate_units import GateUnits
from se_bench.analysis.gates import CandidateGates
from se_bench.figures import parts, style
from se_bench.figures.gate_interventions import NEEDS
from se_bench.figures.style import Figure, Look

TITLES = ("mean gate", "class share", "share of gates near an end")
ROW = 220


def draw(value: GateUnits) -> go.Figure:
    """Mean, class share and saturation, below each other."""
    looks = style.looks(each.label for each in value.candidates)
    figure = parts.panels(TITLES, columns=1, row=ROW)
    for each in value.candidates:
        statistics: Sequence[tuple[int, str, list[Estimate]]] = (
            (0, "mean gate", [unit.mean for unit in each.units]),
            (1, "class share", [unit.class_share for unit in each.units]),
            (2, "near the upper end", [unit.high for unit in each.units]),
            (2, "near the lower end", [unit.low for unit in each.units]),
        )
        for place, what, found in statistics:
            figure.add_trace(_trace(each, looks[each.label], place, what, found))
    for place, title in enumerate(TITLES):
        figure.update_layout(
            {
                parts.axis("xaxis", place): {"type": "category", "title": {"text": "unit"}},
                parts.axis("yaxis", place): {"rangemode": "tozero", "title": {"text": title.replace("of gates ", "")}},
            }
        )
    return figure.update_layout(showlegend=len(value.candidates) > 1)


def _trace(each: CandidateGates, look: Look, place: int, what: str, found: Sequence[Estimate]) -> dict[str, Any]:
    label = style.text(each.label)
    known = [(unit.unit, one.mean, one) for unit, one in zip(each.units, found, strict=True) if one.mean is not None]
    means = [mean for _, mean, _ in known]
    return {
        "type": "scatter",
        "x": [unit for unit, _, _ in known],
        "y": means,
        "error_y": {
            **parts.bars(means, [one.low for _, _, one in known], [one.high for _, _, one in known]),
            "color": look.colour,
        },
        "mode": "lines+markers",
        "line": {"color": look.colour, "width": 2, "dash": "dot" if "lower" in what else "solid"},
        "marker": {"symbol": look.symbol, "size": 9, "color": look.colour},
        "name": label,
        "legendgroup": label,
        "showlegend": place == 0,
        "text": [style.interval(mean, one.low, one.high, one.n) for _, mean, one in known],
        "hovertemplate": f"<b>{label}</b>, %{{x}}<br>{what} %{{text}}<extra></extra>",
        "xaxis": parts.axis("x", place),
        "yaxis": parts.axis("y", place),
    }


FIGURE = Figure(compute=gate_units.compute, draw=draw, needs=NEEDS)
