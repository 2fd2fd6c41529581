"""From a spelling to a candidate and its trials, each with its identity."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from se_bench.config.axes import BACKBONE_AXES, Axes, AxisValue, show
from se_bench.config.constraint import holds
from se_bench.config.load import Study
from se_bench.cost.count import count
from se_bench.data import datasets
from se_bench.data.datasets import Images
from se_bench.errors import ConfigError, OptionError
from se_bench.nets.architecture import Architecture, content_id
from se_bench.nets.build import resolve
from se_bench.records import Candidate, Cost, JsonDict, Trial
from se_bench.training.numerics import NUMERICS_VERSION

Spelling = Mapping[str, AxisValue]
"""Axes by name; those left out stand at their default."""


@dataclass(frozen=True)
class Nets:
    """What a study's spellings build in its setting."""

    study: Study
    images: Images
    _costs: dict[str, Cost] = field(default_factory=dict, repr=False, compare=False)

    def resolve(self, axes: Axes) -> Architecture:
        """What is built. Raises :class:`OptionError` for a value that the backbone does not take."""
        return resolve(self.study.setting.backbone, axes, self.images.input_shape, self.images.num_classes)

    def candidate(self, spelling: Spelling) -> Candidate:
        """The candidate of a spelling. Raises :class:`ConfigError`, placed, where it cannot be built."""
        return self._candidate(spelling, is_baseline=False)

    def baseline(self, spelling: Spelling) -> Candidate:
        """The net of a spelling without a block: it goes with the axes of the backbone."""
        return self._candidate(self.without_block(spelling), is_baseline=True)

    def without_block(self, spelling: Spelling) -> Spelling:
        """The spelling of :meth:`baseline`."""
        net = {axis: value for axis, value in spelling.items() if axis in BACKBONE_AXES}
        return {**self.study.space.baseline, **net}

    def keeps_limits(self, candidate: Candidate) -> bool:
        """Whether a candidate's costs are within the study's constraints."""
        limits = self.study.constraints.items()
        return all(holds(limit, getattr(candidate.cost, cost)) for cost, limit in limits)

    def trial(self, candidate: Candidate, seed: int) -> Trial:
        """One training of a candidate in the study's setting."""
        return make_trial(
            candidate.architecture_id,
            candidate.architecture,
            dataset=self.study.setting.dataset.model_dump(),
            dataset_fingerprint=self.images.fingerprint,
            recipe=self.study.setting.recipe.identity(),
            seed=seed,
        )

    def trials(self, candidate: Candidate) -> tuple[Trial, ...]:
        """A candidate with each of the study's seeds."""
        return tuple(self.trial(candidate, seed) for seed in self.study.seeds)

    def placed(self, problem: OptionError) -> ConfigError:
        """The error about an axis in the study's file, or about a backbone's option in the setting's."""
        study, key = self.study, str(problem.key)
        for section in ("fixed", "vary"):
            if key in getattr(study.plan, section):
                return study.error("study", ("plan", section, key), problem)
        if key in Axes.model_fields and key not in BACKBONE_AXES:  # its default does not do; this is where to set it
            return study.error("study", ("plan", "fixed", key), problem)
        return study.error("setting", ("backbone", key), problem)

    def _candidate(self, spelling: Spelling, *, is_baseline: bool) -> Candidate:
        axes = Axes.read(dict(spelling))
        try:
            architecture = self.resolve(axes)
        except OptionError as problem:
            raise self.placed(problem) from None
        identity = architecture.architecture_id
        if identity not in self._costs:
            self._costs[identity] = count(architecture)
        return Candidate(
            architecture_id=identity,
            label=self._label(spelling, is_baseline=is_baseline),
            axes=self.study.space.active(axes),
            architecture=architecture.as_data(),
            is_baseline=is_baseline,
            cost=self._costs[identity],
        )

    def _label(self, spelling: Spelling, *, is_baseline: bool) -> str:
        """The axes that the plan varies; where it varies the whole space, those of them off their default."""
        vary = self.study.plan.vary
        told = [axis for axis in vary if axis in spelling]
        if not vary:
            defaults = Axes()
            varied = (axis for axis in spelling if axis not in self.study.plan.fixed)
            told = [axis for axis in varied if spelling[axis] != getattr(defaults, axis)]
        words = [f"{axis}={show(spelling[axis])}" for axis in told if not is_baseline or axis in BACKBONE_AXES]
        return " ".join(["baseline", *words]) if is_baseline else " ".join(words) or "defaults"


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
    if study.plan.chooses and not len(images.validation):
        place = ("plan", "kind") if study.plan.sampler else ("plan", "scheduler")
        why = f"this plan chooses by validation accuracy, and {images.name} has no validation images here"
        hint = "hold some out: --set dataset.validation_images=5000, or in the setting"
        raise study.error("study", place, ConfigError(why, hint=hint))
    return images


def make_trial(
    architecture_id: str,
    architecture: JsonDict,
    *,
    dataset: JsonDict,
    dataset_fingerprint: str,
    recipe: JsonDict,
    seed: int,
    numerics_version: int = NUMERICS_VERSION,
) -> Trial:
    """A trial with its identity."""
    return Trial(
        trial_id=trial_id(
            architecture=architecture,
            dataset_fingerprint=dataset_fingerprint,
            recipe=recipe,
            seed=seed,
            numerics_version=numerics_version,
        ),
        architecture_id=architecture_id,
        architecture=architecture,
        dataset=dataset,
        dataset_fingerprint=dataset_fingerprint,
        recipe=recipe,
        seed=seed,
        numerics_version=numerics_version,
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
