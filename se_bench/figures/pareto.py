"""The Pareto figure: accuracy against a cost, how surely each candidate is on the front, and the front as a step line.

Filled and outlined: on the front; hollow: unsure; small and faint: dominated. Where there are many candidates the
dominated are a cloud without names, drawn in a random order so that no family hides another.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go

from se_bench.analysis import pareto
from se_bench.analysis.arrays import Places
from se_bench.analysis.pareto import Pareto, ParetoAxis, State
from se_bench.figures import parts, style
from se_bench.figures.style import Figure, Look

MOST_BARS = 60
"""Of more candidates, only those that may be on the front have error bars."""
MOST_LABELS = 8
"""A front of more members has no names beside them."""
CUT = 26
SIZES = {State.DOMINATED: 8, State.UNSURE: 11, State.ON: 12}
OPACITIES = {State.DOMINATED: 0.7, State.UNSURE: 1.0, State.ON: 1.0}
SAYS = {State.DOMINATED: "dominated", State.UNSURE: "unsure", State.ON: "Pareto-optimal"}
CHANGING = (
    "x", "y", "text", "textposition", "marker.symbol", "marker.size", "marker.opacity", "marker.color",
    "error_y.array", "error_y.arrayminus", "line.shape",
)  # fmt: skip
"""What another x axis changes in a trace."""

Trace = dict[str, Any]


def draw(value: Pareto) -> go.Figure:
    """The first x axis, and a menu of the others where there are several."""
    views = [_traces(value, axis) for axis in value.axes]
    explained = _explained(value)
    layout = {**_layout(value, value.axes[0]), "yaxis": parts.y_axis(value.y)}
    said = _said(value)
    if said:
        layout["annotations"] = [parts.note(said)]
    if len(views) > 1:
        arguments = [
            [_changes(view, len(explained)), _paths(value, axis)] for view, axis in zip(views, value.axes, strict=True)
        ]
        layout["updatemenus"] = [parts.menu([style.short_title(axis.objective) for axis in value.axes], arguments)]
        layout["margin"] = {"l": 70, "r": 20, "t": 90 if said else 70, "b": 55}
    names = [trace["name"] for trace in (*views[0], *explained) if trace.get("showlegend", True)]
    below = parts.legend_height(names)
    beside = 0 if below else 190 + parts.ENTRY * len(names)
    layout["legend"] = {**style.LEGEND, **parts.legend(names)}
    return style.figure([*views[0], *explained], height=max(540 + below, beside), **layout)


def order(value: Pareto, axis: ParetoAxis) -> list[Places]:
    """For each trace of the figure, the places of the candidates that are its points, in their order.

    A page finds the candidate that was clicked by (curve number, point number); a trace that shows no candidates
    themselves has none.
    """
    return [trace["places"] for trace in _layers(value, axis)]


def _traces(value: Pareto, axis: ParetoAxis) -> list[Trace]:
    return [{key: entry for key, entry in trace.items() if key != "places"} for trace in _layers(value, axis)]


def _layers(value: Pareto, axis: ParetoAxis) -> list[Trace]:
    """All traces, back to front. There are as many for every axis."""
    found = style.looks(value.families.names)
    there = np.flatnonzero(np.isfinite(axis.x))
    points = (_cloud if _is_cloud(value) else _by_family)(value, axis, there, found)
    return [_front(value, axis), *points, *_marks(value, axis), _names(value, axis)]


def _is_cloud(value: Pareto) -> bool:
    return len(value.labels) > style.MANY


def _front(value: Pareto, axis: ParetoAxis) -> Trace:
    """Steps at the members: what a cost buys is the best of what costs no more, or has at least as much."""
    members = list(axis.front)
    return {
        "type": "scatter",
        "x": axis.x[members],
        "y": value.values[members],
        "mode": "lines",
        "line": {"shape": "vh" if axis.maximize else "hv", "color": style.GREY, "width": 2},
        "name": "front of the means",
        "hoverinfo": "skip",
        "places": np.empty(0, dtype=np.intp),
    }


def _by_family(value: Pareto, axis: ParetoAxis, there: Places, found: dict[str, Look]) -> list[Trace]:
    traces: list[Trace] = []
    for code, name in enumerate(value.families.names):
        places, look = there[value.families.codes[there] == code], found[name]
        if value.joined and look is not style.BASELINE_LOOK:
            traces.append(_joined(value, axis, places, name, look, style.legend_name(name, found)))
        traces.append(_points(value, axis, places, look, style.legend_name(name, found)))
    seen: set[str] = set()
    for trace in traces:
        if trace["mode"] == "markers":
            trace["showlegend"] = trace["name"] not in seen
            seen.add(trace["name"])
    return traces


def _joined(value: Pareto, axis: ParetoAxis, places: Places, name: str, look: Look, legend: str) -> Trace:
    by_cost = places[np.argsort(axis.x[places], kind="stable")]
    return {
        "type": "scatter",
        "x": axis.x[by_cost],
        "y": value.values[by_cost],
        "mode": "lines",
        "line": {"color": look.colour, "dash": look.dash, "width": 1},
        "opacity": 0.6,
        "name": legend,
        "legendgroup": legend,
        "showlegend": False,
        "hoverinfo": "skip",
        "places": np.empty(0, dtype=np.intp),
    }


def _points(value: Pareto, axis: ParetoAxis, places: Places, look: Look, legend: str) -> Trace:
    states = [State(state) for state in axis.state[places]]
    baseline = look is style.BASELINE_LOOK
    return {
        "type": "scatter",
        "x": axis.x[places],
        "y": value.values[places],
        "error_y": {**_bars(value, axis, places), "color": look.colour},
        "mode": "markers",
        "marker": {
            "color": look.colour,
            "symbol": [look.symbol + ("-open" if state is State.UNSURE else "") for state in states],
            "size": [14 if baseline else SIZES[state] for state in states],
            "opacity": [1.0 if baseline else OPACITIES[state] for state in states],
            "line": {"width": 1.5, "color": None if len(states) > MOST_BARS else style.GREY},
        },
        "name": legend,
        "legendgroup": legend,
        "text": _hovers(value, places),
        "hovertemplate": "%{text}<extra></extra>",
        "places": places,
    }


def _cloud(value: Pareto, axis: ParetoAxis, there: Places, found: dict[str, Look]) -> list[Trace]:
    """The dominated in one trace, then the unsure, the front, and the baselines."""
    colours = [found[name].colour for name in value.families.names]
    base = there[value.is_baseline[there]]
    others = there[~value.is_baseline[there]]
    shuffled = np.random.default_rng(0).permutation(others[axis.state[others] == State.DOMINATED])
    steps = len(colours) - 1
    cloud = {
        "type": "scattergl",
        "x": axis.x[shuffled].astype(np.float32),
        "y": value.values[shuffled].astype(np.float32),
        "mode": "markers",
        "marker": {
            "color": value.families.codes[shuffled].astype(np.float32),
            "cmin": 0,
            "cmax": steps,
            "colorscale": [[place / steps, colour] for place, colour in enumerate(colours)] if steps else None,
            "size": 4,
            "opacity": 0.45,
        },
        "name": f"{len(shuffled):,} dominated",
        "hovertemplate": "%{x:.6g}, %{y:.4f}<extra></extra>",
        "places": shuffled,
    }
    layers = [cloud]
    for state in (State.UNSURE, State.ON):
        places = others[axis.state[others] == state]
        trace = _points(value, axis, places, style.OTHER_LOOK, f"{len(places):,} {SAYS[state]}")
        trace["marker"] |= {"color": [colours[code] for code in value.families.codes[places]], "line": {"width": 1}}
        layers.append(trace)
    return [*layers, _points(value, axis, base, style.BASELINE_LOOK, "baseline")]


def _marks(value: Pareto, axis: ParetoAxis) -> list[Trace]:
    """A cross over each candidate that is known by its survivors only.

    Those over a cloud are drawn by WebGL as it is, and small: as shapes of an SVG thousands of them took longer than
    all else together, and were a blot.
    """
    places = np.flatnonzero((value.unsuccessful > 0) & np.isfinite(axis.x))
    if not _is_cloud(value):
        return [_crosses(value, axis, places, size=16)]
    faint = (axis.state[places] == State.DOMINATED) & ~value.is_baseline[places]
    small = {**_crosses(value, axis, places[faint], size=6), "type": "scattergl"}
    large = _crosses(value, axis, places[~faint], size=16)
    large["showlegend"] = not small["showlegend"] and large["showlegend"]
    return [small, large]


def _crosses(value: Pareto, axis: ParetoAxis, places: Places, *, size: int) -> Trace:
    return {
        "type": "scatter",
        "x": axis.x[places],
        "y": value.values[places],
        "mode": "markers",
        "marker": {"symbol": "x-thin", "size": size, "line": {"width": size / 8, "color": style.GREY}},
        "name": "with trials without a result",
        "legendgroup": "with trials without a result",
        "showlegend": len(places) > 0,
        "hoverinfo": "skip",
        "places": places,
    }


def _names(value: Pareto, axis: ParetoAxis) -> Trace:
    """The members' names, beyond the front: no point lies there."""
    members = list(axis.front) if len(axis.front) <= MOST_LABELS else []
    members = [place for place in members if not value.is_baseline[place]]
    up = "top" if value.maximize else "bottom"
    left, inside = ("right", "left") if axis.maximize else ("left", "right")
    first = axis.front[-1 if axis.maximize else 0] if axis.front else None
    return {
        "type": "scatter",
        "x": axis.x[members],
        "y": value.values[members],
        "mode": "text",
        "text": [style.text(_short(value.labels[place])) for place in members],
        "textposition": [f"{up} {inside if place == first else left}" for place in members],
        "textfont": {"size": 11},
        "name": "names",
        "showlegend": False,
        "hoverinfo": "skip",
        "cliponaxis": False,
        "places": np.empty(0, dtype=np.intp),
    }


