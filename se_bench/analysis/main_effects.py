"""Main effects: how far each level of each axis moves the metric from the mean over all levels."""

from __future__ import annotations

from dataclasses import dataclass

from se_bench.analysis import terms
from se_bench.analysis.answer import Answer
from se_bench.analysis.terms import Terms
from se_bench.config.dashboard import Panel


@dataclass(frozen=True, slots=True, kw_only=True)
class MainEffects(Terms):
    """What the figure of main effects shows, an effect an axis."""

    @property
    def caption(self) -> str:
        """The model, n, and how the p-values are corrected."""
        return self.described(f"Deviation of {self.y} from its mean over all levels, {self.model.mean:.4g}")


def compute(answer: Answer, panel: Panel) -> MainEffects | None:
    """The effect of each axis of the panel on its y; None where no axis has two levels with a completed trial."""
    return terms.of(MainEffects, 1, answer, panel)
