"""From the baseline to the best candidate, one component at a time: what does each add, and what if it is left out?

A component is an axis whose value in the best candidate is not that of the starting point; the first is the block
itself. The greedy path (Fawcett & Hoos, J. Heuristics 22, 2016) starts at the baseline and takes, again and
again, the component that gains most. Leaving one out sets one component of the best candidate back.

Both need candidates that a study may not have trained; :func:`needed` names those that come next, as axes, so
that they can be trained and the path goes on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from pydantic import ValidationError

from se_bench.analysis import seed_table
from se_bench.analysis.answer import Answer
from se_bench.analysis.estimates import Difference, Estimate
from se_bench.analysis.seed_table import SeedTable, maximized
from se_bench.analysis.selection import metric
from se_bench.config.axes import Axes, AxisValue, show
from se_bench.config.dashboard import Panel
from se_bench.config.space import Space
from se_bench.config.study import Objective

Spelling = Mapping[str, AxisValue]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One component, added or left out."""

    component: str
    """``gate=tanh``: the axis with its value in the best candidate."""
    label: str
    """The candidate that results."""
    value: Estimate
    change: Difference
    """A step of the path: this candidate minus the one before. Leave-one-out: the best minus this candidate."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """A candidate that is needed and has no completed trial."""

    component: str
    axes: Spelling
    """What differs from the defaults."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ablation:
    """What the figure of the ablation shows."""

    y: str
    maximize: bool
    baseline: str
    best: str
    start: Estimate
    """The baseline's."""
    path: tuple[Step, ...]
    """From the baseline as far as the records reach."""
    whole: bool
    """Whether the path arrives at the best candidate."""
    left_out: tuple[Step, ...]
    """The component that matters most first."""
    missing: tuple[Missing, ...]
    """Candidates that the path, or leaving one out, needs next."""

    @property
    def caption(self) -> str:
        """What is compared, and what is missing."""
        found = [
            f"From {self.baseline} to {self.best}, the candidate with the best mean {self.y} and no failure. Each step "
            "takes the component that gains most; differences are paired by seed, intervals 95 % and not corrected "
            "for the choice."
        ]
        if not self.whole:
            found.append("The path ends where candidates are missing.")
        if self.missing:
            names = [", ".join(f"{axis}={show(value)}" for axis, value in each.axes.items()) for each in self.missing]
            found.append(f"Not trained yet: {'; '.join(dict.fromkeys(names))}.")
        return " ".join(found)


def compute(answer: Answer, panel: Panel) -> Ablation | None:
    """The path and what leaving one out costs; None without a candidate to compare with its baseline."""
    records = _Records(answer, metric(answer, panel))
    best = records.best()
    if best is None:
        return None
    base = int(records.found.baseline[best])
    path, lacking, whole = _path(records, best)
    left_out, absent = _left_out(records, best)
    return Ablation(
        y=records.y,
        maximize=records.maximize,
        baseline=records.found.labels[base],
        best=records.found.labels[best],
        start=records.estimate(base),
        path=tuple(path),
        whole=whole,
        left_out=tuple(left_out),
        missing=(*lacking, *absent),
    )


def needed(answer: Answer, y: Objective | None = None) -> tuple[dict[str, AxisValue], ...]:
    """The candidates that the ablation needs next, as the axes in which each differs from the defaults.

    Train them with the study's seeds and ask again, until there are none: then the path is whole.

    Args:
        y: what is to be improved; by default the study's first objective.
    """
    records = _Records(answer, y or next(iter(answer.study.objectives)))
    best = records.best()
    if best is None:
        return ()
    absent = [*_path(records, best)[1], *_left_out(records, best)[1]]
    unique = {tuple(sorted((axis, show(value)) for axis, value in each.axes.items())): each.axes for each in absent}
    return tuple(dict(axes) for axes in unique.values())