def _short(label: str) -> str:
    return label if len(label) <= CUT else f"{label[: CUT - 1]}…"


def _explained(value: Pareto) -> list[Trace]:
    """Entries of the legend for the states."""
    if value.axes[0].probability is None or _is_cloud(value):
        return []
    return [
        {
            "type": "scatter",
            "x": [None],
            "y": [None],
            "mode": "markers",
            "marker": {"symbol": symbol, "size": SIZES[state], "opacity": OPACITIES[state], "color": style.GREY},
            "name": SAYS[state],
            "hoverinfo": "skip",
        }
        for state, symbol in ((State.ON, "circle"), (State.UNSURE, "circle-open"), (State.DOMINATED, "circle"))
    ]


def _said(value: Pareto) -> str:
    """What the reader would else miss: that nothing is known of the uncertainty, and who is not shown."""
    said = ["no uncertainty: one seed"] if value.axes[0].probability is None else []
    if value.missing:
        said.append(f"N/A: {len(value.missing):,} without a completed trial")
    return " · ".join(said)


def _layout(value: Pareto, axis: ParetoAxis) -> dict[str, Any]:
    """The x axis, and a dotted cross-hair through the baseline where there is one only."""
    base = np.flatnonzero(value.is_baseline & np.isfinite(axis.x))
    line = {"color": style.GREY, "width": 1, "dash": "dot"}
    shapes = []
    if len(base) == 1:
        x, y = float(axis.x[base[0]]), float(value.values[base[0]])
        shapes = [
            {"type": "line", "x0": x, "x1": x, "y0": 0, "y1": 1, "yref": "y domain", "line": line, "layer": "below"},
            {"type": "line", "x0": 0, "x1": 1, "y0": y, "y1": y, "xref": "x domain", "line": line, "layer": "below"},
        ]
    return {
        "xaxis": {
            "title": {"text": style.title(axis.objective)},
            "type": "log" if style.is_wide(axis.x) else "linear",
            "tickformat": "~s",
            "autorange": True,
        },
        "shapes": shapes,
    }


