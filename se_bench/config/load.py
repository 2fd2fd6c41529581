"""From a study's name and the command line's overrides to one checked, frozen :class:`Study`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from se_bench.config import document, locate
from se_bench.config.axes import Axes, AxisValue
from se_bench.config.claim import Claim
from se_bench.config.constraint import Costs, Limit
from se_bench.config.dashboard import Dashboard
from se_bench.config.document import Document, KeyPath
from se_bench.config.external import setting_model
from se_bench.config.plan import Budget, PlanDefinition
from se_bench.config.setting import Setting
from se_bench.config.space import Space
from se_bench.config.study import Objective, SeedRange, StudyDefinition
from se_bench.errors import ConfigError, UserError, nearest_name


@dataclass(frozen=True)
class Study:
    """A question with everything it refers to: what every command that takes a STUDY works on."""

    name: str
    question: str
    space: Space
    setting: Setting
    plan: PlanDefinition
    seeds: tuple[int, ...]
    """Every seed that a candidate may be trained with."""
    first_seeds: int
    """How many of them every candidate is trained with; the others only where a comparison is still open."""
    objectives: Mapping[Objective, str]
    constraints: Mapping[Costs, Limit]
    budget: Budget | None
    claims: tuple[Claim, ...]
    found: Mapping[str, locate.Found] = field(repr=False, compare=False)
    """Which file each part came from."""
    documents: Mapping[str, Document] = field(repr=False, compare=False)
    """The files themselves, for messages with a line."""

    def error(self, part: str, path: KeyPath, problem: UserError) -> ConfigError:
        """``problem`` with the place in the file of ``part`` (study, space or setting)."""
        return self.documents[part].at(path, problem)


def load_study(
    name: str,
    *,
    overrides: Sequence[str] = (),
    setting: str | None = None,
    seeds: int | None = None,
) -> Study:
    """Read a study with its space and setting.

    Args:
        name: a study's name, or a path to its file.
        overrides: ``key=value`` pairs; the key is one of the study (``seeds``), of the setting
            (``recipe.epochs``) or an axis (``gate``), which is then fixed in all candidates.
        setting: ask the same question in another setting.
        seeds: another number of seeds.

    Raises:
        ConfigError: with file, line, key, what is allowed and the nearest spelling.
    """
    found = {"study": locate.find("studies", name)}
    documents = {"study": document.read(found["study"].file)}
    if setting is not None:
        documents["study"].override(("setting",), setting, "--setting")
    if seeds is not None:
        documents["study"].override(("seeds",), seeds, "--seeds")
    pairs = [_split(pair) for pair in overrides]
    for path, value, origin in pairs:
        if path[0] in StudyDefinition.model_fields:
            documents["study"].override(path, value, origin)
        elif path[0] in Axes.model_fields and len(path) == 1:
            documents["study"].override(("plan", "fixed", *path), value, origin)
    definition = documents["study"].parse(StudyDefinition)
    if definition.name != found["study"].file.stem:
        raise documents["study"].error(
            ("name",),
            f"a study is called like its file, {found['study'].file.stem!r}, not {definition.name!r}",
            hint="results are kept under the name: a copy with the old one would replace the other's plan",
        )

    def other(part: str, folder: locate.Folder, wanted: str) -> None:
        try:
            found[part] = locate.find(folder, wanted)
        except ConfigError as problem:
            raise documents["study"].at((part,), problem) from None
        documents[part] = document.read(found[part].file)

    other("space", "search_spaces", definition.space)
    other("setting", "studies/settings", definition.setting)
    for path, value, origin in pairs:
        if path[0] not in StudyDefinition.model_fields and (path[0] not in Axes.model_fields or len(path) > 1):
            _override_setting(documents["setting"], path, value, origin)
    return _study(definition, documents, found, Setting)


def registered_study(definition: Mapping[str, Any], database: str, written: Document | None = None) -> Study:
    """A study from what a database keeps of it, its space and its setting.

    Messages name the database, or the file in which keys of the study are ``written``.

    Raises:
        ConfigError: the definition is of another version of this program, and no longer what it was.
    """
    parts = ("study", "space", "setting")
    found = {part: locate.Found(Path(database), "database") for part in parts}
    documents = {part: Document(file=Path(database), data=dict(definition.get(part, {})), lines={}) for part in parts}
    if written is not None:
        documents["study"] = replace(written, data=documents["study"].data)
    model = setting_model(documents["setting"].data)
    return _study(documents["study"].parse(StudyDefinition), documents, found, model)


def _study(
    definition: StudyDefinition,
    documents: Mapping[str, Document],
    found: Mapping[str, locate.Found],
    setting: type[Setting],
) -> Study:
    own_seeds = _seeds(definition.seeds)
    study = Study(
        name=definition.name,
        question=definition.question,
        space=documents["space"].parse(Space),
        setting=documents["setting"].parse(setting),
        plan=definition.plan,
        seeds=own_seeds,
        first_seeds=definition.seeds.min if isinstance(definition.seeds, SeedRange) else len(own_seeds),
        objectives=definition.objectives,
        constraints=definition.constraints,
        budget=definition.budget,
        claims=definition.claims,
        found=found,
        documents=documents,
    )
    _check_axes(study)
    _check_scheduler(study)
    return study


def _seeds(seeds: int | tuple[int, ...] | SeedRange) -> tuple[int, ...]:
    if isinstance(seeds, tuple):
        return seeds
    return tuple(range(seeds.max if isinstance(seeds, SeedRange) else seeds))


def load_setting(name: str) -> Setting:
    """Read one setting by name or path."""
    return document.read(locate.find("studies/settings", name).file).parse(Setting)


def load_space(name: str) -> Space:
    """Read one search space by name or path."""
    return document.read(locate.find("search_spaces", name).file).parse(Space)


def load_dashboard(name: str) -> Dashboard:
    """Read one dashboard by name or path."""
    return document.read(locate.find("dashboards", name).file).parse(Dashboard)


def axes_from_pairs(pairs: Iterable[str], also: Sequence[str] = ()) -> tuple[Axes, dict[str, Any]]:
    """The axes of ``key=value`` pairs, as ``se-bench cost --set reduction=8`` takes them.

    Keys in ``also`` that are no axes come back apart: they are a backbone's own options.
    """
    command_line = Document(file=Path("--set"), data={}, lines={})
    own: dict[str, Any] = {}
    for pair in pairs:
        path, value, origin = _split(pair)
        if path[0] in also and path[0] not in Axes.model_fields:
            own[str(path[0])] = value
            continue
        if path[0] not in Axes.model_fields and also:
            known = (*Axes.model_fields, *also)
            raise ConfigError(
                f"no axis {path[0]!r}, nor an option of this backbone",
                key=origin,
                allowed=tuple(dict.fromkeys(known)),
                nearest=nearest_name(str(path[0]), known),
            )
        command_line.override(path, value, origin)
    return command_line.parse(Axes), own


def _split(pair: str) -> tuple[KeyPath, Any, str]:
    key, equals, value = pair.partition("=")
    parts = tuple(key.strip().split("."))
    if not equals or not all(parts):
        raise ConfigError(
            f"--set takes key=value, not {pair!r}",
            hint="for example --set recipe.epochs=20 or --set gate=softmax",
        )
    return parts, document.scalar(value.strip()), f"--set {key.strip()}"


def _override_setting(setting: Document, path: KeyPath, value: Any, origin: str) -> None:
    known = (*StudyDefinition.model_fields, *Setting.model_fields, *Axes.model_fields)
    if path[0] not in Setting.model_fields:
        raise ConfigError(
            f"no key {path[0]!r} in a study, a setting or the axes (from {origin})",
            key=document.dotted(path),
            allowed=tuple(dict.fromkeys(known)),
            nearest=nearest_name(str(path[0]), known),
        )
    setting.override(path, value, origin)


def _check_scheduler(study: Study) -> None:
    scheduler, epochs = study.plan.scheduler, study.setting.recipe.epochs
    if scheduler and scheduler.grace_epochs >= epochs:
        problem = ConfigError(
            f"no trial of {epochs} epochs could end early after {scheduler.grace_epochs}",
            hint="fewer grace_epochs, or no scheduler",
        )
        raise study.error("study", ("plan", "scheduler", "grace_epochs"), problem)


def _check_axes(study: Study) -> None:
    """Refuse axes and values that are outside the study's space."""

    def check(path: KeyPath, axis: str, value: AxisValue) -> None:
        try:
            study.space.check(axis, value)
        except ConfigError as problem:
            raise study.error("study", path, problem) from None

    for axis, values in study.plan.vary.items():
        for index, value in enumerate(values):
            check(("plan", "vary", axis, index), axis, value)
    for axis, value in study.plan.fixed.items():
        check(("plan", "fixed", axis), axis, value)
    for number, claim in enumerate(study.claims):
        for path, side in claim.sides():
            for axis, value in side.items():
                check(("claims", number, *path, axis), axis, value)
        for axis, values in (claim.along or {}).items():
            for index, value in enumerate(values):
                check(("claims", number, "along", axis, index), axis, value)
