"""The fronts of several studies in one plane, with hypervolumes from a shared reference point as a table."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go

from se_bench.analysis import comparison
from se_bench.analysis.comparison import Comparison, StudyFront
from se_bench.analysis.pareto import Hypervolume, State
from se_bench.figures import parts, style
from se_bench.figures.front_at_costs import DASH, number
from se_bench.figures.style import Figure, Look, Table


def draw(value: Comparison) -> go.Figure:
    """A step line and its members a study, and a menu of x axes where there are several."""
    found = style.looks(study.name for study in value.studies)
    views = [
        [trace for study in value.studies for trace in _study(study, place, found[study.name])]
        for place, _ in enumerate(value.x)
    ]
    layout: dict[str, Any] = {"xaxis": _x_axis(value, 0), "yaxis": parts.y_axis(value.y)}
    if len(views) > 1:
        arguments = [
            [
                {key: [trace[key] for trace in view] for key in ("x", "y", "text")},
                {f"xaxis.{path}": entry for path, entry in _paths(_x_axis(value, place)).items()},
            ]
            for place, view in enumerate(views)
        ]
        layout["updatemenus"] = [parts.menu([style.short_title(x) for x in value.x], arguments)]
        layout["margin"] = {"l": 70, "r": 20, "t": 70, "b": 55}
    return style.figure(views[0], height=500, **layout)


def tabulate(value: Comparison) -> Table:
    """Hypervolumes with their intervals, and the best at the costs that all share."""
    costs = [row.cost for row in _rows(value.studies[0])]
    rows = []
    for study in value.studies:
        volumes = [axis.hypervolume for axis in study.pareto.axes]
        cells = [DASH if each is None else _volume(each) for each in volumes]
        best = {row.cost: row.value.mean for row in _rows(study) if row.value is not None}
        at = [DASH if best.get(cost) is None else f"{best[cost]:.4f}" for cost in costs]
        rows.append((study.name, *cells, *at))
    return Table(
        columns=(
            "study",
            *(f"hypervolume, {style.short_title(x)} [95 %]" for x in value.x),
            *(f"{style.short_title(value.y)} at {number(cost)} {style.short_title(value.x[0])}" for cost in costs),
        ),
        rows=tuple(rows),
    )


def _volume(found: Hypervolume) -> str:
    return f"{found.value:.3f}" + ("" if found.low is None else f" [{found.low:.3f}, {found.high:.3f}]")


def _rows(study: StudyFront) -> tuple[Any, ...]:
    return study.at_costs.axes[0].rows if study.at_costs else ()


def _study(study: StudyFront, place: int, look: Look) -> list[dict[str, Any]]:
    found, axis = study.pareto, study.pareto.axes[place]
    members = list(axis.front)
    name = style.text(study.name)
    means = found.values[members].tolist()
    low, high = (parts.known(ends[members]) for ends in (found.low, found.high))
    texts = [
        f"<b>{style.text(found.labels[member])}</b><br>{name}<br>"
        f"{found.y} {style.interval(mean, least, most, int(found.n[member]))}<br>{axis.objective} {axis.x[member]:,.6g}"
        for member, mean, least, most in zip(members, means, low, high, strict=True)
    ]
    symbols = [look.symbol if axis.state[member] == State.ON else f"{look.symbol}-open" for member in members]
    return [
        _others(study, place, look, name),
        {
            "type": "scatter",
            "x": axis.x[members].tolist(),
            "y": means,
            "error_y": {**parts.bars(means, low, high), "color": look.colour},
            "mode": "lines+markers",
            "line": {
                "shape": "vh" if axis.maximize else "hv",
                "color": look.colour,
                "dash": look.dash,
                "width": 2,
            },
            "marker": {"color": look.colour, "symbol": symbols, "size": 10, "line": {"width": 2}},
            "name": f"{name} (n={len(found.labels):,})",
            "legendgroup": name,
            "showlegend": True,
            "text": texts,
            "hovertemplate": "%{text}<extra></extra>",
        },
    ]


def _others(study: StudyFront, place: int, look: Look, name: str) -> dict[str, Any]:
    """The candidates that are not on the front, faint and without words."""
    found = study.pareto
    members = np.isin(np.arange(len(found.labels)), found.axes[place].front)
    return {
        "type": "scattergl" if len(found.labels) > style.MANY else "scatter",
        "x": found.axes[place].x[~members].tolist(),
        "y": found.values[~members].tolist(),
        "mode": "markers",
        "marker": {"color": look.colour, "size": 5, "opacity": 0.4},
        "name": name,
        "legendgroup": name,
        "showlegend": False,
        "hoverinfo": "skip",
        "text": "",
    }


def _x_axis(value: Comparison, place: int) -> dict[str, Any]:
    x = np.concatenate([study.pareto.axes[place].x for study in value.studies])
    return {
        "title": {"text": style.title(value.x[place])},
        "type": "log" if style.is_wide(x) else "linear",
        "tickformat": "~s",
        "autorange": True,
    }


def _paths(axis: dict[str, Any]) -> dict[str, Any]:
    return {"title.text": axis["title"]["text"], **{key: axis[key] for key in ("type", "tickformat", "autorange")}}


FIGURE = Figure(compute=comparison.compute, draw=draw, tabulate=tabulate)
