"""Verdicts: is a claim supported, refuted, or undecided by the seeds at hand?

``evidence`` says what is tested. Holm's correction runs over all claims of a study that training must answer, so the
chance that a study makes any false verdict is at most 5 %, whichever of its claims are true: a claim's p is valid
for "it is false" and for "it is true", of which one holds. (That Holm's method also keeps errors of direction at 5 %
is proven for independent claims, Shaffer, Ann. Statist. 8, 1980; for claims that share a baseline `make calibrate`
counts them.) A claim about costs is a matter of arithmetic: it is no test and takes no part.

Trials without a value, and times of which only a bound is known (``measures``), are worse than what is on record. So
evidence that their candidate is good is not used, and evidence that it is bad is. Of a metric of which no direction
is the good one, neither is.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from se_bench.analysis.estimates import Difference, combination
from se_bench.analysis.evidence import Evidence, Side, Weights, holds, measured_sum, weigh
from se_bench.analysis.looks import Looks
from se_bench.analysis.measures import Measured
from se_bench.analysis.one_sided import FEWEST, holm, p_values
from se_bench.analysis.power import seeds_needed
from se_bench.config.claim import COSTS, HIGHER_IS_BETTER, Claim
from se_bench.records import Candidate

ALPHA = 0.05

Asked: TypeAlias = tuple[Claim, tuple[str, ...]]
"""A claim with the architectures that it compares, in the order in which ``search.claims`` resolves them."""


class Verdict(StrEnum):
    """What the data say of a claim."""

    SUPPORTED = "supported"
    REFUTED = "refuted"
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimAnswer:
    """A claim with its verdict and what it rests on."""

    claim: Claim
    architectures: tuple[str, ...]
    candidate: str
    """Label of the candidate that the claim is about; of a trend, those of the first and the last."""
    against: str
    """Label of the one it is compared with; of an interaction, with the pair whose difference is taken off."""
    difference: Difference
    """Candidate minus other in the metric's own unit and direction; of a trend, the change from one to the next."""
    p: float | None
    """Corrected p-value of the side to which the data point; None where nothing can be tested, or need be."""
    verdict: Verdict
    exact: bool = False
    """Whether the claim is about costs, which are known without a test."""
    more_seeds: int | None = None
    """Seeds beyond those at hand that decide it with 80 % power if the difference is what it seems to be."""
    stuck: bool = False
    """Whether the data show what trials without a value forbid to say, so that more seeds would not help."""
    note: str = ""
    """What a reader must know of the trials behind it, or why nothing could be tested."""


@dataclass(frozen=True, slots=True)
class Design:
    """How a study adds seeds."""

    seeds: tuple[int, ...]
    """In the order in which they are added."""
    looks: Looks | None = None
    """None where the number of seeds is fixed."""


@dataclass(frozen=True, slots=True)
class _Weighed:
    """A claim's evidence before it is corrected."""

    found: Difference
    evidence: Evidence | None
    towards: Verdict
    stuck: bool


def judge(
    claims: Sequence[Asked],
    measure: Callable[[Claim], Measured],
    candidates: Mapping[str, Candidate],
    design: Design,
) -> tuple[ClaimAnswer, ...]:
    """The verdicts of all claims of a study, corrected together.

    Args:
        claims: each with the architectures that it compares.
        measure: the values of a claim's metric; not asked for costs.
        candidates: by architecture.
        design: the study's seeds.
    """
    measured = {
        place: measure(claim).relative_to(architectures[1]) if claim.relative else measure(claim)
        for place, (claim, architectures) in enumerate(claims)
        if claim.metric not in COSTS
    }
    weighed = {place: _weigh(*claims[place], own, design) for place, own in measured.items()}
    # A claim that cannot be tested yet still counts: its turn comes, and the others were not chosen by it.
    p_of = dict(
        zip(weighed, holm([each.evidence.p if each.evidence else 1.0 for each in weighed.values()]), strict=True)
    )
    still_open = sum(p > ALPHA for p in p_of.values())
    answers = []
    for place, (claim, architectures) in enumerate(claims):
        labels = [candidates[architecture].label for architecture in architectures]
        if place not in weighed:
            answers.append(_by_arithmetic(claim, architectures, candidates, labels))
            continue
        each, p = weighed[place], p_of[place]
        decided = each.evidence is not None and p <= ALPHA
        names = _compared(claim, labels)
        answers.append(
            ClaimAnswer(
                claim=claim,
                architectures=architectures,
                candidate=names[0],
                against=names[1],
                difference=each.found,
                p=p if each.evidence else None,
                verdict=each.towards if decided else Verdict.UNDECIDED,
                more_seeds=None if decided else _more_seeds(each, still_open, design.looks),
                stuck=each.stuck and not decided,
                note=_note(architectures, labels, measured[place], each),
            )
        )
    return tuple(answers)


