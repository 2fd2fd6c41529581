"""Main effects: how far each level of each axis moves the metric from the mean over all levels."""

from __future__ import annotations

from dataclasses import dataclass

from se_bench.analysis import factor_model, seed_table
from se_bench.analysis.answer import Answer
from se_bench.analysis.factor_model import FactorModel, Term
from se_bench.analysis.factors import factors
from se_bench.analysis.selection import metric
from se_bench.config.dashboard import Panel


@dataclass(frozen=True, slots=True, kw_only=True)
class MainEffects:
    """What the figure of main effects shows."""

    y: str
    terms: tuple[Term, ...]
    """One for each axis."""
    model: FactorModel

    @property
    def caption(self) -> str:
        """The model, n, and how the p-values are corrected."""
        return describe(f"Deviation of {self.y} from its mean over all levels, {self.model.mean:.4g}", self.model)


def compute(answer: Answer, panel: Panel) -> MainEffects | None:
    """The effect of each axis of the panel on its y; None where no axis has two levels with a completed trial."""
    y = metric(answer, panel)
    found = seed_table.of(answer)
    model = factor_model.fit(found, y, factors(found))
    terms = shown_terms(model, panel, 1)
    return MainEffects(y=y, terms=tuple(terms), model=model) if model and terms else None


def shown_terms(model: FactorModel | None, panel: Panel, order: int) -> list[Term]:
    """The effects of single axes (order 1) or of pairs (2) that a panel shows of a model of all axes."""
    if model is None:
        return []
    return [
        term
        for term in model.terms
        if len(term.factors) == order and (not panel.axes or set(term.factors) <= set(panel.axes))
    ]


def describe(what: str, model: FactorModel) -> str:
    """``what`` an effect is, by which model, on how many trials."""
    lost = f", {model.lost} diverged or failed and are left out" if model.lost else ""
    return (
        f"{what}; {model.trials:,} trials of {model.candidates:,} candidates{lost}. {model.method} Intervals are 95 %, "
        f"each for itself; p is that of an F test, corrected by Holm over all effects ({len(model.terms)})."
    )
