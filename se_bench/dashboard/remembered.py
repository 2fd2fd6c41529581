"""A study as the database remembers it: asked again without its files, and without planning or building a net."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from se_bench.config.axes import Axes
from se_bench.config.load import Study
from se_bench.config.study import Claim
from se_bench.errors import UserError
from se_bench.records import Candidate, is_baseline_of

Compared = tuple[Claim, str, str]


def compared(study: Study, candidates: Sequence[Candidate]) -> list[Compared]:
    """Each claim with the two architectures that it compares.

    A claim of which a side is none of the candidates (an older plan's), or several, is left out.
    """
    spelled = [(axes, each) for each in candidates if (axes := _axes(each)) is not None]
    found = []
    for claim in study.claims:
        candidate = _side(claim.candidate, spelled, None)
        against = _side(claim.against, spelled, candidate)
        candidate = candidate or _side(claim.candidate, spelled, against)
        if candidate is not None and against is not None:
            found.append((claim, candidate.architecture_id, against.architecture_id))
    return found


def _side(wanted: Any, spelled: Sequence[tuple[Axes, Candidate]], other: Candidate | None) -> Candidate | None:
    """The candidate that a side of a claim names; the baseline is the one of the other side's net."""
    if wanted == "baseline":
        of = other or next((each for _, each in spelled), None)
        return next((each for _, each in spelled if of is not None and is_baseline_of(each, of)), None)
    named = Axes.read(wanted)
    matches = [
        each
        for axes, each in spelled
        if all(getattr(axes, axis) == getattr(named, axis) for axis in wanted)
        and (axes.block != "none" or named.block == "none")
    ]
    return matches[0] if len(matches) == 1 else None


def _axes(candidate: Candidate) -> Axes | None:
    """The axes of a candidate; None where this version does not know them."""
    try:
        return Axes.read(dict(candidate.axes))
    except (UserError, ValueError):
        return None