def _paths(value: Pareto, axis: ParetoAxis) -> dict[str, Any]:
    """The layout as Plotly.relayout takes it."""
    layout = _layout(value, axis)
    x = layout["xaxis"]
    return {
        "xaxis.title.text": x["title"]["text"],
        **{f"xaxis.{key}": x[key] for key in ("type", "tickformat", "autorange")},
        "shapes": layout["shapes"],
    }


def _changes(view: list[Trace], explaining: int) -> dict[str, list[Any]]:
    """What Plotly.restyle is given to show ``view``; the entries that explain the legend stay."""
    found = {}
    for path in CHANGING:
        entries = [_at(trace, path) for trace in view]
        if any(entry is not None for entry in entries):
            rest: list[Any] = [[None] if path in ("x", "y") else None] * explaining
            found[path] = [*entries, *rest]
    return found


def _at(trace: Trace, path: str) -> Any:
    here: Any = trace
    for key in path.split("."):
        here = here.get(key) if isinstance(here, dict) else None
    return here.tolist() if isinstance(here, np.ndarray) else here


def _bars(value: Pareto, axis: ParetoAxis, places: Places) -> dict[str, Any]:
    shown = (axis.state[places] != State.DOMINATED) | (len(value.labels) <= MOST_BARS)
    low, high = (parts.known(np.where(shown, ends[places], np.nan)) for ends in (value.low, value.high))
    return parts.bars(value.values[places].tolist(), low, high)


def _hovers(value: Pareto, places: Places) -> list[str]:
    """What is told of each candidate: its metric, and its place on the front of each cost."""
    ends = zip(parts.known(value.low[places]), parts.known(value.high[places]), strict=True)
    measured = zip(places.tolist(), value.values[places].tolist(), ends, value.n[places].tolist(), strict=True)
    texts = [
        f"<b>{style.text(value.labels[place])}</b><br>{value.y} {style.interval(mean, low, high, n)}"
        for place, mean, (low, high), n in measured
    ]
    lines = [_of_axis(axis, places) for axis in value.axes]
    lost = [f"{number} trials without a result: not ranked" if number else "" for number in value.unsuccessful[places]]
    return ["<br>".join(filter(None, each)) for each in zip(texts, *lines, lost, strict=True)]


def _of_axis(axis: ParetoAxis, places: Places) -> list[str]:
    costs = [f"{axis.objective} {cost:,.6g}" for cost in axis.x[places].tolist()]
    if axis.probability is None:
        return costs
    states = [SAYS[State(state)] for state in axis.state[places].tolist()]
    shares = axis.probability[places].tolist()
    return [f"{cost}, {state} (P = {share:.2f})" for cost, state, share in zip(costs, states, shares, strict=True)]


FIGURE = Figure(compute=pareto.compute, draw=draw)
