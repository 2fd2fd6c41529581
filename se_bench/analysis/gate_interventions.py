"""What nets lose when their gates are not their own: does it matter that gates depend on the image?"""

from __future__ import annotations

from dataclasses import dataclass

from se_bench.analysis.answer import Answer
from se_bench.analysis.claims import ALPHA
from se_bench.analysis.gates import MOST_DRAWN, CandidateGates, of_records
from se_bench.config.dashboard import Panel

POINTS = 100
MINUS = "\N{MINUS SIGN}"


@dataclass(frozen=True, slots=True, kw_only=True)
class GateInterventions:
    """What the figure of interventions shows."""

    candidates: tuple[CandidateGates, ...]

    @property
    def caption(self) -> str:
        """What was done, and what follows for each candidate."""
        found = " ".join(f"{each.label}: {dynamic_gate(each)}" for each in self.candidates)
        return (
            "Accuracy of the same weights on the test images with other gates, minus that with their own, seed by "
            f"seed. Intervals are 95 %, each for itself. {found}"
        )


def compute(answer: Answer, panel: Panel) -> GateInterventions | None:
    """The interventions on each candidate whose gates were read; None where none was."""
    found = of_records(answer.records, MOST_DRAWN)
    return GateInterventions(candidates=found) if found else None


def dynamic_gate(found: CandidateGates) -> str:
    """Whether it is shown that gates which depend on the image do better than their means: a sentence."""
    frozen = next(each.difference for each in found.effects if each.kind == "frozen" and each.stage is None)
    assert frozen.mean is not None
    ends = "" if frozen.low is None or frozen.high is None else f" [{_points(frozen.low)}, {_points(frozen.high)}]"
    change = f"with all gates frozen to their mean, accuracy changes by {_points(frozen.mean)}{ends} points"
    seeds = f"n = {frozen.n}"
    if frozen.p is None:
        return f"{change} ({seeds}): too few seeds to say more."
    if frozen.p > ALPHA:
        return f"{change} ({seeds}, p = {frozen.p:.3f}): that the dynamic gate matters is not shown."
    verdict = "the dynamic gate matters" if frozen.mean < 0 else "the net does better without the dynamic gate"
    p = "p < 0.001" if frozen.p < 0.001 else f"p = {frozen.p:.3f}"
    return f"{change} ({seeds}, {p}): {verdict}."


def _points(accuracy: float) -> str:
    return f"{POINTS * accuracy:+.2f}".replace("-", MINUS)
