"""One panel of a dashboard for one answer: what report and page show alike."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from se_bench import registry
from se_bench.analysis.answer import Answer
from se_bench.analysis.selection import select
from se_bench.config.axes import show
from se_bench.config.dashboard import Panel
from se_bench.figures.style import Figure, Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A panel's figure with its words."""

    figure: Any
    """Plotly's; None where there is nothing to show yet."""
    caption: str
    """What the figure shows of how many, and how it was computed; plain text."""
    table: Table | None
    """What stands below the figure, where its kind has a table."""


def shown(answer: Answer, panel: Panel) -> Shown:
    """The panel's figure of the candidates that it chooses."""
    assert panel.figure, "a panel of text alone has nothing to draw"
    kind: Figure = registry.load("figure", panel.figure)
    value = kind.compute(select(answer, panel.where), panel)
    if value is None:
        return Shown(figure=None, caption=f"{_only(panel)}Nothing to show yet: this needs {kind.needs}.", table=None)
    return Shown(
        figure=kind.draw(value),
        caption=f"{_only(panel)}{value.caption}",
        table=kind.tabulate(value) if kind.tabulate else None,
    )


def _only(panel: Panel) -> str:
    """``Only gate=sigmoid, reduction=4 or 8. ``, where a panel chooses."""
    chosen = [
        f"{axis}={' or '.join(show(each) for each in wanted) if isinstance(wanted, tuple) else show(wanted)}"
        for axis, wanted in panel.where.items()
    ]
    return f"Only {', '.join(chosen)}. " if chosen else ""
