"""Two-way interactions: what two levels together do beyond what each does alone."""

from __future__ import annotations

from dataclasses import dataclass

from se_bench.analysis import factor_model, seed_table
from se_bench.analysis.answer import Answer
from se_bench.analysis.factor_model import FactorModel, Term
from se_bench.analysis.factors import factors
from se_bench.analysis.main_effects import describe, shown_terms
from se_bench.analysis.selection import metric
from se_bench.config.dashboard import Panel


@dataclass(frozen=True, slots=True, kw_only=True)
class Interactions:
    """What the heat maps of interactions show."""

    y: str
    terms: tuple[Term, ...]
    """One for each pair of axes, the surest first."""
    model: FactorModel

    @property
    def caption(self) -> str:
        """The model, n, and how the p-values are corrected."""
        return describe(f"Deviation of {self.y} from the sum of both main effects", self.model)


def compute(answer: Answer, panel: Panel) -> Interactions | None:
    """The interaction of each pair of axes on the panel's y; None where the study cannot tell any."""
    y = metric(answer, panel)
    found = seed_table.of(answer)
    model = factor_model.fit(found, y, factors(found))
    terms = shown_terms(model, panel, 2)
    return Interactions(y=y, terms=tuple(sorted(terms, key=_surest_first)), model=model) if model and terms else None


def _surest_first(term: Term) -> tuple[float, float]:
    return (1.0 if term.p is None else term.p, -max(abs(effect.value) for effect in term.effects))
