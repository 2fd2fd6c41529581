"""Effects: how each candidate's accuracy differs from the baseline's, seed by seed."""

from __future__ import annotations

from dataclasses import dataclass

from se_bench.analysis.answer import Answer
from se_bench.analysis.estimates import Difference
from se_bench.config.dashboard import Panel


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """One candidate against the baseline."""

    label: str
    difference: Difference
    """Accuracy minus the baseline's; its mean is not None."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Effects:
    """What the forest plot shows."""

    effects: tuple[Effect, ...]
    """In the order of the plan."""


def compute(answer: Answer, panel: Panel) -> Effects | None:
    """The effect of each candidate that shares a completed seed with the baseline; None without any."""
    effects = tuple(
        Effect(label=each.label, difference=each.difference)
        for each in answer.candidates
        if each.difference is not None and each.difference.n
    )
    return Effects(effects=effects) if effects else None
