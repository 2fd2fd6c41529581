"""Seeds where they matter: which candidates need one more, so that no comparison is left open that could be decided.

A comparison that has its verdict keeps it: its p over all looks only falls, and so does Holm's correction of it as
others fall. So the set of open comparisons only shrinks, and a study may stop adding seeds to the others. One is
also closed where it has all its seeds, or where trials without a result forbid to say what the others show.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from se_bench.analysis.claims import ALPHA, Asked, Design, Verdict, judge, seeds_that_count
from se_bench.analysis.looks import Looks
from se_bench.analysis.measures import Measures
from se_bench.config.claim import Claim
from se_bench.config.load import Study
from se_bench.records import Candidate, StudyRecords, is_baseline_of


@dataclass(frozen=True, slots=True, kw_only=True)
class NextSeed:
    """What a study needs next."""

    architectures: frozenset[str]
    """Those to be trained with one more seed; empty where nothing is open any more."""
    level: float | None
    """The one-sided p that an open comparison must reach at its next look, under Holm's correction; None where
    nothing is open."""


def design_of(study: Study) -> Design:
    """How the study adds seeds."""
    first, last = study.first_seeds, len(study.seeds)
    return Design(study.seeds, Looks(first, last) if first < last else None)


def next_seed(study: Study, records: StudyRecords, claims: Sequence[Asked]) -> NextSeed:
    """Which architectures need one more seed than they have.

    Args:
        study: with a range of seeds; one with a fixed number needs none.
        records: what is known; a trial that is not there is not known.
        claims: with their architectures. A study without any compares each candidate with its baseline.
    """
    design = design_of(study)
    if design.looks is None:
        return NextSeed(architectures=frozenset(), level=None)
    measures = Measures(records)
    asked = claims or against_baselines(records.candidates)
    candidates = {each.architecture_id: each for each in records.candidates}
    answers = judge(asked, measures.of_claim, candidates, design)
    undecided = [each for each in answers if each.verdict is Verdict.UNDECIDED]
    needed: set[str] = set()
    looks_to_come = [design.looks.first]
    for each in undecided:
        seeds = len(seeds_that_count(each.architectures, measures.of_claim(each.claim), design))
        if seeds < design.looks.last and not each.stuck:
            needed.update(each.architectures)
            looks_to_come.append(max(each.difference.n + 1, design.looks.first))
    if not needed:
        return NextSeed(architectures=frozenset(), level=None)
    level = design.looks.level(ALPHA / len(undecided) / 2, max(looks_to_come))
    return NextSeed(architectures=frozenset(needed), level=level)


def against_baselines(candidates: Sequence[Candidate]) -> list[Asked]:
    """That each candidate is more accurate than its own net without a block."""
    baselines = [each for each in candidates if each.is_baseline]
    claim = Claim(id="against_baseline", says="", candidate="baseline", expect="better")
    return [
        (claim, (each.architecture_id, next(b.architecture_id for b in baselines if is_baseline_of(b, each))))
        for each in candidates
        if not each.is_baseline
    ]
