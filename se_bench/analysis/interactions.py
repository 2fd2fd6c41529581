"""Two-way interactions: what two levels together do beyond what each does alone."""

from __future__ import annotations

from dataclasses import dataclass, replace

from se_bench.analysis import terms
from se_bench.analysis.answer import Answer
from se_bench.analysis.factor_model import Term
from se_bench.analysis.terms import Terms
from se_bench.config.dashboard import Panel


@dataclass(frozen=True, slots=True, kw_only=True)
class Interactions(Terms):
    """What the heat maps of interactions show, an effect a pair of axes, the surest first."""

    @property
    def caption(self) -> str:
        """The model, n, and how the p-values are corrected."""
        return self.described(f"Deviation of {self.y} from the sum of both main effects")


def compute(answer: Answer, panel: Panel) -> Interactions | None:
    """The interaction of each pair of axes on the panel's y; None where the study cannot tell any."""
    found = terms.of(Interactions, 2, answer, panel)
    return replace(found, terms=tuple(sorted(found.terms, key=_surest_first))) if found else None


def _surest_first(term: Term) -> tuple[float, float]:
    return (1.0 if term.p is None else term.p, -max(abs(effect.value) for effect in term.effects))
