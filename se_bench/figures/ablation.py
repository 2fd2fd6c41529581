"""The ablation: what each step from the baseline to the best candidate adds, and what leaving one out costs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go

from se_bench.analysis import ablation
from se_bench.analysis.ablation import Ablation, Step
from se_bench.figures import parts, style
from se_bench.figures.style import Figure

ROW = 34
PATH, LEFT_OUT = "each step of the path", "the best against it without one component"


def draw(value: Ablation) -> go.Figure:
    """Two forest plots below each other, on one scale."""
    scale, unit = style.unit(value.y)
    halves = [(PATH, "+ ", value.path, style.look(0)), (LEFT_OUT, "without ", value.left_out, style.look(1))]
    traces, shapes, annotations, layout = [], [], [], {}
    rows = [max(1, len(steps)) + 1.5 for _, _, steps, _ in halves]
    top = 1.0
    for place, (title, before, steps, look) in enumerate(halves):
        bottom = top - rows[place] / sum(rows) * 0.86
        traces.append(_trace(steps, before, scale, look, place))
        shapes.append(parts.zero_line("" if place == 0 else "2"))
        annotations.append(_title(title if steps else f"{title}: not on record yet", top))
        layout[parts.axis("yaxis", place)] = {
            "type": "category",
            "domain": [max(0.0, bottom), top - 0.02],
            "showgrid": False,
            "range": parts.rows(max(1, len(steps))),
            "anchor": parts.axis("x", place),
        }
        layout[parts.axis("xaxis", place)] = {
            "zeroline": False,
            "anchor": parts.axis("y", place),
            "matches": "x" if place else None,
            "showticklabels": bool(place),
            "autorangeoptions": {"include": [-0.1, 0.1]},
        }
        top = bottom - 0.14
    layout["xaxis2"]["title"] = {"text": f"change, same seeds ({unit})"}
    return style.figure(
        traces,
        height=round(170 + ROW * sum(rows)),
        margin={"l": 70, "r": 20, "t": 40, "b": 55},
        shapes=shapes,
        annotations=annotations,
        showlegend=False,
        **layout,
    )


def _trace(steps: Sequence[Step], before: str, scale: float, look: style.Look, place: int) -> dict[str, Any]:
    rows = list(reversed(steps))
    names = [f"{before}{style.text(step.component)}" for step in rows]
    changes = [step.change for step in rows]
    values = [style.interval(step.value.mean or 0.0, step.value.low, step.value.high, step.value.n) for step in rows]
    drawn = parts.forest(names, changes, scale, look.colour)
    drawn["text"] = [
        f"{change}<br>{style.text(step.label)}: {value}"
        for change, step, value in zip(drawn["text"], rows, values, strict=True)
    ]
    return {
        "type": "scatter",
        **drawn,
        "marker": {"color": look.colour, "symbol": look.symbol, "size": 10},
        "xaxis": parts.axis("x", place),
        "yaxis": parts.axis("y", place),
    }


def _title(words: str, top: float) -> dict[str, Any]:
    return {**parts.note(words), "y": top - 0.015, "font": {"size": 13}}


FIGURE = Figure(
    compute=ablation.compute,
    draw=draw,
    needs="a candidate without failures, and its baseline, with completed trials",
)
