"""What figures of factors show: the effects of single axes, or of pairs, in one model of all axes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

from se_bench.analysis import factor_model, seed_table
from se_bench.analysis.answer import Answer
from se_bench.analysis.factor_model import FactorModel, Term
from se_bench.analysis.factors import factors
from se_bench.analysis.selection import metric
from se_bench.config.dashboard import Panel


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """Some effects of a model, with the model."""

    y: str
    terms: tuple[Term, ...]
    """One for each axis, or pair of axes, that is shown; never empty."""
    model: FactorModel

    def described(self, what: str) -> str:
        """``what`` an effect is, by which model, on how many trials, and how the p-values are corrected."""
        model = self.model
        lost = f", {model.lost} diverged or failed and are left out" if model.lost else ""
        return (
            f"{what}; {model.trials:,} trials of {model.candidates:,} candidates{lost}. {model.method} Intervals are "
            f"95 %, each for itself; p is that of an F test, corrected by Holm over all effects ({len(model.terms)})."
        )


Shown = TypeVar("Shown", bound=Terms)


def of(kind: type[Shown], order: int, answer: Answer, panel: Panel) -> Shown | None:
    """The effects of so many axes together on the panel's y, in the model's order; None where there are none."""
    y = metric(answer, panel)
    found = seed_table.of(answer)
    model = factor_model.fit(found, y, factors(found))
    if model is None:
        return None
    terms = tuple(
        term
        for term in model.terms
        if len(term.factors) == order and (not panel.axes or set(term.factors) <= set(panel.axes))
    )
    return kind(y=y, terms=terms, model=model) if terms else None
