"""Interventions on gates: a row each, accuracy with it minus without, with its interval."""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go

from se_bench.analysis import gate_interventions
from se_bench.analysis.gate_interventions import GateInterventions
from se_bench.analysis.gates import CandidateGates, GateEffect
from se_bench.figures import parts, style
from se_bench.figures.style import POINTS, Figure, Look

KINDS = {"frozen": "frozen to their mean", "shuffled": "those of another image", "one": "set to one"}
NEEDS = "a trained net whose gates were read: by `se-bench gates STUDY CANDIDATE`, or by a run for a claim about gates"


def draw(value: GateInterventions) -> go.Figure:
    """Interventions on all gates on top, then on those of each stage alone; zero is the net with its own gates."""
    looks = style.looks(each.label for each in value.candidates)
    rows = list(dict.fromkeys(name(effect) for each in value.candidates for effect in each.effects))
    return style.figure(
        [_trace(each, looks[each.label]) for each in value.candidates],
        height=max(260, 130 + 34 * len(rows)),
        xaxis={
            "title": {"text": "change of accuracy, same seeds (points)"},
            "zeroline": False,
            "autorangeoptions": {"include": [-0.1, 0.1]},
        },
        yaxis={"type": "category", "showgrid": False, "categoryorder": "array", "categoryarray": rows[::-1]},
        shapes=[parts.zero_line()],
        showlegend=len(value.candidates) > 1,
    )


def name(effect: GateEffect) -> str:
    """What an intervention is called: ``stage 2: set to one``."""
    return f"{'all' if effect.stage is None else f'stage {effect.stage}'}: {KINDS.get(effect.kind, effect.kind)}"


def _trace(each: CandidateGates, look: Look) -> dict[str, Any]:
    label = style.text(each.label)
    rows = [name(effect) for effect in each.effects]
    drawn = parts.forest(rows, [effect.difference for effect in each.effects], POINTS, look.colour)
    return {
        "type": "scatter",
        **drawn,
        "marker": {"color": look.colour, "symbol": look.symbol, "size": 10},
        "name": label,
        "hovertemplate": f"<b>{label}</b>, gates %{{y}}<br>%{{text}}<extra></extra>",
    }


FIGURE = Figure(compute=gate_interventions.compute, draw=draw, needs=NEEDS)