def seeds_that_count(architectures: Sequence[str], measured: Measured, design: Design) -> tuple[int, ...]:
    """The seeds, in order, that a comparison rests on.

    Where seeds are added one by one, those up to the first whose trials are not all over: the looks are then the
    same whichever trial ends first.
    """
    known = frozenset.intersection(*(measured.known(each) for each in architectures))
    if design.looks is None:
        return tuple(sorted(known))
    settled = next((place for place, seed in enumerate(design.seeds) if seed not in known), len(design.seeds))
    return design.seeds[:settled]


class _Tests:
    """The tests of one claim's sums."""

    def __init__(self, claim: Claim, architectures: Sequence[str], measured: Measured, design: Design) -> None:
        self._seeds = seeds_that_count(architectures, measured, design)
        self._measured = measured
        self._looks = design.looks
        self._good = {None: 0, True: 1, False: -1}[HIGHER_IS_BETTER.get(claim.metric)]
        self._flawed = {
            each
            for each in architectures
            if any(seed in self._seeds or not design.looks for seed in measured.flawed(each))
        }
        self.stuck = False
        """Whether something that the data show was not let speak."""

    def mean(self, weights: Weights) -> Difference:
        """Of a sum, over the seeds that count."""
        terms = [(weight, self._measured.values.get(architecture, {})) for architecture, weight in weights]
        return combination(terms, self._seeds, self._looks)

    def __call__(self, weights: Weights, limit: float) -> tuple[Side, Side]:
        """See :data:`evidence.Test`."""
        found = self.mean(weights)
        sides = p_values(found.values, limit, noise=found.noise, looks=self._looks)
        assert sides is not None
        assert found.mean is not None
        effect = (found.mean - limit) / found.spread if found.spread else None
        above, below = self._let_speak(sides.above, weights, 1), self._let_speak(sides.below, weights, -1)
        return Side(above, effect), Side(below, None if effect is None else -effect)

    def _let_speak(self, p: float, weights: Weights, sign: int) -> float:
        flatters = any(
            not self._good or weight * self._good * sign > 0 for each, weight in weights if each in self._flawed
        )
        if not flatters:
            return p
        self.stuck = self.stuck or p <= ALPHA / 2
        return 1.0


def _weigh(claim: Claim, architectures: Sequence[str], measured: Measured, design: Design) -> _Weighed:
    tests = _Tests(claim, architectures, measured, design)
    found = tests.mean(measured_sum(claim, architectures))
    if found.n < (design.looks.first if design.looks else FEWEST):
        return _Weighed(found, None, Verdict.UNDECIDED, False)
    true, false = weigh(claim, architectures, tests)
    evidence, towards = (true, Verdict.SUPPORTED) if true.p < false.p else (false, Verdict.REFUTED)
    return _Weighed(found, evidence, towards, tests.stuck)


def _by_arithmetic(
    claim: Claim, architectures: tuple[str, ...], candidates: Mapping[str, Candidate], labels: Sequence[str]
) -> ClaimAnswer:
    values = {each: float(getattr(candidates[each].cost, claim.metric)) for each in architectures}
    if claim.relative:
        values = {each: value / values[architectures[1]] for each, value in values.items()}
    total = math.fsum(weight * values[each] for each, weight in measured_sum(claim, architectures))
    names = _compared(claim, labels)
    return ClaimAnswer(
        claim=claim,
        architectures=architectures,
        candidate=names[0],
        against=names[1],
        difference=Difference(0, total, None, None, None, (), 0.0, None),
        p=None,
        verdict=Verdict.SUPPORTED if holds(claim, architectures, values) else Verdict.REFUTED,
        exact=True,
    )


def _compared(claim: Claim, labels: Sequence[str]) -> tuple[str, str]:
    if claim.along:
        return f"{labels[0]} … {labels[-1]}", ""
    if claim.than:
        return f"{labels[0]} − {labels[1]}", f"{labels[2]} − {labels[3]}"
    return labels[0], labels[1]


def _more_seeds(each: _Weighed, still_open: int, looks: Looks | None) -> int | None:
    """At the level that Holm's correction leaves to the least of the open claims."""
    evidence = each.evidence
    if evidence is None or each.stuck or evidence.effect is None or evidence.effect <= 0:
        return None
    level = ALPHA / still_open * evidence.share
    if looks:
        level = looks.level(level, looks.last)
    return max(1, seeds_needed(evidence.effect, level) - each.found.n)


def _note(architectures: Sequence[str], labels: Sequence[str], measured: Measured, each: _Weighed) -> str:
    notes = []
    if each.evidence is None:
        n = each.found.n
        notes.append(f"{n} of the {FEWEST} seeds that a test needs" if n else "no seed has all its trials completed")
    for architecture, label in dict(zip(architectures, labels, strict=True)).items():
        total = len(measured.known(architecture))
        for seeds, what in ((measured.lost, "have no result"), (measured.bounds, "never came to the level")):
            if missing := len(seeds.get(architecture, ())):
                notes.append(f"{missing} of {total} trials of {label} {what}")
    return "; ".join(notes) + (", so no verdict is given in its favour" if each.stuck else "")
