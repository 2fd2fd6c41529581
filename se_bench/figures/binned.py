"""Points that are too many to be drawn one by one, as cells that are the more opaque the fuller."""

from __future__ import annotations

from typing import Any

import numpy as np

from se_bench.analysis.density import Density

COLOURS = [[0, "rgba(0, 114, 178, 0.35)"], [1, "rgba(0, 114, 178, 1)"]]
"""One blue, the more opaque the fuller: it stands out from a light page as from a dark one."""


def cells(value: Density, name: str) -> dict[str, Any]:
    """The trace of a density, to be laid below fronts and chosen points; empty cells are clear.

    Its edges are those of the density, so it is right on a linear and on a logarithmic axis.
    """
    filled = value.counts > 0
    powers = range(int(np.log10(max(1, value.counts.max()))) + 1)
    return {
        "type": "heatmap",
        "x": value.x_edges,
        "y": value.y_edges,
        "z": np.where(filled, np.log10(np.maximum(value.counts, 1)), np.nan).astype(np.float32),
        "customdata": value.counts.astype(np.min_scalar_type(int(value.counts.max()))),
        "colorscale": COLOURS,
        "colorbar": {
            "title": {"text": "in a cell"},
            "tickvals": list(powers),
            "ticktext": [f"{10**power:,}" for power in powers],
            "thickness": 12,
            "len": 0.5,
            "y": 0,
            "yanchor": "bottom",
        },
        "name": name,
        "hoverongaps": False,
        "hovertemplate": "%{customdata:,} in this cell<extra></extra>",
    }
