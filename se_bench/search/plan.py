"""From a study to its candidates and trials, each with its identity."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product
from typing import Any

from se_bench.config.axes import BACKBONE_AXES, Axes, AxisValue, show
from se_bench.config.constraint import holds
from se_bench.config.load import Study
from se_bench.cost.count import count
from se_bench.data import datasets
from se_bench.data.datasets import Images
from se_bench.errors import ConfigError, OptionError
from se_bench.nets.architecture import content_id
from se_bench.nets.build import resolve
from se_bench.records import Candidate, Trial
from se_bench.search.claims import ResolvedClaim, resolve_claim
from se_bench.training.numerics import NUMERICS_VERSION


@dataclass(frozen=True)
class Plan:
    """What a study trains."""

    study: Study
    candidates: tuple[Candidate, ...]
    """The baseline first, then in the order of the values in the file; each architecture once."""
    trials: tuple[Trial, ...]
    """Seed by seed, so that an interrupted study has all candidates with the first seeds."""
    beyond: tuple[Candidate, ...]
    """Candidates that are not trained, because the study's constraints exclude them."""
    claims: tuple[ResolvedClaim, ...]
    images: Images = field(repr=False, compare=False)
    """The setting's dataset."""

    @property
    def images_per_epoch(self) -> int:
        """Training images that an epoch sees."""
        batch_size = self.study.setting.recipe.batch_size
        return len(self.images.train) // batch_size * batch_size


def make_plan(study: Study) -> Plan:
    """Every candidate of the study, the baseline first, with each of its seeds.

    Raises:
        ConfigError: an axis or option that the backbone or dataset does not take, a study in which nothing is
            left to compare with the baseline, or a claim about a candidate that the study does not have.
    """
    images = load_images(study)
    candidates: dict[str, Candidate] = {}
    beyond: dict[str, Candidate] = {}
    spellings: list[tuple[Axes, Candidate]] = []
    for spelling, is_baseline in _spellings(study):
        axes = Axes.read(spelling)
        candidate = _candidate(study, images, spelling, axes, is_baseline=is_baseline)
        kept = candidate.is_baseline or _within(study, candidate)
        (candidates if kept else beyond).setdefault(candidate.architecture_id, candidate)
        if kept:
            spellings.append((axes, candidates[candidate.architecture_id]))
    if all(candidate.is_baseline for candidate in candidates.values()):
        place = ("constraints",) if beyond else ("plan", "vary")
        why = "is beyond the constraints" if beyond else "builds the same net as the baseline"
        raise study.error("study", place, ConfigError(f"every candidate of this plan {why}; nothing would be compared"))
    trials = tuple(_trial(study, images, candidate, seed) for seed in study.seeds for candidate in candidates.values())
    claims = tuple(resolve_claim(study, number, spellings) for number in range(len(study.claims)))
    return Plan(study, tuple(candidates.values()), trials, tuple(beyond.values()), claims, images)


def load_images(study: Study) -> Images:
    """The setting's dataset; an option that it does not take is an error with the setting's line."""
    choice = study.setting.dataset
    try:
        images = datasets.load(choice.name, choice.options)
    except OptionError as problem:
        raise study.error("setting", tuple((problem.key or "dataset").split(".")), problem) from None
    if len(images.train) < study.setting.recipe.batch_size:
        raise study.error(
            "setting",
            ("recipe", "batch_size"),
            ConfigError(
                f"a batch of {study.setting.recipe.batch_size} is more than the {len(images.train)} training images"
            ),
        )
    return images


def _spellings(study: Study) -> Iterator[tuple[dict[str, AxisValue], bool]]:
    """The axes of each candidate that differ from their defaults, and whether it is a baseline: those come first.

    A baseline is the same net without a block, so there is one for each backbone, width or shortcut that is varied.
    """
    plan = study.plan
    combinations: list[dict[str, AxisValue]]
    if plan.kind == "grid":
        combinations = [dict(zip(plan.vary, values, strict=True)) for values in product(*plan.vary.values())]
    else:
        combinations = [{}, *({axis: value} for axis, values in plan.vary.items() for value in values)]
    spellings = [{**plan.fixed, **combination} for combination in combinations]
    nets = [{axis: value for axis, value in each.items() if axis in BACKBONE_AXES} for each in spellings]
    for place, net in enumerate(nets):
        if net not in nets[:place]:
            yield {**study.space.baseline, **net}, True
    for spelling in spellings:
        yield spelling, False


def _candidate(
    study: Study, images: Images, spelling: Mapping[str, AxisValue], axes: Axes, *, is_baseline: bool
) -> Candidate:
    try:
        architecture = resolve(study.setting.backbone, axes, images.input_shape, images.num_classes)
    except OptionError as problem:
        raise _placed(study, problem) from None
    told = [axis for axis in study.plan.vary if axis in spelling and (not is_baseline or axis in BACKBONE_AXES)]
    varied = [f"{axis}={show(spelling[axis])}" for axis in told]
    return Candidate(
        architecture_id=architecture.architecture_id,
        label=" ".join(["baseline", *varied]) if is_baseline else " ".join(varied) or "defaults",
        axes=study.space.active(axes),
        architecture=architecture.as_data(),
        is_baseline=is_baseline,
        cost=count(architecture),
    )


def _placed(study: Study, problem: OptionError) -> ConfigError:
    """The error about an axis in the study's file, or about a backbone's option in the setting's."""
    key = str(problem.key)
    for section in ("fixed", "vary"):
        if key in getattr(study.plan, section):
            return study.error("study", ("plan", section, key), problem)
    if key in Axes.model_fields and key not in BACKBONE_AXES:  # its default does not do; this is where to set it
        return study.error("study", ("plan", "fixed", key), problem)
    return study.error("setting", ("backbone", key), problem)


def _within(study: Study, candidate: Candidate) -> bool:
    return all(holds(limit, getattr(candidate.cost, cost)) for cost, limit in study.constraints.items())


def _trial(study: Study, images: Images, candidate: Candidate, seed: int) -> Trial:
    recipe = study.setting.recipe.identity()
    identity = trial_id(
        architecture=candidate.architecture,
        dataset_fingerprint=images.fingerprint,
        recipe=recipe,
        seed=seed,
        numerics_version=NUMERICS_VERSION,
    )
    return Trial(
        trial_id=identity,
        architecture_id=candidate.architecture_id,
        architecture=candidate.architecture,
        dataset=study.setting.dataset.model_dump(),
        dataset_fingerprint=images.fingerprint,
        recipe=recipe,
        seed=seed,
        numerics_version=NUMERICS_VERSION,
    )


def trial_id(
    *,
    architecture: Mapping[str, Any],
    dataset_fingerprint: str,
    recipe: Mapping[str, Any],
    seed: int,
    numerics_version: int,
) -> str:
    """A trial's identity: the hash of everything that determines its numbers."""
    return content_id(
        {
            "architecture": architecture,
            "dataset": dataset_fingerprint,
            "recipe": recipe,
            "seed": seed,
            "numerics": numerics_version,
        }
    )
