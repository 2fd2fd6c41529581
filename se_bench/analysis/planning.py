"""What a study can show, before it is trained: the least difference that its seeds detect."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from se_bench.analysis.claims import ALPHA, Asked
from se_bench.analysis.measures import BySeed
from se_bench.analysis.one_sided import FEWEST
from se_bench.analysis.pairing import pairing
from se_bench.analysis.power import POWER, detectable, equivalence_power, power
from se_bench.analysis.sequential import against_baselines, design_of
from se_bench.config.claim import COSTS
from se_bench.config.load import Study
from se_bench.records import Candidate

Source = Literal["study", "setting", "prior"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """What a comparison of two candidates' accuracies can show, with all seeds of the study."""

    seeds: int
    """The most that a comparison gets."""
    comparisons: int
    """Claims (or candidates, where there are none) among which Holm's correction divides the error rate."""
    level: float
    """One-sided, of the last look at the first of them to be decided: the least that there is."""
    spread: float
    """Standard deviation of a difference of accuracies, seed by seed."""
    correlation: float
    """Of two candidates' accuracies over seeds."""
    source: Source
    """Where both are from: the study's own comparisons, others of its setting, or the setting's prior."""
    known: int
    """How many comparisons they are from."""
    power: float
    """With which the differences below are found."""
    detectable: float | None
    """The least difference beyond its margin that is found, as an accuracy; None where the seeds are too few."""
    if_equal: Mapping[str, float]
    """For each claim that nothing is lost (`not_worse`, `equivalent`): its power where there is no difference."""


def outlook(study: Study, candidates: Sequence[Candidate], claims: Sequence[Asked], earlier: BySeed) -> Outlook:
    """What the study can show.

    Args:
        study: with its seeds and its setting's prior.
        candidates: of its plan.
        claims: with their architectures; without any, each candidate is compared with its baseline.
        earlier: accuracies of any architecture in this setting, as far as they are known.
    """
    asked = [each for each in claims or against_baselines(candidates) if each[0].metric not in COSTS]
    pairs = [architectures[:2] for claim, architectures in asked if claim.metric == "accuracy" and not claim.along]
    spread, correlation, source, known = _spread(study, pairs, earlier)
    looks, n = design_of(study).looks, len(study.seeds)
    share = ALPHA / max(1, len(asked))

    def level(one_sided: float) -> float:
        return looks.level(one_sided, looks.last) if looks else one_sided

    effect = detectable(n, level(share / 2))
    if_equal = {}
    for claim, _ in asked:
        if claim.metric == "accuracy" and not claim.than and n >= FEWEST:
            margin = claim.margin / spread
            if claim.expect == "not_worse":
                if_equal[claim.id] = power(margin, n, level(share / 2))
            elif claim.expect == "equivalent":
                if_equal[claim.id] = equivalence_power(margin, n, level(share))
    return Outlook(
        seeds=n,
        comparisons=len(asked),
        level=level(share / 2),
        spread=spread,
        correlation=correlation,
        source=source,
        known=known,
        power=POWER,
        detectable=None if effect is None else effect * spread,
        if_equal=if_equal,
    )


def _spread(study: Study, pairs: Sequence[tuple[str, ...]], earlier: BySeed) -> tuple[float, float, Source, int]:
    """Spread of differences and correlation: of these pairs, else of any pair of this setting, else the prior's."""
    values = [(earlier.get(one, {}), earlier.get(other, {})) for one, other in dict.fromkeys(pairs)]
    best = max(earlier.values(), key=len, default={})
    others = [(best, each) for each in earlier.values() if each is not best]
    sources: tuple[tuple[Source, Sequence[tuple[Mapping[int, float], Mapping[int, float]]]], ...] = (
        ("study", values),
        ("setting", others),
    )
    for source, known in sources:
        found = pairing(known)
        if found and found.paired > 0:
            return math.sqrt(found.paired), found.correlation, source, found.comparisons
    prior = study.setting.prior
    return prior.spread * math.sqrt(2 * (1 - prior.correlation)), prior.correlation, "prior", 0
