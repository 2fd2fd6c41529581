"""Which architectures a claim of a study is about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from se_bench import registry
from se_bench.config.axes import Axes, AxisValue, show
from se_bench.config.claim import Claim, Pair
from se_bench.config.document import KeyPath
from se_bench.config.load import Study
from se_bench.errors import ConfigError
from se_bench.records import Candidate, is_baseline_of

if TYPE_CHECKING:
    from se_bench.nets.backbones.places import Backbone

Spellings = Sequence[tuple[Axes, Candidate]]
"""Each way in which the plan spells a candidate."""


@dataclass(frozen=True)
class ResolvedClaim:
    """A claim with the architectures that it compares."""

    claim: Claim
    architectures: tuple[str, ...]
    """The candidate and the one it is compared with; then those of ``than``; or one for each value of ``along``."""


def resolve_claim(study: Study, number: int, spellings: Spellings) -> ResolvedClaim:
    """The architectures of the study's claim of that number.

    Raises:
        ConfigError: it names no candidate of the plan, or several, or one against itself, or a stage that the net does
            not have.
    """
    claim = study.claims[number]
    architectures = _along(study, number, spellings) if claim.along else _pairs(study, number, spellings)
    if claim.stage is not None:
        _check_stage(study, number, [each for _, each in spellings if each.architecture_id in architectures])
    return ResolvedClaim(claim, architectures)


def _along(study: Study, number: int, spellings: Spellings) -> tuple[str, ...]:
    claim = study.claims[number]
    others = claim.candidate if isinstance(claim.candidate, dict) else {}
    ((axis, values),) = (claim.along or {}).items()
    path = ("claims", number, "along", axis)
    found = [_named(study, (*path, place), {**others, axis: value}, spellings) for place, value in enumerate(values)]
    if len(set(found)) < len(found):
        raise study.error("study", path, ConfigError(f"two of these values of {axis} build the same net"))
    return tuple(found)


def _pairs(study: Study, number: int, spellings: Spellings) -> tuple[str, ...]:
    claim = study.claims[number]
    assert claim.candidate is not None, "checked when the study was read"
    found = _pair(study, ("claims", number), Pair(candidate=claim.candidate, against=claim.against), spellings)
    return found + _pair(study, ("claims", number, "than"), claim.than, spellings) if claim.than else found


def _pair(study: Study, path: KeyPath, pair: Pair, spellings: Spellings) -> tuple[str, ...]:
    """Both sides; a baseline is that of the candidate's net."""
    sides: list[str] = []
    for key, side in (("candidate", pair.candidate), ("against", pair.against)):
        if isinstance(side, dict):
            sides.append(_named(study, (*path, key), side, spellings))
            continue
        net = next((each for _, each in spellings if each.architecture_id in sides), spellings[0][1])
        sides.append(next(each.architecture_id for _, each in spellings if is_baseline_of(each, net)))
    if sides[0] == sides[1]:
        problem = ConfigError("both sides are the same net", hint="compare two candidates of the plan")
        raise study.error("study", (*path, "candidate"), problem)
    return tuple(sides)


def _named(study: Study, path: KeyPath, wanted: dict[str, AxisValue], spellings: Spellings) -> str:
    """The one candidate that has these values."""
    named = Axes.read(wanted)
    matches = {
        each.architecture_id
        for axes, each in spellings
        if all(getattr(axes, axis) == getattr(named, axis) for axis in wanted)
        and (axes.block != "none" or named.block == "none")
    }
    if len(matches) != 1:
        names = ", ".join(f"{axis}={show(value)}" for axis, value in wanted.items())
        problem = ConfigError(
            f"the plan has {'no candidate' if not matches else f'{len(matches)} candidates'} with {names}",
            hint="name the axes that tell one candidate of plan.vary from the others, or write baseline",
        )
        raise study.error("study", path, problem)
    return matches.pop()


def _check_stage(study: Study, number: int, candidates: Sequence[Candidate]) -> None:
    stage = study.claims[number].stage
    for each in candidates:
        family: Backbone = registry.load("backbone", each.architecture["backbone"])
        places = family.places({**family.defaults, **each.architecture["options"]})
        stages = sorted({place.stage for place in places})
        if stage not in stages:
            problem = ConfigError(
                f"{each.architecture['backbone']} has no stage {stage}", allowed=tuple(str(own) for own in stages)
            )
            raise study.error("study", ("claims", number, "stage"), problem)
