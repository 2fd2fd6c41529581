"""The claims of a study beside each other: what was found, what would have been needed, and the verdict."""

from __future__ import annotations

from dataclasses import dataclass

from se_bench.analysis.answer import Answer
from se_bench.analysis.claims import Verdict
from se_bench.analysis.estimates import Estimate
from se_bench.analysis.measured import maximized
from se_bench.config.dashboard import Panel


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimShown:
    """One claim."""

    id: str
    says: str
    metric: str
    found: Estimate
    """The difference that the claim is about; its mean is None where no seed has both sides."""
    limits: tuple[float, ...]
    """Where the difference would make the claim neither true nor false."""
    verdict: Verdict
    p: float | None
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdicts:
    """What the figure of verdicts shows."""

    claims: tuple[ClaimShown, ...]
    """In the order of the study."""

    @property
    def caption(self) -> str:
        """How many of each verdict."""
        counts = {verdict: sum(each.verdict is verdict for each in self.claims) for verdict in Verdict}
        found = ", ".join(f"{number} {verdict}" for verdict, number in counts.items() if number)
        return (
            f"{found}. Differences are paired by seed, with 95 % intervals (t), each for itself; verdicts are corrected "
            "by Holm over the claims of the study. Bars mark each claim's limit."
        )


def compute(answer: Answer, panel: Panel) -> Verdicts | None:
    """The claims of the study; None where it makes none, or nothing can be compared yet."""
    claims = tuple(
        ClaimShown(
            id=each.claim.id,
            says=each.claim.says,
            metric=each.claim.metric,
            found=each.difference,
            limits=_limits(each.claim.expect, each.claim.margin, each.claim.metric),
            verdict=each.verdict,
            p=each.p,
            note=each.note,
        )
        for each in answer.claims
    )
    return Verdicts(claims=claims) if any(each.found.n for each in claims) else None


def _limits(expect: str, margin: float, metric: str) -> tuple[float, ...]:
    if expect == "equivalent":
        return (-margin, margin)
    gain = margin if expect == "better" else -margin
    return (gain if maximized(metric, {}) else -gain,)
