"""The claims of a study beside each other: what was found, what would have been needed, and the verdict."""

from __future__ import annotations

from dataclasses import dataclass
from typing import get_args

from se_bench.analysis.answer import Answer
from se_bench.analysis.claims import ClaimAnswer, Verdict
from se_bench.analysis.estimates import Estimate
from se_bench.analysis.evidence import direction
from se_bench.config.claim import Claim, Trend
from se_bench.config.dashboard import Panel


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimShown:
    """One claim."""

    id: str
    says: str
    metric: str
    """With the level or the stage that it is about."""
    found: Estimate
    """What the claim is about; its mean is None where no seed has both sides, its n 0 where it is arithmetic."""
    limits: tuple[float, ...]
    """Where what was found would make the claim neither true nor false."""
    verdict: Verdict
    p: float | None
    more_seeds: int | None
    """Seeds beyond those at hand that would likely decide it."""
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
            f"{found}. Differences are paired by seed, with 95 % intervals (t), each for itself; verdicts are "
            "corrected by Holm over the claims of the study. Bars mark each claim's limit."
        )


def compute(answer: Answer, panel: Panel) -> Verdicts | None:
    """The claims of the study; None where it makes none, or nothing can be compared yet."""
    claims = tuple(_shown(each) for each in answer.claims)
    return Verdicts(claims=claims) if any(each.found.mean is not None for each in claims) else None


def _shown(each: ClaimAnswer) -> ClaimShown:
    claim = each.claim
    about = claim.level if claim.level is not None else claim.stage
    metric = f"percent_of {claim.metric}" if claim.relative else claim.metric
    return ClaimShown(
        id=claim.id,
        says=claim.says,
        metric=metric if about is None else f"{metric} {about:g}",
        found=each.difference,
        limits=_limits(claim),
        verdict=each.verdict,
        p=each.p,
        more_seeds=each.more_seeds,
        note=each.note,
    )


def _limits(claim: Claim) -> tuple[float, ...]:
    if claim.expect == "equivalent":
        return (-claim.margin, claim.margin)
    if claim.expect in get_args(Trend):
        return (0.0,)
    limit = claim.margin if claim.expect in ("better", "higher", "lower") else -claim.margin
    return (direction(claim) * limit,)
