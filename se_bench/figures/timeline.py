"""The timeline: a line a trial from its beginning to its end, in lanes, and how many ended an hour below."""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go

from se_bench.analysis import timeline
from se_bench.analysis.timeline import Bar, Timeline
from se_bench.figures import style
from se_bench.figures.style import Figure
from se_bench.records import Status

LOOKS = {
    Status.COMPLETED: style.look(0),
    Status.DIVERGED: style.look(1),
    Status.FAILED: style.look(3),
    Status.RUNNING: style.BASELINE_LOOK,
}
MOST_LANES = 40


def draw(value: Timeline) -> go.Figure:
    """Lanes above, throughput below, one axis of time."""
    statuses = [status for status in Status if any(bar.status is status for bar in value.bars)]
    looks = {status: LOOKS.get(status, style.look(place + 4)) for place, status in enumerate(statuses)}
    traces = [_trials([bar for bar in value.bars if bar.status is status], looks[status]) for status in statuses]
    if value.at:
        traces.append(_throughput(value))
    lanes = min(value.lanes, MOST_LANES)
    return style.figure(
        traces,
        height=360 + 14 * lanes,
        xaxis={"title": {"text": "time (UTC)"}, "type": "date", "anchor": "y2", "zeroline": False},
        yaxis={
            "title": {"text": "trials at once"},
            "domain": [0.45, 1],
            "range": [value.lanes + 0.6, 0.4],
            "tick0": 1,
            "dtick": max(1, value.lanes // 8),
            "zeroline": False,
        },
        yaxis2={"title": {"text": "ended an hour"}, "domain": [0, 0.32], "rangemode": "tozero", "anchor": "x"},
        hovermode="closest",
    )


def _trials(bars: list[Bar], look: style.Look) -> dict[str, Any]:
    """All trials of a status in one trace, with gaps between them."""
    x: list[Any] = []
    y: list[Any] = []
    texts: list[str] = []
    for bar in bars:
        seconds = (bar.end - bar.begin).total_seconds()
        about = f"<b>{style.text(bar.label)}</b>, seed {bar.seed}<br>{bar.status.value}, {seconds:,.1f} s"
        x += [bar.begin, bar.end, None]
        y += [bar.lane, bar.lane, None]
        texts += [about, about, ""]
    return {
        "type": "scatter",
        "x": x,
        "y": y,
        "mode": "lines+markers",
        "line": {"color": look.colour, "width": 5 if len(bars) < 400 else 2},
        "marker": {"color": look.colour, "symbol": look.symbol, "size": 6},
        "name": f"{bars[0].status.value} ({len(bars):,})",
        "text": texts,
        "hovertemplate": "%{text}<extra></extra>",
    }


def _throughput(value: Timeline) -> dict[str, Any]:
    return {
        "type": "scatter",
        "x": list(value.at),
        "y": value.per_hour.tolist(),
        "mode": "lines",
        "line": {"color": style.GREY, "width": 2, "shape": "hvh"},
        "name": "ended an hour",
        "showlegend": False,
        "yaxis": "y2",
        "hovertemplate": "%{y:.0f} an hour<extra></extra>",
    }


FIGURE = Figure(compute=timeline.compute, draw=draw, needs="a trial that has begun")
