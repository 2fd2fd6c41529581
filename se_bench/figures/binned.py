"""A cloud of too many points as counts in cells, behind whatever else the figure shows."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from se_bench.analysis.density import Density
from se_bench.figures import style


def add(figure: go.Figure, value: Density, name: str) -> None:
    """Draw the counts, on a logarithmic scale of colours, after every other trace; cells without points are clear."""
    counts = value.counts.astype(np.float32)
    counts[counts == 0] = np.nan
    figure.add_trace(
        {
            "type": "heatmap",
            "x": value.x_edges,
            "y": value.y_edges,
            "z": np.log10(counts),
            "colorscale": style.SEQUENTIAL,
            "showscale": False,
            "name": name,
            "hovertemplate": "about 10<sup>%{z:.1f}</sup> here<extra></extra>",
        }
    )
