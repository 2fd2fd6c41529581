"""The role of excitation in three figures: profiles of classes, statistics of units, what interventions change."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from se_bench.analysis import gate_interventions, gate_profiles, gate_units
from se_bench.analysis.estimates import Estimate
from se_bench.analysis.gate_interventions import GateInterventions
from se_bench.analysis.gate_profiles import GateProfiles
from se_bench.analysis.gate_units import GateUnits
from se_bench.analysis.gates import GateEffect
from se_bench.figures import style
from se_bench.figures.parts import menu
from se_bench.figures.style import Figure

POINTS = 100
"""One of accuracy is a hundred points."""
PANEL_HEIGHT = 230
KINDS = {"frozen": "frozen to their mean", "shuffled": "those of another image", "one": "set to one"}
STATISTICS = ("mean gate", "class share", "share near an end")


def draw_profiles(value: GateProfiles) -> go.Figure:
    """The mean gate of each channel, a line a class; a panel for the deepest unit of each stage, as in the paper."""
    rows = max(len(each.profiles) for each in value.candidates)
    figure = _panels(rows)
    traces_of: list[str] = []
    for each in value.candidates:
        for row, profile in enumerate(each.profiles, start=1):
            for place, (name, means) in enumerate(zip(each.classes, profile.means, strict=True)):
                traces_of.append(each.label)
                figure.add_scatter(
                    x=list(range(1, len(means) + 1)),
                    y=list(means),
                    mode="lines",
                    line=_class_line(place, len(each.classes)),
                    name=style.text(name),
                    legendgroup=style.text(name),
                    showlegend=row == 1,
                    visible=each is value.candidates[0],
                    hovertemplate=f"<b>class {style.text(name)}</b>, channel %{{x}}: %{{y:.3f}}"
                    f"<br>{style.text(each.label)}, seed {each.seeds[0]}<extra></extra>",
                    row=row,
                    col=1,
                )
    for row in range(1, rows + 1):
        units = dict.fromkeys(each.profiles[row - 1].unit for each in value.candidates if row <= len(each.profiles))
        figure.update_yaxes(title_text=f"{', '.join(units)}: mean gate", row=row, col=1)
        figure.update_xaxes(title_text="channel", row=row, col=1)
    figure.update_layout(legend={"title": {"text": "class"}, "x": 1.02, "xanchor": "left", "y": 1})
    if len(value.candidates) > 1:
        figure.update_layout(updatemenus=[_menu(value, traces_of)], margin_t=70)
    return figure


def draw_units(value: GateUnits) -> go.Figure:
    """Three statistics of each unit from input to output, with their intervals over seeds; a line a candidate."""
    figure = _panels(len(STATISTICS), shared_xaxes=True, start_cell="bottom-left", vertical_spacing=0.06)
    for place, each in enumerate(value.candidates):
        name, look = style.text(each.label), style.look(place % style.MOST_GROUPS)
        parts: Sequence[tuple[int, str, list[Estimate]]] = (
            (3, "mean gate", [unit.mean for unit in each.units]),
            (2, "class share", [unit.class_share for unit in each.units]),
            (1, "near the lower end", [unit.low for unit in each.units]),
            (1, "near the upper end", [unit.high for unit in each.units]),
        )
        for row, what, found in parts:
            figure.add_scatter(
                x=[unit.unit for unit in each.units],
                y=[one.mean for one in found],
                error_y=_whiskers(found, look.colour),
                mode="lines+markers",
                line={"color": look.colour, "width": 2, "dash": "dot" if "lower" in what else "solid"},
                marker={"symbol": look.symbol, "size": 9},
                name=name,
                legendgroup=name,
                showlegend=row == 3,
                text=[_told(one) for one in found],
                hovertemplate=f"<b>{name}</b>, %{{x}}<br>{what} %{{text}}<extra></extra>",
                row=row,
                col=1,
            )
    for row, title in zip((3, 2, 1), STATISTICS, strict=True):
        figure.update_yaxes(title_text=title, rangemode="tozero", row=row, col=1)
    figure.update_xaxes(title_text="unit, from input to output", row=1, col=1)
    figure.update_layout(legend={"x": 1.02, "xanchor": "left", "y": 1})
    return figure


def draw_interventions(value: GateInterventions) -> go.Figure:
    """A row an intervention, all gates first: accuracy with it minus without, seed by seed, in points."""
    rows = list(dict.fromkeys(_scope(effect) for each in value.candidates for effect in each.effects))
    figure = style.figure(height=max(260, 130 + 34 * len(rows)))
    for place, each in enumerate(value.candidates):
        name, look = style.text(each.label), style.look(place % style.MOST_GROUPS)
        known = [effect for effect in each.effects if effect.difference.mean is not None]
        found = [effect.difference for effect in known]
        figure.add_scatter(
            x=[POINTS * one.mean for one in found if one.mean is not None],
            y=[_scope(effect) for effect in known],
            error_x=_whiskers(found, look.colour, scale=POINTS),
            mode="markers",
            marker={"color": look.colour, "symbol": look.symbol, "size": 10},
            name=name,
            text=[_told(one, scale=POINTS) for one in found],
            hovertemplate=f"<b>{name}</b><br>gates %{{y}}<br>%{{text}}<extra></extra>",
        )
    figure.add_vline(x=0, line={"color": style.GREY, "width": 1.5, "dash": "dash"})
    figure.update_xaxes(
        title_text="accuracy with other gates minus with its own, same seeds (points)",
        zeroline=False,
        autorangeoptions={"include": [-0.1, 0.1]},
    )
    figure.update_yaxes(type="category", showgrid=False, categoryorder="array", categoryarray=rows[::-1])
    figure.update_layout(showlegend=True, legend={"x": 1.02, "xanchor": "left", "y": 1})
    return figure


def _panels(rows: int, **layout: Any) -> go.Figure:
    """Panels below each other."""
    return make_subplots(rows=rows, cols=1, figure=style.figure(height=80 + PANEL_HEIGHT * rows), **layout)


def _class_line(place: int, classes: int) -> dict[str, Any]:
    if classes > style.MOST_GROUPS:
        return {"color": style.GREY, "width": 1}
    look = style.look(place)
    return {"color": look.colour, "width": 1.5, "dash": "solid" if place < len(style.COLOURS) else "dot"}


def _menu(value: GateProfiles, traces_of: Sequence[str]) -> dict[str, Any]:
    """Buttons above the figure that choose the candidate."""
    arguments = [[{"visible": [label == each.label for label in traces_of]}] for each in value.candidates]
    return menu([style.text(each.label) for each in value.candidates], arguments)


def _scope(effect: GateEffect) -> str:
    where = "all" if effect.stage is None else f"stage {effect.stage}"
    return f"{where}: {KINDS.get(effect.kind, effect.kind)}"


def _whiskers(found: Sequence[Estimate], colour: str, scale: float = 1.0) -> dict[str, Any]:
    def reach(upper: float | None, lower: float | None) -> float | None:
        return None if upper is None or lower is None else scale * (upper - lower)

    return {
        "type": "data",
        "symmetric": False,
        "array": [reach(one.high, one.mean) for one in found],
        "arrayminus": [reach(one.mean, one.low) for one in found],
        "color": colour,
        "thickness": 1.5,
        "width": 5,
    }


def _told(found: Estimate, scale: float = 1.0) -> str:
    return "" if found.mean is None else style.interval(found.mean, found.low, found.high, found.n, scale=scale)


NEEDS = "gates that were read (`se-bench gates STUDY CANDIDATE`)"

PROFILES = Figure(compute=gate_profiles.compute, draw=draw_profiles, needs=NEEDS)
UNITS = Figure(compute=gate_units.compute, draw=draw_units, needs=NEEDS)
INTERVENTIONS = Figure(compute=gate_interventions.compute, draw=draw_interventions, needs=NEEDS)
