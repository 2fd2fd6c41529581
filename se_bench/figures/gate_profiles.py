"""Profiles of gates: the mean gate of each channel, a line a class, a panel for the deepest unit of each stage."""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go

from se_bench.analysis import gate_profiles
from se_bench.analysis.gate_profiles import GateProfiles
from se_bench.analysis.gates import CandidateGates
from se_bench.figures import parts, style
from se_bench.figures.gate_interventions import NEEDS
from se_bench.figures.style import Figure

ROW = 240


def draw(value: GateProfiles) -> go.Figure:
    """One candidate at a time: the first, or the one whose button is pressed."""
    rows = max(len(each.profiles) for each in value.candidates)
    units = [
        dict.fromkeys(each.profiles[row].unit for each in value.candidates if row < len(each.profiles))
        for row in range(rows)
    ]
    figure = parts.panels([", ".join(names) for names in units], columns=1, row=ROW)
    shown: list[str] = []
    for each in value.candidates:
        for trace in _traces(each, visible=each is value.candidates[0]):
            figure.add_trace(trace)
            shown.append(each.label)
    for row in range(rows):
        figure.update_layout(
            {
                parts.axis("xaxis", row): {"title": {"text": "channel"}},
                parts.axis("yaxis", row): {"title": {"text": "mean gate"}},
            }
        )
    figure.update_layout(legend={**style.LEGEND, "title": {"text": "class"}})
    if len(value.candidates) > 1:
        labels = [each.label for each in value.candidates]
        arguments = [[{"visible": [own == label for own in shown]}] for label in labels]
        figure.update_layout(updatemenus=[parts.menu([style.text(label) for label in labels], arguments)], margin_t=90)
    return figure


def _traces(each: CandidateGates, *, visible: bool) -> list[dict[str, Any]]:
    looks = style.looks(each.classes)
    return [
        {
            "type": "scatter",
            "x": list(range(1, len(means) + 1)),
            "y": list(means),
            "mode": "lines",
            "line": {"color": looks[of_class].colour, "dash": looks[of_class].dash, "width": 1.5},
            "name": style.text(of_class),
            "legendgroup": style.text(of_class),
            "showlegend": row == 0,
            "visible": visible,
            "hovertemplate": f"<b>class {style.text(of_class)}</b>, channel %{{x}}: %{{y:.3f}}<br>"
            f"{style.text(each.label)}, seed {each.seeds[0]}<extra></extra>",
            "xaxis": parts.axis("x", row),
            "yaxis": parts.axis("y", row),
        }
        for row, profile in enumerate(each.profiles)
        for of_class, means in zip(each.classes, profile.means, strict=True)
    ]


FIGURE = Figure(compute=gate_profiles.compute, draw=draw, needs=NEEDS)
