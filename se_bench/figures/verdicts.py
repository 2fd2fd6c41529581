"""The verdicts: each claim's difference with its interval, its limit, and what follows."""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go

from se_bench.analysis import verdicts
from se_bench.analysis.claims import Verdict
from se_bench.analysis.verdicts import ClaimShown, Verdicts
from se_bench.figures import parts, style
from se_bench.figures.style import Figure, Look

LOOKS = {
    Verdict.SUPPORTED: Look(style.COLOURS[2], "circle", "solid"),
    Verdict.REFUTED: Look(style.COLOURS[1], "x", "solid"),
    Verdict.UNDECIDED: Look(style.GREY, "circle-open", "solid"),
}
ROW = 44
BETWEEN = 90
"""Pixels between two panels."""


def draw(value: Verdicts) -> go.Figure:
    """A panel for each metric, a row a claim, the study's first on top."""
    metrics = list(dict.fromkeys(each.metric for each in value.claims))
    groups = [[each for each in reversed(value.claims) if each.metric == metric] for metric in metrics]
    pixels = [ROW * (len(group) + 0.5) for group in groups]
    inside = sum(pixels) + BETWEEN * (len(groups) - 1)
    layout: dict[str, Any] = {"shapes": []}
    top, traces = 1.0, []
    seen: set[str] = set()
    for place, (metric, group) in enumerate(zip(metrics, groups, strict=True)):
        scale, unit = style.unit(metric)
        bottom = top - pixels[place] / inside
        for trace in [*_found(group, scale, place), _limits(group, scale, place)]:
            traces.append({**trace, "showlegend": trace["name"] not in seen})
            seen.add(trace["name"])
        layout["shapes"].append(parts.zero_line(str(place + 1) if place else ""))
        layout[parts.axis("yaxis", place)] = {
            "type": "category",
            "categoryorder": "array",
            "categoryarray": [style.text(each.id) for each in group],
            "domain": [max(0.0, bottom), top],
            "showgrid": False,
            "range": parts.rows(len(group)),
            "anchor": parts.axis("x", place),
        }
        layout[parts.axis("xaxis", place)] = {
            "title": {"text": f"difference, same seeds ({unit})"},
            "zeroline": False,
            "anchor": parts.axis("y", place),
        }
        top = bottom - BETWEEN / inside
    return style.figure(traces, height=round(inside + 100), **layout)


def _found(group: list[ClaimShown], scale: float, place: int) -> list[dict[str, Any]]:
    traces = []
    for verdict, look in LOOKS.items():
        claims = [each for each in group if each.verdict is verdict and each.found.mean is not None]
        if claims:
            names = [style.text(each.id) for each in claims]
            drawn = parts.forest(names, [each.found for each in claims], scale, look.colour)
            drawn["text"] = [f"{words}<br>{_about(each)}" for words, each in zip(drawn["text"], claims, strict=True)]
            traces.append(
                {
                    "type": "scatter",
                    **drawn,
                    "marker": {"color": look.colour, "symbol": look.symbol, "size": 11, "line": {"width": 2}},
                    "name": verdict.value,
                    "legendgroup": verdict.value,
                    "xaxis": parts.axis("x", place),
                    "yaxis": parts.axis("y", place),
                }
            )
    return traces


def _limits(group: list[ClaimShown], scale: float, place: int) -> dict[str, Any]:
    ends = [(scale * limit, style.text(each.id)) for each in group for limit in each.limits]
    return {
        "type": "scatter",
        "x": [limit for limit, _ in ends],
        "y": [name for _, name in ends],
        "mode": "markers",
        "marker": {"symbol": "line-ns", "size": 22, "line": {"width": 2, "color": style.COLOURS[0]}},
        "name": "limit of the claim",
        "legendgroup": "limit",
        "hovertemplate": "limit %{x:.3g}<extra></extra>",
        "xaxis": parts.axis("x", place),
        "yaxis": parts.axis("y", place),
    }


def _about(each: ClaimShown) -> str:
    p = "" if each.p is None else f", p {'&lt; 0.001' if each.p < 0.001 else f'= {each.p:.3f}'}"
    more = "" if each.more_seeds is None else f", {each.more_seeds} more seeds would likely decide it"
    note = f" ({style.text(each.note)})" if each.note else ""
    return f"{style.text(each.says)}: {each.verdict.value}{p}{more}{note}"


FIGURE = Figure(compute=verdicts.compute, draw=draw, needs="claims, and a completed trial on both sides of one")
