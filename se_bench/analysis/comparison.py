"""The fronts of several studies beside each other: one reference point for all hypervolumes, the same fixed costs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from se_bench.analysis import front_at_costs, pareto, seed_table
from se_bench.analysis.answer import Answer
from se_bench.analysis.front import Reference, reference
from se_bench.analysis.front_at_costs import FrontAtCosts, round_numbers
from se_bench.analysis.pareto import Pareto
from se_bench.analysis.seed_table import maximized
from se_bench.analysis.selection import metric_and_costs
from se_bench.config.dashboard import Panel
from se_bench.config.study import Objective


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StudyFront:
    """One study of the comparison."""

    name: str
    pareto: Pareto
    at_costs: FrontAtCosts | None
    """At the costs that all share; None where no candidate is without a failure."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Comparison:
    """What the figure of several fronts shows."""

    y: Objective
    maximize: bool
    x: tuple[Objective, ...]
    references: tuple[Reference | None, ...]
    """One for each choice of x, shared by all studies."""
    studies: tuple[StudyFront, ...]
    """Those with a completed trial, in the order in which they were given."""
    settings: tuple[str, ...]
    """The settings that occur."""
    missing: tuple[str, ...]
    """Names of studies without a completed trial."""

    @property
    def caption(self) -> str:
        """How the fronts are compared."""
        found = [
            "Hypervolumes have one reference point: of all candidates shown, the worst value of each objective, moved "
            "a tenth of the range further; costs on a logarithmic scale."
        ]
        if len(self.settings) > 1:
            found.append(f"The settings differ: {', '.join(self.settings)}.")
        if self.missing:
            found.append(f"N/A, no completed trial: {pareto.named(self.missing)}.")
        return " ".join(found)


def compute(answer: Answer, panel: Panel) -> Comparison | None:
    """A study by itself, on the same terms; see :func:`compare`."""
    return compare([answer], panel)


def compare(answers: Sequence[Answer], panel: Panel) -> Comparison | None:
    """The fronts of ``answers``, by the objectives of the first; None where none has a completed trial."""
    first = answers[0].study
    y, choices = metric_and_costs(answers[0], panel)
    found = [seed_table.of(answer) for answer in answers]
    up = maximized(y, first.objectives)
    references = tuple(
        reference(
            [each.mean(choice) for each in found],
            [each.mean(y) for each in found],
            choice,
            maximize_x=maximized(choice, first.objectives),
            maximize_y=up,
        )
        for choice in choices
    )
    names = _names(answers)
    fronts = [pareto.of(each, y, choices, first.objectives, references=references) for each in found]
    if not any(fronts):
        return None
    costs = _shared_costs([own for own in fronts if own is not None])
    studies = []
    for name, each, own in zip(names, found, fronts, strict=True):
        if own is not None:
            table = front_at_costs.of(each, y, choices[:1], first.objectives, costs=costs)
            studies.append(StudyFront(name=name, pareto=own, at_costs=table))
    return Comparison(
        y=y,
        maximize=up,
        x=choices,
        references=references,
        studies=tuple(studies),
        settings=tuple(dict.fromkeys(answer.study.setting.name for answer in answers)),
        missing=tuple(name for name, own in zip(names, fronts, strict=True) if own is None),
    )


def _names(answers: Sequence[Answer]) -> list[str]:
    """Names of studies, with the setting where it is needed to tell them apart."""
    plain = [answer.study.name for answer in answers]
    if len(set(plain)) == len(plain):
        return plain
    return [f"{answer.study.name} ({answer.study.setting.name})" for answer in answers]


def _shared_costs(fronts: Sequence[Pareto]) -> list[float]:
    """Round numbers over the range of all fronts on the first x."""
    members = np.array([found.axes[0].x[place] for found in fronts for place in found.axes[0].front])
    return round_numbers(float(members.min()), float(members.max())) if members.size else []
