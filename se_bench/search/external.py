"""Results that were trained elsewhere as a study of their own: candidates with architectures and costs, and trials.

What such a study is about is what its rows say: there is no plan. It is kept as an ordinary definition (space, setting,
study) that names the values that occur, so that tables, figures and claims read it like any other.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from se_bench.config.axes import BACKBONE_AXES, Axes, AxisValue, show
from se_bench.config.external import ExternalSetting, ImportedStudy
from se_bench.config.results_csv import ResultRow
from se_bench.cost.count import count
from se_bench.errors import ConfigError, OptionError
from se_bench.nets.build import resolve
from se_bench.records import EXTERNAL, Candidate, ExternalTrial, Status, Trial
from se_bench.search.candidates import trial_id

NO_BLOCK: Mapping[str, AxisValue] = {"block": "none"}


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


@dataclass
class _Builder:
    setting: ExternalSetting
    candidates: dict[str, Candidate] = field(default_factory=dict)

    def add(self, axes: Axes, spelling: Mapping[str, AxisValue]) -> Candidate:
        """The candidate of a spelling, and the baseline of its net before it."""
        if axes.block != "none":
            net = {axis: value for axis, value in spelling.items() if axis in BACKBONE_AXES}
            self.add(Axes.read({**NO_BLOCK, **net}), {**NO_BLOCK, **net})
        data = self.setting.dataset
        built = resolve(self.setting.backbone, axes, (data.channels, data.size, data.size), data.classes)
        if built.architecture_id not in self.candidates:
            self.candidates[built.architecture_id] = Candidate(
                architecture_id=built.architecture_id,
                label="",
                axes=dict(spelling) if axes.block != "none" else {**NO_BLOCK, **_of_backbone(spelling)},
                architecture=built.as_data(),
                is_baseline=axes.block == "none",
                cost=count(built),
            )
        return self.candidates[built.architecture_id]


def from_rows(
    study: ImportedStudy, setting: ExternalSetting, rows: Sequence[ResultRow], known: Elsewhere | None = None
) -> Elsewhere:
    """The study of ``rows``; with ``known``, what an earlier import made of it, that and these.

    Raises:
        ConfigError: with file and line, where a row names what the backbone does not take, or the net and seed of
            another row.
    """
    builder = _Builder(setting)
    if known is not None:
        builder.candidates |= {each.architecture_id: each for each in known.candidates}
    trials = {trial.trial_id: trial for trial in known.trials} if known else {}
    results: dict[str, ExternalTrial] = {}
    lines: dict[str, int] = {}
    for row in rows:
        try:
            candidate = builder.add(row.axes, {"block": row.axes.block, **row.spelling})
        except OptionError as problem:
            raise row.error(problem) from None
        trial = _trial(setting, candidate, row.seed)
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
    candidates = _labelled(builder.candidates.values())
    places = {each.architecture_id: place for place, each in enumerate(candidates)}
    seeds = sorted({trial.seed for trial in trials.values()})
    return Elsewhere(
        definition=_definition(study, setting, candidates, seeds),
        candidates=candidates,
        trials=tuple(sorted(trials.values(), key=lambda each: (each.seed, places[each.architecture_id]))),
        results=tuple(results.values()),
    )


def _of_backbone(spelling: Mapping[str, AxisValue]) -> dict[str, AxisValue]:
    return {axis: value for axis, value in spelling.items() if axis in BACKBONE_AXES}


def _trial(setting: ExternalSetting, candidate: Candidate, seed: int) -> Trial:
    identity: dict[str, Any] = {
        "dataset_fingerprint": setting.dataset.name,
        "recipe": setting.recipe.identity(),
        "seed": seed,
        "numerics_version": EXTERNAL,
    }
    return Trial(
        trial_id=trial_id(architecture=candidate.architecture, **identity),
        architecture_id=candidate.architecture_id,
        architecture=candidate.architecture,
        dataset=setting.dataset.model_dump(exclude_defaults=True),
        **identity,
    )


def _labelled(candidates: Iterable[Candidate]) -> tuple[Candidate, ...]:
    """The baselines first, each candidate named by the axes in which they differ."""
    ordered = sorted(candidates, key=lambda each: not each.is_baseline)
    values = _values([each for each in ordered if not each.is_baseline])
    varied = [axis for axis, own in values.items() if len(own) > 1]
    labelled = []
    for each in ordered:
        told = [axis for axis in varied if axis in each.axes and (not each.is_baseline or axis in BACKBONE_AXES)]
        words = [f"{axis}={show(each.axes[axis])}" for axis in told]
        label = " ".join(["baseline", *words]) if each.is_baseline else " ".join(words) or "defaults"
        labelled.append(replace(each, label=label))
    return tuple(labelled)


def _values(candidates: Sequence[Candidate]) -> dict[str, list[AxisValue]]:
    """Axis -> the values that occur, in the order in which axes are listed and values come."""
    found: dict[str, list[AxisValue]] = {}
    for axis in Axes.model_fields:
        values = [_plain(each.axes[axis]) for each in candidates if axis in each.axes]
        if values:
            found[axis] = [value for place, value in enumerate(values) if value not in values[:place]]
    return found


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _definition(
    study: ImportedStudy, setting: ExternalSetting, candidates: Sequence[Candidate], seeds: Sequence[int]
) -> dict[str, Any]:
    blocks = _values([each for each in candidates if not each.is_baseline])
    nets = _values([each for each in candidates if each.is_baseline])
    axes = {**{axis: nets[axis] for axis in nets if axis in BACKBONE_AXES}, **blocks}
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
