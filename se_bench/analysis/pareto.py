"""Which candidates no other beats on both accuracy and a cost: the front, computed before any rounding.

A candidate is its mean over seeds. Exact ties stay on the front together; a candidate without a completed
trial is on none and is named instead.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import moocore
import numpy as np

from se_bench.analysis.answer import Answer
from se_bench.config.dashboard import Panel
from se_bench.config.study import Objective


@dataclass(frozen=True, slots=True, kw_only=True)
class ParetoPoint:
    """One candidate."""

    label: str
    is_baseline: bool
    n: int
    """Completed trials."""
    y: float
    low: float | None
    """Ends of the 95 % interval of ``y``, where there is one."""
    high: float | None
    x: tuple[float, ...]
    """One value for each axis of the figure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ParetoAxis:
    """One choice of the x axis, and the front in its plane."""

    objective: Objective
    front: tuple[int, ...]
    """Places of the front's members among the points, from cheapest to dearest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pareto:
    """What the Pareto figure shows."""

    y: Objective
    maximize: bool
    """Whether a larger ``y`` is better."""
    axes: tuple[ParetoAxis, ...]
    points: tuple[ParetoPoint, ...]
    missing: tuple[str, ...]
    """Labels of candidates that have no completed trial."""


def compute(answer: Answer, panel: Panel) -> Pareto | None:
    """The first objective of the study against the panel's costs; None where nothing is completed yet.

    Without costs in the panel, the study's other objectives are the choices.
    """
    objectives = answer.study.objectives
    y, *others = objectives
    choices: Sequence[Objective] = panel.x or tuple(others) or ("macs",)
    known = [each for each in answer.candidates if each.value(y) is not None]
    known = [each for each in known if all(each.value(x) is not None for x in choices)]
    if not known:
        return None
    points = []
    for each in known:
        measured = each.metrics.get(y)
        points.append(
            ParetoPoint(
                label=each.label,
                is_baseline=each.candidate.is_baseline,
                n=each.metrics["accuracy"].n,
                y=_known(each.value(y)),
                low=measured.low if measured else None,
                high=measured.high if measured else None,
                x=tuple(_known(each.value(choice)) for choice in choices),
            )
        )
    maximize = objectives[y] == "maximize"
    return Pareto(
        y=y,
        maximize=maximize,
        axes=tuple(
            ParetoAxis(
                objective=choice,
                front=front(
                    [point.x[place] for point in points],
                    [point.y for point in points],
                    maximize_x=objectives.get(choice) == "maximize",
                    maximize_y=maximize,
                ),
            )
            for place, choice in enumerate(choices)
        ),
        points=tuple(points),
        missing=tuple(each.label for each in answer.candidates if each not in known),
    )


def front(
    x: Sequence[float], y: Sequence[float], *, maximize_x: bool = False, maximize_y: bool = True
) -> tuple[int, ...]:
    """Places of the points that no other dominates, ordered by ``x`` and then ``y``; equal points all stay."""
    points = np.column_stack([x, y]).astype(float)
    on_front = moocore.is_nondominated(points, maximise=[maximize_x, maximize_y], keep_weakly=True)
    places = np.flatnonzero(on_front)
    return tuple(int(place) for place in places[np.lexsort((points[places, 1], points[places, 0]))])


def _known(value: float | None) -> float:
    assert value is not None
    return value
