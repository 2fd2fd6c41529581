"""From a study to its plan: which candidates and trials, and what its claims compare."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from se_bench.config.axes import BACKBONE_AXES, Axes
from se_bench.config.claim import Claim
from se_bench.config.load import Study
from se_bench.data.datasets import Images
from se_bench.errors import ConfigError
from se_bench.records import Candidate, Trial
from se_bench.search.candidates import Nets, Spelling, load_images
from se_bench.search.claims import ResolvedClaim, resolve_claim
from se_bench.search.designs import combinations, design_of
from se_bench.search.factorial import Design


@dataclass(frozen=True)
class Plan:
    """What a study trains; of a search, what it has proposed so far (see :func:`with_candidates`)."""

    study: Study
    candidates: tuple[Candidate, ...]
    """The baseline first, then in the order of the values in the file; each architecture once."""
    trials: tuple[Trial, ...]
    """Seed by seed, so that an interrupted study has all candidates with the first seeds."""
    beyond: tuple[Candidate, ...]
    """Candidates that are not trained, because the study's constraints exclude them."""
    claims: tuple[ResolvedClaim, ...]
    nets: Nets = field(repr=False, compare=False)
    """What the study's spellings build."""
    design: Design | None = None
    """Of a factorial plan."""

    @property
    def images(self) -> Images:
        """The setting's dataset."""
        return self.nets.images

    @property
    def asked(self) -> tuple[tuple[Claim, tuple[str, ...]], ...]:
        """The claims as ``analysis`` takes them."""
        return tuple((each.claim, each.architectures) for each in self.claims)

    @property
    def images_per_epoch(self) -> int:
        """Training images that an epoch sees."""
        batch_size = self.study.setting.recipe.batch_size
        return len(self.images.train) // batch_size * batch_size


def make_plan(study: Study) -> Plan:
    """Every candidate of the study, the baseline first, with each of its seeds; of a search the baseline alone.

    Raises:
        ConfigError: an axis or option that the backbone or dataset does not take, a study in which nothing is
            left to compare with the baseline, a claim about a candidate that the study does not have, a choice by
            validation accuracy without validation images, or a design that the axes do not allow.
    """
    nets = Nets(study, load_images(study))
    if study.plan.sampler:
        return with_candidates(Plan(study, (), (), (), (), nets), [nets.baseline(study.plan.fixed)])
    design = design_of(nets)
    varied = combinations(nets, design)
    candidates: dict[str, Candidate] = {}
    beyond: dict[str, Candidate] = {}
    spellings: list[tuple[Axes, Candidate]] = []
    for spelling, is_baseline in [*((each, True) for each in _backbones(varied)), *((each, False) for each in varied)]:
        candidate = nets.baseline(spelling) if is_baseline else nets.candidate(spelling)
        kept = is_baseline or nets.keeps_limits(candidate)
        (candidates if kept else beyond).setdefault(candidate.architecture_id, candidate)
        if kept:
            axes = Axes.read(dict(nets.without_block(spelling) if is_baseline else spelling))
            spellings.append((axes, candidates[candidate.architecture_id]))
    _check_compared(study, candidates, beyond)
    if design is not None:
        _check_balanced(study, design, candidates, beyond)
    return Plan(
        study,
        tuple(candidates.values()),
        _seed_by_seed(nets, candidates.values()),
        tuple(beyond.values()),
        tuple(resolve_claim(study, number, spellings) for number in range(len(study.claims))),
        nets,
        design,
    )


def with_candidates(plan: Plan, candidates: Sequence[Candidate]) -> Plan:
    """The plan of a search with what it has proposed: ``candidates`` in their order, after those it has."""
    known = {each.architecture_id: each for each in (*plan.candidates, *candidates)}
    return replace(plan, candidates=tuple(known.values()), trials=_seed_by_seed(plan.nets, known.values()))


def _seed_by_seed(nets: Nets, candidates: Iterable[Candidate]) -> tuple[Trial, ...]:
    return tuple(nets.trial(candidate, seed) for seed in nets.study.seeds for candidate in candidates)


def _backbones(spellings: Sequence[Spelling]) -> list[Spelling]:
    """One spelling for each backbone, width or shortcut that is varied: a baseline is the same net without a block."""
    nets = [{axis: value for axis, value in each.items() if axis in BACKBONE_AXES} for each in spellings]
    return [net for place, net in enumerate(nets) if net not in nets[:place]]


def _check_compared(study: Study, candidates: Mapping[str, Candidate], beyond: Mapping[str, Candidate]) -> None:
    if all(candidate.is_baseline for candidate in candidates.values()):
        place = ("constraints",) if beyond else ("plan", "vary")
        why = "is beyond the constraints" if beyond else "builds the same net as the baseline"
        raise study.error("study", place, ConfigError(f"every candidate of this plan {why}; nothing would be compared"))


def _check_balanced(
    study: Study, design: Design, candidates: Mapping[str, Candidate], beyond: Mapping[str, Candidate]
) -> None:
    """A design estimates what it says only if each of its combinations is trained, as a net of its own."""
    if beyond:
        problem = ConfigError(
            f"{len(beyond)} of the design's {len(design.runs)} combinations are beyond the constraints",
            hint="wider constraints, other values, or a plan of kind grid",
        )
        raise study.error("study", ("constraints",), problem)
    nets = sum(not candidate.is_baseline for candidate in candidates.values())
    if nets < len(design.runs):
        problem = ConfigError(
            f"the design's {len(design.runs)} combinations build {nets} nets: some axis has no effect in some of them",
            hint="axes that matter in every combination, or a plan of kind grid",
        )
        raise study.error("study", ("plan", "vary"), problem)
