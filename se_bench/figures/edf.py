"""The distribution of error: the share of each family's candidates with at most that error."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go

from se_bench.analysis import edf
from se_bench.analysis.edf import Distribution, Distributions
from se_bench.figures import parts, style
from se_bench.figures.style import Figure, Look

TITLES = {"accuracy": "test error, last epoch (fraction)"}


def draw(value: Distributions) -> go.Figure:
    """A step line a family, and a band where the seeds say how sure it is; further left and up is better."""
    found = style.looks(each.family for each in value.families)
    traces = []
    seen: set[str] = set()
    for each in value.families:
        name = style.legend_name(each.family, found)
        if len(each.grid) and len(value.families) <= style.MOST_NAMED:
            colour = found[each.family].colour
            traces.append(parts.band(each.grid.tolist(), each.low.tolist(), each.high.tolist(), colour, name))
        traces.append({**_line(each, found[each.family], name), "showlegend": name not in seen})
        seen.add(name)
    return style.figure(
        traces,
        xaxis={**parts.y_axis(value.y), "title": {"text": TITLES.get(value.y, style.title(value.y))}},
        yaxis={"title": {"text": "share of candidates with at most this"}, "range": [0, 1.03]},
    )


def _line(each: Distribution, look: Look, name: str) -> dict[str, Any]:
    return {
        "type": "scatter",
        "x": np.append(each.error[:1], each.error),
        "y": np.append(0.0, each.share),
        "mode": "lines",
        "line": {"color": look.colour, "dash": look.dash, "width": 2, "shape": "hv"},
        "name": f"{name} (n={each.n:,})" if name != "other" else name,
        "legendgroup": name,
        "hovertemplate": f"<b>{style.text(each.family)}</b>, n={each.n:,}<br>%{{y:.1%}} at %{{x:.4g}}<extra></extra>",
    }


FIGURE = Figure(compute=edf.compute, draw=draw)
