"""The Pareto figure: accuracy against a cost, with intervals, the baseline, and the front as a step line."""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go

from se_bench.analysis import pareto
from se_bench.analysis.pareto import Pareto, ParetoAxis, ParetoPoint
from se_bench.figures import style
from se_bench.figures.style import Figure


def draw(value: Pareto) -> go.Figure:
    """One trace a candidate (together where there are many), the front, and a menu of x axes.

    The front steps at its members: what a cost buys is the best of what costs no more.
    """
    figure = style.empty(height=520)
    first = value.axes[0]
    groups = _groups(value)
    figure.add_trace(
        go.Scatter(
            x=_front_x(value, 0),
            y=_front_y(value, first),
            mode="lines+markers",
            line={"shape": "hv", "color": style.GREY, "width": 2},
            marker={"symbol": "circle-open", "size": 24, "color": style.GREY, "line": {"width": 1.5}},
            name="Pareto-optimal",
            hoverinfo="skip",
        )
    )
    for name, points, look in groups:
        figure.add_trace(
            go.Scatter(
                x=[point.x[0] for point in points],
                y=[point.y for point in points],
                error_y=_whiskers(points, look["color"]),
                mode="markers",
                marker={"size": 11, "line": {"width": 1, "color": "white"}} | look,
                name=style.text(name),
                text=[_hover(value, point) for point in points],
                hovertemplate="%{text}<extra></extra>",
            )
        )
    figure.update_layout(legend={"orientation": "v", "x": 1.02, "xanchor": "left", "y": 1})
    figure.update_yaxes(title_text=style.TITLES[value.y])
    figure.update_xaxes(_x_axis(value, 0))
    if len(value.axes) > 1:
        figure.update_layout(updatemenus=[_menu(value, groups)], margin_t=70)
    return figure


def _groups(value: Pareto) -> list[tuple[str, list[ParetoPoint], dict[str, Any]]]:
    """(name, points, marker) of each trace: the baseline, then candidates apart or together."""
    baseline = [point for point in value.points if point.is_baseline]
    others = [point for point in value.points if not point.is_baseline]
    groups: list[tuple[str, list[ParetoPoint], dict[str, Any]]] = []
    if baseline:
        groups.append(("baseline", baseline, {"symbol": "diamond", "color": style.GREY, "size": 14}))
    if len(others) <= style.MOST_GROUPS:
        for place, point in enumerate(others):
            look = style.look(place)
            groups.append(
                (
                    point.label,
                    [point],
                    {"symbol": look.symbol, "color": look.colour, "line": {"width": 2 if "open" in look.symbol else 1}},
                )
            )
    else:
        together = {"symbol": "circle", "color": style.COLOURS[0], "opacity": 0.6}
        groups.append((f"{len(others)} candidates", others, together))
    return groups


def _whiskers(points: list[ParetoPoint], colour: str) -> dict[str, Any]:
    return {
        "type": "data",
        "symmetric": False,
        "array": [point.high - point.y if point.high is not None else None for point in points],
        "arrayminus": [point.y - point.low if point.low is not None else None for point in points],
        "color": colour,
        "thickness": 1.5,
        "width": 5,
    }


def _hover(value: Pareto, point: ParetoPoint) -> str:
    costs = "".join(f"<br>{axis.objective} {cost:,.6g}" for axis, cost in zip(value.axes, point.x, strict=True))
    measured = style.interval(point.y, point.low, point.high, point.n)
    return f"<b>{style.text(point.label)}</b><br>{value.y} {measured}{costs}"


def _front_x(value: Pareto, place: int) -> list[float]:
    return [value.points[member].x[place] for member in value.axes[place].front]


def _front_y(value: Pareto, axis: ParetoAxis) -> list[float]:
    return [value.points[member].y for member in axis.front]


def _x_axis(value: Pareto, place: int) -> dict[str, Any]:
    wide = style.is_wide([point.x[place] for point in value.points])
    return {
        "title.text": style.TITLES[value.axes[place].objective],
        "type": "log" if wide else "linear",
        "tickformat": "~s",
        "autorange": True,
    }


def _menu(value: Pareto, groups: list[tuple[str, list[ParetoPoint], dict[str, Any]]]) -> dict[str, Any]:
    """Buttons above the figure that exchange the x axis, and with it the front."""
    buttons = []
    for place, axis in enumerate(value.axes):
        xs = [_front_x(value, place), *[[point.x[place] for point in points] for _, points, _ in groups]]
        ys = [_front_y(value, axis), *[[point.y for point in points] for _, points, _ in groups]]
        layout = {f"xaxis.{key}": entry for key, entry in _x_axis(value, place).items()}
        label = style.SHORT_TITLES.get(axis.objective, axis.objective)
        buttons.append({"label": label, "method": "update", "args": [{"x": xs, "y": ys}, layout]})
    return {
        "type": "buttons",
        "direction": "right",
        "buttons": buttons,
        "x": 0,
        "xanchor": "left",
        "y": 1.02,
        "yanchor": "bottom",
        "showactive": True,
        "pad": {"b": 4},
        "font": {"color": "#1c1e21"},
        "bgcolor": "#f1f3f4",
    }


FIGURE = Figure(compute=pareto.compute, draw=draw)
