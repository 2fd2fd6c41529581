"""Settings of trials that were looked up by what was built, and what of them is not a paper's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from se_bench.analysis.published import PrintedRow
from se_bench.config.axes import Axes, AxisValue, show
from se_bench.config.published import PublishedTable
from se_bench.records import JsonDict, MeasuredTrial, Net

BACKBONE = "backbone"
"""The part of a setting that is its net."""
_WHERE_DATA_LIES = "root"
"""An option of datasets that says nothing of the images."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuredSetting:
    """Where trials of the database were measured."""

    number: int
    """Counted from 1, for references to it."""
    net: Net | None
    """The net that carries the designs; None where the designs themselves are nets."""
    held: Mapping[str, AxisValue]
    """Axes that a table holds, where they have another value here than the paper's."""
    dataset: JsonDict
    recipe: JsonDict
    numerics_version: int

    @property
    def words(self) -> str:
        """The setting in a line."""
        net = [words_of(self.net)] if self.net else []
        held = [options(self.held)] if self.held else []
        return "; ".join([*held, options(self.dataset), *net, options(self.recipe)])


@dataclass(frozen=True, slots=True)
class Differs:
    """One part of a setting that is not the paper's."""

    part: str
    """An axis that the table holds, `dataset`, `backbone`, `images`, `recipe`, or `training`."""
    paper: str
    """What the paper has."""
    here: str
    """What is here instead."""


def differences(
    table: PublishedTable, printed: PrintedRow, as_printed: Net | None, net: Net, trial: MeasuredTrial
) -> tuple[Differs, ...]:
    """What of a trial's setting is not that of a printed row; ``as_printed`` is the row's own net, as ours."""
    setting = table.setting
    found = []
    own = {"name": setting.ours.name, **setting.ours.options} if setting.ours else None
    here = {key: value for key, value in trial.dataset.items() if key != _WHERE_DATA_LIES}
    if own != here:
        found.append(Differs("dataset", setting.name, options(trial.dataset)))
    if as_printed is None or (as_printed.backbone, dict(as_printed.options)) != (net.backbone, dict(net.options)):
        found.append(Differs(BACKBONE, printed.backbone, words_of(net)))
    elif (as_printed.input_shape, as_printed.classes) != (net.input_shape, net.classes):
        found.append(Differs("images", _images(as_printed), _images(net)))
    if setting.recipe is None or setting.recipe.identity() != dict(trial.recipe):
        found.append(Differs("recipe", setting.trained, options(trial.recipe)))
    if printed.row.differs:
        found.append(Differs("training", printed.row.differs, "none"))
    return tuple(found)


def held_elsewhere(printed: PrintedRow, held: Mapping[str, AxisValue]) -> tuple[Differs, ...]:
    """The axes that the table holds and that have another value here; none for a net without a block."""
    axes = Axes.read(printed.row.axes or {})
    if axes.block == "none":
        return ()
    return tuple(Differs(axis, show(getattr(axes, axis)), show(value)) for axis, value in held.items())


def words_of(net: Net) -> str:
    """``cifar_resnet20 (shortcut=B)``."""
    own = ", ".join(f"{key}={show(value)}" for key, value in net.options.items())
    return f"{net.backbone} ({own})" if own else net.backbone


def options(choice: Mapping[str, Any]) -> str:
    """A dataset or recipe in a line: ``digits, size=16``."""
    rest = [f"{key}={show(value)}" for key, value in choice.items() if key != "name"]
    return ", ".join([*([str(choice["name"])] if "name" in choice else []), *rest])


def _images(net: Net) -> str:
    channels, height, width = net.input_shape
    return f"{channels} x {height} x {width}, {net.classes} classes"
