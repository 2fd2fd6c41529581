"""Results that were trained elsewhere as a study of their own: candidates with architectures and costs, and trials.

What such a study is about is what its rows say: there is no plan. It is kept as an ordinary definition (space, setting,
study) that names the values that occur, so that tables, figures and claims read it like any other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from se_bench.config.axes import BACKBONE_AXES, Axes, AxisValue, show
from se_bench.config.external import ExternalSetting, ImportedStudy
from se_bench.config.results_csv import ResultRow
from se_bench.cost.count import count
from se_bench.errors import ConfigError, OptionError
from se_bench.nets.architecture import Architecture
from se_bench.nets.build import resolve
from se_bench.records import EXTERNAL, Candidate, ExternalTrial, Status, Trial
from se_bench.search.candidates import make_trial

NO_BLOCK: Mapping[str, AxisValue] = {"block": "none"}
Spelling = Mapping[str, Any]
"""Axes by name, lists as lists or tuples."""


@dataclass(frozen=True, kw_only=True)
class Elsewhere:
    """A study of results that were trained elsewhere."""

    definition: Mapping[str, Any]
    """As an ordinary study's: its parts by name."""
    candidates: tuple[Candidate, ...]
    """The baselines first."""
    trials: tuple[Trial, ...]
    """Seed by seed: those with a result, and no others."""
    results: tuple[ExternalTrial, ...]
    """The results of the file, in its order."""


def from_rows(
    study: ImportedStudy, setting: ExternalSetting, rows: Sequence[ResultRow], known: Elsewhere | None = None
) -> Elsewhere:
    """The study of ``rows``; with ``known``, what an earlier import made of it, that and these.

    Raises:
        ConfigError: with file and line, where a row names what the backbone does not take, or the net and seed of
            another row.
    """
    nets = _Nets(setting)
    for each in known.candidates if known else ():
        nets.add(each.axes)
    trials = {trial.trial_id: trial for trial in known.trials} if known else {}
    results: dict[str, ExternalTrial] = {}
    lines: dict[str, int] = {}
    for row in rows:
        try:
            architecture = nets.add({"block": row.axes.block, **row.spelling})
        except OptionError as problem:
            raise row.error(problem) from None
        trial = _trial(setting, architecture, row.seed)
        if trial.trial_id in lines:
            message = f"the same net with the same seed as in line {lines[trial.trial_id]}"
            raise row.error(ConfigError(message, hint="a trial stands once; other seeds have other numbers"))
        lines[trial.trial_id] = row.line
        trials.setdefault(trial.trial_id, trial)
        results[trial.trial_id] = ExternalTrial(
            trial=trial,
            status=Status(row.status),
            accuracy=row.accuracy,
            loss=row.loss,
            train_seconds=row.train_seconds,
        )
    candidates = nets.candidates()
    places = {each.architecture_id: place for place, each in enumerate(candidates)}
    seeds = sorted({trial.seed for trial in trials.values()})
    return Elsewhere(
        definition=_definition(study, setting, candidates, seeds),
        candidates=candidates,
        trials=tuple(sorted(trials.values(), key=lambda each: (each.seed, places[each.architecture_id]))),
        results=tuple(results.values()),
    )


