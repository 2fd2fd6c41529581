"""Another front behind the figure's own: that of all trials, where only some are shown."""

from __future__ import annotations

import plotly.graph_objects as go

from se_bench.analysis.pareto import Pareto
from se_bench.figures import style


def add(figure: go.Figure, value: Pareto) -> None:
    """Draw the front of ``value`` as a dotted step line, after every other trace."""
    axis = value.axes[0]
    members = list(axis.front)
    figure.add_trace(
        {
            "type": "scatter",
            "x": axis.x[members],
            "y": value.values[members],
            "mode": "lines",
            "line": {"shape": "vh" if axis.maximize else "hv", "color": style.GREY, "width": 2, "dash": "dot"},
            "name": "front of all",
            "hoverinfo": "skip",
        }
    )
