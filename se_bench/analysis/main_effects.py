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
        return describe(self.y, self.model)


def compute(answer: Answer, panel: Panel) -> MainEffects | None:
    """The effect of each axis of the panel on its y; None where no axis has two levels with a completed trial."""
    y = metric(answer, panel)
    found = seed_table.of(answer)
    model = factor_model.fit(found, y, factors(found, panel.axes))
    if model is None:
        return None
    return MainEffects(y=y, terms=tuple(term for term in model.terms if len(term.factors) == 1), model=model)


def describe(y: str, model: FactorModel) -> str:
    """What an effect is, by which model, on how many trials."""
    lost = f", {model.lost} diverged or failed and are left out" if model.lost else ""
    return (
        f"Deviation of {y} from its mean over all levels, {model.mean:.4g}; {model.trials:,} trials of "
        f"{model.candidates:,} candidates{lost}. {model.method} Intervals are 95 %, each for itself; p is that of an F "
        f"test, corrected by Holm over all effects of the model ({len(model.terms)})."
    )