class _Nets:
    """What the rows spell, each net once, in the order in which they come."""

    def __init__(self, setting: ExternalSetting) -> None:
        self._setting = setting
        self._built: dict[str, Architecture] = {}
        self._given: dict[str, Spelling] = {}

    def add(self, spelling: Spelling) -> Architecture:
        """What a spelling builds, and the same net without a block before it. Raises :class:`OptionError`."""
        if spelling.get("block") != "none":
            self.add({**NO_BLOCK, **_of_backbone(spelling)})
        built = self._resolve(spelling)
        self._built.setdefault(built.architecture_id, built)
        self._given.setdefault(built.architecture_id, dict(spelling))
        return built

    def candidates(self) -> tuple[Candidate, ...]:
        """The baselines first; each with the axes that tell it from others, and named by those in which they differ."""
        ordered = sorted(self._built, key=lambda identity: self._given[identity]["block"] != "none")
        axes = {identity: self._axes(identity) for identity in ordered}
        blocks = [own for own in axes.values() if own["block"] != "none"]
        varied = [axis for axis, values in values_of(blocks).items() if len(values) > 1]
        return tuple(
            Candidate(
                architecture_id=identity,
                label=_label(axes[identity], varied),
                axes=axes[identity],
                architecture=self._built[identity].as_data(),
                is_baseline=axes[identity]["block"] == "none",
                cost=count(self._built[identity]),
            )
            for identity in ordered
        )

    def _axes(self, identity: str) -> Spelling:
        """The axes that were given, and the defaults of those that others give and that would change this net."""
        given = self._given[identity]
        if given["block"] == "none":
            return {**NO_BLOCK, **_of_backbone(given)}
        own = Axes.read(dict(given))
        shown = {}
        for axis, values in values_of(list(self._given.values())).items():
            if axis in given or any(self._changes(identity, given, axis, value) for value in values):
                shown[axis] = given.get(axis, getattr(own, axis))
        return {axis: value for axis, value in shown.items() if value is not None}

    def _changes(self, identity: str, given: Spelling, axis: str, value: AxisValue) -> bool:
        try:
            return self._resolve({**given, axis: value}).architecture_id != identity
        except OptionError:
            return False

    def _resolve(self, spelling: Spelling) -> Architecture:
        data = self._setting.dataset
        shape = (data.channels, data.size, data.size)
        return resolve(self._setting.backbone, Axes.read(dict(spelling)), shape, data.classes)


def values_of(spellings: Sequence[Spelling]) -> dict[str, list[Any]]:
    """Axis -> the values that occur, in the order in which axes are listed and values come."""
    found: dict[str, list[Any]] = {}
    for axis in Axes.model_fields:
        values = [_plain(each[axis]) for each in spellings if axis in each]
        if values:
            found[axis] = [value for place, value in enumerate(values) if value not in values[:place]]
    return found


def _label(axes: Spelling, varied: Sequence[str]) -> str:
    is_baseline = axes["block"] == "none"
    told = [axis for axis in varied if axis in axes and (not is_baseline or axis in BACKBONE_AXES)]
    words = [f"{axis}={show(axes[axis])}" for axis in told]
    return " ".join(["baseline", *words]) if is_baseline else " ".join(words) or "defaults"


def _of_backbone(spelling: Spelling) -> dict[str, AxisValue]:
    return {axis: value for axis, value in spelling.items() if axis in BACKBONE_AXES}


def _trial(setting: ExternalSetting, built: Architecture, seed: int) -> Trial:
    return make_trial(
        built.architecture_id,
        built.as_data(),
        dataset=setting.dataset.model_dump(exclude_defaults=True),
        dataset_fingerprint=setting.dataset.name,
        recipe=setting.recipe.identity(),
        seed=seed,
        numerics_version=EXTERNAL,
    )


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _definition(
    study: ImportedStudy, setting: ExternalSetting, candidates: Sequence[Candidate], seeds: Sequence[int]
) -> dict[str, Any]:
    blocks = values_of([each.axes for each in candidates if not each.is_baseline])
    nets = values_of([_of_backbone(each.axes) for each in candidates])
    axes = {**nets, **blocks}
    varied = {axis: values for axis, values in axes.items() if len(values) > 1}
    return {
        "study": {
            "name": study.name,
            "question": study.question,
            "space": "imported",
            "setting": setting.name,
            "plan": {"kind": "grid", "vary": varied or {"block": axes.get("block", ["none"])}},
            "seeds": list(seeds),
            "claims": [claim.model_dump(mode="json", exclude_defaults=True) for claim in study.claims],
        },
        "space": {
            "name": "imported",
            "about": "The candidates of results that were trained elsewhere.",
            "axes": {axis: {"values": values} for axis, values in axes.items()} or {"block": {"values": ["none"]}},
        },
        "setting": setting.model_dump(mode="json", exclude_defaults=True),
    }
