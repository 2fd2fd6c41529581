"""Verdicts: is a claim supported, refuted, or undecided by the seeds at hand?

Every claim is about the mean paired difference d between two candidates, turned so that larger is better,
and a margin m. It is true where

    better       d > m          worse        d < -m
    not_worse    d > -m         equivalent   -m < d < m

and tested from both sides: by a paired t-test of "the claim is false" and one of "the claim is true". For the
first three, p is two-sided, so that a verdict goes with a 95 % interval that excludes the limit; equivalence
is supported by two one-sided tests (Schuirmann 1987). Holm's correction runs over all claims of a study, so
the chance that a study makes any false verdict is at most 5 %.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from se_bench.analysis.estimates import Difference, Estimate, difference, holm, p_above, p_below
from se_bench.config.study import HIGHER_IS_BETTER, Claim

ALPHA = 0.05


class Verdict(StrEnum):
    """What the data say of a claim."""

    SUPPORTED = "supported"
    REFUTED = "refuted"
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimAnswer:
    """A claim with its verdict and what it rests on."""

    claim: Claim
    candidate: str
    """Label of the candidate that the claim is about."""
    against: str
    """Label of the one it is compared with."""
    difference: Difference
    """Candidate minus other, in the metric's own unit and direction."""
    p: float | None
    """Corrected p-value of the side to which the data point; None where nothing can be tested."""
    verdict: Verdict
    note: str = ""
    """Why nothing could be tested, where nothing could."""


@dataclass(frozen=True, slots=True)
class _Test:
    p: float
    towards: Verdict


def judge(
    claims: Sequence[tuple[Claim, str, str]],
    metrics: Mapping[str, Mapping[str, Mapping[int, float]]],
    labels: Mapping[str, str],
) -> tuple[ClaimAnswer, ...]:
    """The verdicts of all claims of a study, corrected together.

    Args:
        claims: each with the architecture it is about and the one it is compared with.
        metrics: metric -> architecture -> seed -> value, completed trials only.
        labels: architecture -> label.
    """
    found = [
        difference(metrics[claim.metric].get(candidate, {}), metrics[claim.metric].get(against, {}))
        for claim, candidate, against in claims
    ]
    tests = [_test(claim, each) for (claim, _, _), each in zip(claims, found, strict=True)]
    # A claim that cannot be tested yet still counts: its turn comes, and the others were not chosen by it.
    corrected = holm([test.p if test else 1.0 for test in tests])
    return tuple(
        ClaimAnswer(
            claim=claim,
            candidate=labels[candidate],
            against=labels[against],
            difference=each,
            p=p if test else None,
            verdict=test.towards if test and p <= ALPHA else Verdict.UNDECIDED,
            note="" if test else _why_untested(each),
        )
        for (claim, candidate, against), each, test, p in zip(claims, found, tests, corrected, strict=True)
    )


def _test(claim: Claim, found: Difference) -> _Test | None:
    """The test of the side to which the estimate points."""
    if found.low is None or found.mean is None:
        return None
    gain = found if HIGHER_IS_BETTER[claim.metric] else _negated(found)
    if claim.expect == "equivalent":
        return _equivalence(gain, claim.margin)
    limit = {"better": claim.margin, "worse": -claim.margin, "not_worse": -claim.margin}[claim.expect]
    above, below = p_above(gain, limit), p_below(gain, limit)
    true_above = claim.expect != "worse"
    towards = Verdict.SUPPORTED if (above < below) == true_above else Verdict.REFUTED
    return _Test(min(1.0, 2 * min(above, below)), towards)


def _equivalence(gain: Estimate, margin: float) -> _Test:
    assert gain.mean is not None
    inside = max(p_above(gain, -margin), p_below(gain, margin))
    outside = min(1.0, 2 * min(p_below(gain, -margin), p_above(gain, margin)))
    if abs(gain.mean) < margin:
        return _Test(inside, Verdict.SUPPORTED)
    return _Test(outside, Verdict.REFUTED)


def _negated(found: Estimate) -> Estimate:
    mean, low, high = (None if value is None else -value for value in (found.mean, found.high, found.low))
    return Estimate(found.n, mean, low, high, found.spread)


def _why_untested(found: Difference) -> str:
    if found.n == 0:
        return "no seed has both trials completed"
    if found.n == 1:
        return "one seed: no spread is known"
    return "all seeds give the same difference: no spread is known; add seeds"
