"""From one-sided tests to the evidence for and against a claim.

Every claim is about the mean d of one number a seed, turned so that more is more of what is claimed, and a margin m:

    better, higher   d > m           worse, lower   d < -m
    not_worse        d >= -m         equivalent     -m <= d <= m

or about k candidates in the order of an axis:

    increasing   the trend is above 0, and no candidate lies more than m below any before it (decreasing: mirrored)

Both "it is false" and "it is true" are tested. Of the first four, either p is doubled: a verdict goes with a 95 %
interval that excludes the limit. Equivalence is supported by two one-sided tests at 5 % (Schuirmann, J. Pharmacokin.
Biopharm. 15, 1987). That a trend holds is a conjunction, so it is supported where each of its parts is (an
intersection-union test, at no cost of level: Berger, Technometrics 24, 1982), and refuted where one of them is
refuted by Bonferroni's correction, of which the trend itself has half.

The trend is the slope of the least-squares line through a seed's values over the places 1 ... k of the candidates:
a linear contrast for each seed, so its t-test needs no equal variances (Maxwell, Delaney & Kelley 2018, chapter 13).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TypeAlias, get_args

from se_bench.config.claim import HIGHER_IS_BETTER, Claim, Trend

Weights: TypeAlias = tuple[tuple[str, float], ...]
"""Architectures with the weight that each has in a sum, taken seed by seed."""


@dataclass(frozen=True, slots=True)
class Side:
    """One one-sided test: p, and how far the mean lies on that side of the limit."""

    p: float
    effect: float | None
    """In standard deviations of the number of a seed, positive on this side; None without a spread."""


Test: TypeAlias = Callable[[Weights, float], tuple[Side, Side]]
"""Of a sum's mean and a limit: the evidence that it is above, and that it is below."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """How strongly something is shown."""

    p: float
    share: float
    """The part of a claim's error rate that its weakest one-sided test has."""
    effect: float | None
    """Of that test; see :class:`Side`."""


def measured_sum(claim: Claim, architectures: Sequence[str]) -> Weights:
    """What a claim is about, in the metric's own direction: a difference, one of two differences, or a slope."""
    if not claim.along:
        weights = (1.0, -1.0, -1.0, 1.0)
        total: dict[str, float] = {}
        for architecture, weight in zip(architectures, weights, strict=False):
            total[architecture] = total.get(architecture, 0.0) + weight
        return tuple(total.items())
    middle = (len(architectures) - 1) / 2
    square = sum((place - middle) ** 2 for place in range(len(architectures)))
    return tuple((architecture, (place - middle) / square) for place, architecture in enumerate(architectures))


def direction(claim: Claim) -> int:
    """1 where a larger value of the metric speaks for the claim (for `worse`, against it), -1 where a smaller does."""
    if claim.expect in ("lower", "decreasing"):
        return -1
    if claim.expect in ("better", "worse", "not_worse") and not HIGHER_IS_BETTER[claim.metric]:
        return -1
    return 1


def weigh(claim: Claim, architectures: Sequence[str], test: Test) -> tuple[Evidence, Evidence]:
    """The evidence that the claim is true, and that it is false."""
    weights, margin = turned_sum(claim, architectures), claim.margin
    if claim.expect in get_args(Trend):
        steps = [_step(claim, earlier, later) for earlier, later in combinations(architectures, 2)]
        return _monotone(test(weights, 0.0), [test(step, -margin) for step in steps])
    if claim.expect == "equivalent":
        return _equivalence(test(weights, -margin), test(weights, margin))
    above, below = test(weights, margin if claim.expect in ("better", "higher", "lower") else -margin)
    true, false = (below, above) if claim.expect == "worse" else (above, below)
    return _doubled(true), _doubled(false)


def holds(claim: Claim, architectures: Sequence[str], values: Mapping[str, float]) -> bool:
    """Whether the claim is true of values that are known exactly."""

    def total(weights: Weights) -> float:
        return math.fsum(weight * values[architecture] for architecture, weight in weights)

    d, margin = total(turned_sum(claim, architectures)), claim.margin
    if claim.expect in get_args(Trend):
        steps = (_step(claim, earlier, later) for earlier, later in combinations(architectures, 2))
        return d > 0 and all(total(step) >= -margin for step in steps)
    if claim.expect == "equivalent":
        return abs(d) <= margin
    if claim.expect == "not_worse":
        return d >= -margin
    return d < -margin if claim.expect == "worse" else d > margin


def turned_sum(claim: Claim, architectures: Sequence[str]) -> Weights:
    """:func:`measured_sum`, turned so that more is more of what is claimed (of `worse`: of being better)."""
    sign = direction(claim)
    return tuple((architecture, sign * weight) for architecture, weight in measured_sum(claim, architectures))


def _step(claim: Claim, earlier: str, later: str) -> Weights:
    sign = float(direction(claim))
    return ((later, sign), (earlier, -sign))


def _doubled(side: Side) -> Evidence:
    return Evidence(min(1.0, 2 * side.p), 1 / 2, side.effect)


def _equivalence(at_least: tuple[Side, Side], at_most: tuple[Side, Side]) -> tuple[Evidence, Evidence]:
    """Of the tests against the lower and the upper limit."""
    (above_lower, below_lower), (above_upper, below_upper) = at_least, at_most
    weakest = max(above_lower, below_upper, key=lambda side: side.p)
    outside = min(below_lower, above_upper, key=lambda side: side.p)
    return Evidence(weakest.p, 1.0, weakest.effect), _doubled(outside)


def _monotone(trend: tuple[Side, Side], steps: Sequence[tuple[Side, Side]]) -> tuple[Evidence, Evidence]:
    """Of the tests of the slope against 0 and of each pair of candidates against the margin."""
    weakest = max([trend[0], *(above for above, _ in steps)], key=lambda side: side.p)
    falls = [(2, trend[1]), *((2 * len(steps), below) for _, below in steps)]
    times, worst = min(falls, key=lambda fall: fall[0] * fall[1].p)
    return _doubled(weakest), Evidence(min(1.0, 2 * times * worst.p), 1 / (2 * times), worst.effect)