class _Records:
    """A study's candidates, found by their axes."""

    def __init__(self, answer: Answer, y: str) -> None:
        self.y = y
        self.maximize = maximized(y, answer.study.objectives)
        self.found: SeedTable = seed_table.of(answer)
        self.space: Space = answer.study.space
        self.fixed: Spelling = answer.study.plan.fixed
        self._places = {_key(axes): place for place, axes in reversed(list(enumerate(self.found.axes)))}
        self._sign = 1 if self.maximize else -1

    def best(self) -> int | None:
        """The best mean without failures, of those with as many seeds as a spread needs where any has them."""
        found = self.found
        count = found.completed(self.y)
        may = found.reliable & ~found.is_baseline & (found.baseline >= 0) & (count > 0)
        may &= found.completed(self.y)[found.baseline] > 0
        if (count[may] > 1).any():
            may &= count > 1
        places = np.flatnonzero(may)
        order = places[np.argsort(-self._sign * found.mean(self.y)[places], kind="stable")]
        return next((place for place in order.tolist() if _readable(found.axes[place])), None)

    def place(self, spelling: Spelling) -> int | None:
        """The candidate of these axes, if it has a completed trial."""
        place = self._places.get(self.key(spelling))
        return place if place is not None and self.found.completed(self.y)[place] else None

    def key(self, spelling: Spelling) -> str:
        """What tells candidates apart: the axes that matter."""
        return _key(self.space.active(Axes.read(dict(spelling))))

    def estimate(self, place: int) -> Estimate:
        return self.found.estimate(self.y, place)

    def difference(self, place: int, other: int) -> Difference:
        return self.found.difference(self.y, place, other)

    def gain(self, found: Difference) -> float:
        """Larger is better; least where no seed has both."""
        return -np.inf if found.mean is None else self._sign * found.mean

    def start_and_components(self, best: int) -> tuple[dict[str, AxisValue], dict[str, AxisValue]]:
        """The baseline's axes, and what turns it into the best candidate: the block first."""
        target = {axis: _frozen(value) for axis, value in self.found.axes[best].items()}
        base = {axis: _frozen(value) for axis, value in self.found.axes[int(self.found.baseline[best])].items()}
        defaults = {**Axes().model_dump(), **self.fixed, **base}
        changed = {axis: value for axis, value in target.items() if value != defaults[axis]}
        return {**self.fixed, **base}, changed


def _path(records: _Records, best: int) -> tuple[list[Step], list[Missing], bool]:
    """The steps that the records hold, the candidates that the next one needs, and whether the best is reached."""
    here, components = records.start_and_components(best)
    place = int(records.found.baseline[best])
    steps: list[Step] = []
    left = dict(components)
    while left:
        options = _options(records, here, left)
        absent = [each for each in options if each.place is None]
        if absent or not options:
            return steps, [Missing(component=each.component, axes=_told(each.axes)) for each in absent], False
        chosen = max(options, key=lambda each: records.gain(records.difference(each.known, place)))
        steps.append(
            Step(
                component=chosen.component,
                label=records.found.labels[chosen.known],
                value=records.estimate(chosen.known),
                change=records.difference(chosen.known, place),
            )
        )
        here, place = chosen.axes, chosen.known
        left = {axis: value for axis, value in left.items() if axis != chosen.axis}
        if place == best:  # what is left has no effect here
            return steps, [], True
    return steps, [], place == best


def _left_out(records: _Records, best: int) -> tuple[list[Step], list[Missing]]:
    start, components = records.start_and_components(best)
    whole = {**start, **components}
    steps, absent = [], []
    for axis, value in components.items():
        axes = {name: other for name, other in whole.items() if name != axis}
        if axis in start:
            axes[axis] = start[axis]
        if records.key(axes) == records.key(whole):
            continue
        name, place = f"{axis}={show(value)}", records.place(axes)
        if place is None:
            absent.append(Missing(component=name, axes=_told(axes)))
            continue
        steps.append(
            Step(
                component=name,
                label=records.found.labels[place],
                value=records.estimate(place),
                change=records.difference(best, place),
            )
        )
    return sorted(steps, key=lambda step: -records.gain(step.change)), absent


@dataclass(frozen=True, slots=True)
class _Option:
    axis: str
    component: str
    axes: dict[str, AxisValue]
    place: int | None

    @property
    def known(self) -> int:
        assert self.place is not None
        return self.place


def _options(records: _Records, here: Spelling, left: Spelling) -> list[_Option]:
    """Each component that would change the net, with the candidate that results."""
    found = []
    for axis, value in left.items():
        axes = {**here, axis: value}
        if records.key(axes) != records.key(here):
            found.append(_Option(axis, f"{axis}={show(value)}", axes, records.place(axes)))
    return found


def _told(axes: Spelling) -> dict[str, AxisValue]:
    """What differs from the defaults, and the block."""
    defaults = Axes().model_dump()
    return {axis: value for axis, value in axes.items() if axis == "block" or value != defaults[axis]}


def _readable(axes: Mapping[str, Any]) -> bool:
    """Whether these are axes as this version knows them; those of an older record, or of a plugin, may not be."""
    try:
        Axes.read(dict(axes))
    except ValidationError:
        return False
    return True


def _key(axes: Mapping[str, Any]) -> str:
    return " ".join(f"{axis}={show(_frozen(axes[axis]))}" for axis in sorted(axes))


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
