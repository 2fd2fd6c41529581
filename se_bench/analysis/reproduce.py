"""A published table beside what this program counts and a database holds: "paper says, you measured"."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any

from se_bench.analysis.printed_accuracy import AccuracyCheck, Found, Measured, chance_of, check_accuracies
from se_bench.analysis.printed_costs import CostCheck, check_costs
from se_bench.analysis.published import ACCURACIES, ERRORS, Figure, PrintedRow
from se_bench.analysis.settings import MeasuredSetting, differences, held_elsewhere
from se_bench.config.axes import AxisValue
from se_bench.config.published import PublishedTable
from se_bench.records import MeasuredTrial, Net


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintedNet:
    """A row's own net, as ours."""

    net: Net
    counts: Mapping[str, int]
    """Everything that papers count of it, block and all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Design:
    """What a row of the table is on one net of the database."""

    row: int
    """Its place in the table."""
    net: Net
    held: Mapping[str, AxisValue]
    """Axes that the table holds, where they have another value than the paper's."""
    architecture_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RowCheck:
    """A row of the table with everything that can be said of it."""

    printed: PrintedRow
    costs: tuple[CostCheck, ...]
    accuracy: AccuracyCheck | None
    unrecorded: tuple[Figure, ...]
    """Figures of quantities that nothing here measures."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reproduction:
    """A published table beside ours."""

    table: PublishedTable
    rows: tuple[RowCheck, ...]
    settings: tuple[MeasuredSetting, ...]
    """The settings of the database in which any of its rows is told."""


def compare(
    table: PublishedTable,
    rows: Sequence[PrintedRow],
    nets: Sequence[PrintedNet | None],
    designs: Sequence[Design],
    trials: Sequence[MeasuredTrial],
) -> Reproduction:
    """Everything printed beside everything known; ``nets`` are the rows' own, ``trials`` those of ``designs``."""
    found = _by_setting(table, rows, nets, designs, trials)
    costs = check_costs(table, rows, [each.counts if each else None for each in nets])
    accuracies = check_accuracies(rows, _references(table, rows), found, chance_of(table.setting.spread))
    counted = {*table.counting, *ERRORS, *ACCURACIES}
    told = {each.setting.number for check in accuracies if check for each in check.measured}
    return Reproduction(
        table=table,
        rows=tuple(
            RowCheck(
                printed=printed,
                costs=costs[place],
                accuracy=accuracies[place],
                unrecorded=tuple(figure for metric, figure in printed.figures.items() if metric not in counted),
            )
            for place, printed in enumerate(rows)
        ),
        settings=tuple(each.setting for each in found if each.setting.number in told),
    )


def _references(table: PublishedTable, rows: Sequence[PrintedRow]) -> list[int]:
    """For each row the one that it is compared with: of its backbone, or of the first."""
    first = {each.backbone: place for place, each in reversed(list(enumerate(rows))) if each.row.reference}
    only = min(first.values())
    return [only if table.compares == "backbones" else first.get(each.backbone, only) for each in rows]


def _by_setting(
    table: PublishedTable,
    rows: Sequence[PrintedRow],
    nets: Sequence[PrintedNet | None],
    designs: Sequence[Design],
    trials: Sequence[MeasuredTrial],
) -> list[Found]:
    of_architecture: defaultdict[str, list[MeasuredTrial]] = defaultdict(list)
    for trial in trials:
        of_architecture[trial.result.architecture_id].append(trial)
    references = set(_references(table, rows))
    groups: defaultdict[tuple[str, str], list[tuple[Design, MeasuredTrial]]] = defaultdict(list)
    for design in designs:  # as the paper has it before other values of what is held
        held = json.dumps(dict(design.held), sort_keys=True)
        for trial in of_architecture[design.architecture_id]:
            groups[held, _setting_key(table, design.net, trial)].append((design, trial))
    compared = {
        setting for (_, setting), group in groups.items() if any(each.row not in references for each, _ in group)
    }
    found: list[Found] = []
    taken: set[tuple[str, int]] = set()
    for (_, setting), group in groups.items():
        told = {design.row for design, _ in group if (setting, design.row) not in taken}
        taken |= {(setting, row) for row in told}
        own = _found(table, rows, nets, len(found) + 1, group, told)
        # A reference alone says something only where it was measured as the paper did.
        if told and (setting in compared or any(not own.differs[row] for row in told)):
            found.append(own)
    return found


def _setting_key(table: PublishedTable, net: Net, trial: MeasuredTrial) -> str:
    carrier = net.backbone if table.compares == "blocks" else None
    where = [carrier, dict(net.options), net.input_shape, net.classes]
    how = [trial.dataset_fingerprint, dict(trial.recipe), trial.numerics_version]
    return json.dumps([*where, *how], sort_keys=True)


def _found(
    table: PublishedTable,
    rows: Sequence[PrintedRow],
    nets: Sequence[PrintedNet | None],
    number: int,
    group: Sequence[tuple[Design, MeasuredTrial]],
    told: Set[int],
) -> Found:
    values: defaultdict[str, dict[int, float]] = defaultdict(dict)
    ids: defaultdict[str, dict[int, str]] = defaultdict(dict)
    lost: defaultdict[str, set[int]] = defaultdict(set)
    differs = {}
    for design, trial in group:
        result = trial.result
        if result.accuracy is None:
            lost[design.architecture_id].add(result.seed)
        else:
            values[design.architecture_id][result.seed] = result.accuracy
            ids[design.architecture_id][result.seed] = result.trial_id
        own = nets[design.row]
        printed = rows[design.row]
        differs[design.row] = (
            *held_elsewhere(printed, design.held),
            *differences(table, printed, own.net if own else None, design.net, trial),
        )
    design, trial = group[0]
    return Found(
        setting=MeasuredSetting(
            number=number,
            net=design.net if table.compares == "blocks" else None,
            held=design.held,
            dataset=trial.dataset,
            recipe=trial.recipe,
            numerics_version=trial.numerics_version,
        ),
        designs={design.row: design.architecture_id for design, _ in group},
        told=told,
        values=values,
        lost={name: len(seeds) for name, seeds in lost.items()},
        trial_ids={name: tuple(own[seed] for seed in sorted(own)) for name, own in ids.items()},
        differs=differs,
    )


def to_json(found: Reproduction) -> dict[str, Any]:
    """The comparison for scripts (docs/reproduce.md); keys are only ever added."""
    table = found.table
    return {
        "table": table.name,
        "title": table.title,
        "source": table.source,
        "setting": {
            "dataset": table.setting.name,
            "input": table.setting.input,
            "classes": table.setting.classes,
            "trained": table.setting.trained,
            "reported": table.setting.reported,
            "spread_points": table.setting.spread.points,
        },
        "notes": list(table.notes),
        "measured_settings": [
            {
                "number": each.number,
                "backbone": each.net.backbone if each.net else None,
                "options": dict(each.net.options) if each.net else None,
                "held": dict(each.held),
                "dataset": dict(each.dataset),
                "recipe": dict(each.recipe),
                "numerics_version": each.numerics_version,
            }
            for each in found.settings
        ],
        "figures": [figure for row in found.rows for figure in _figures(row)],
    }


def _figures(row: RowCheck) -> list[dict[str, Any]]:
    """One object for each printed figure of the row."""
    where = {"backbone": row.printed.backbone, "row": row.printed.row.label}
    objects = []
    for cost in row.costs:
        verdict = {"verdict": cost.judged.verdict.value, "why": cost.judged.why}
        ours: dict[str, Any] = {
            "counted": cost.counted,
            "printed_change": cost.printed_change,
            "counted_change": cost.counted_change,
            "convention": cost.counting.says,
        }
        objects.append({**where, **_printed(cost.figure), **ours, **verdict})
    if row.accuracy:
        verdict = {"verdict": row.accuracy.judged.verdict.value, "why": row.accuracy.judged.why}
        ours = {
            "printed_change": row.accuracy.printed_change,
            "measured": [_measured(each) for each in row.accuracy.measured],
        }
        objects.append({**where, **_printed(row.accuracy.figure), **ours, **verdict})
    for figure in row.unrecorded:
        objects.append({**where, **_printed(figure), "verdict": "not comparable", "why": "not recorded here"})
    return objects


def _printed(figure: Figure) -> dict[str, Any]:
    names = ("metric", "unit", "source", "recalled", "line")
    return {"printed": figure.value, **{name: getattr(figure, name) for name in names}}


def _measured(each: Measured) -> dict[str, Any]:
    change = each.difference
    return {
        "setting": each.setting.number,
        "differs": [{"part": own.part, "paper": own.paper, "here": own.here} for own in each.differs],
        "n": each.accuracy.n,
        "without_result": each.lost,
        "accuracy": {"mean": each.accuracy.mean, "low": each.accuracy.low, "high": each.accuracy.high},
        "change": {"mean": change.mean, "low": change.low, "high": change.high, "n": change.n} if change else None,
        "p": each.p,
        "verdict": each.judged.verdict.value,
        "why": each.judged.why,
        "trials": list(each.trial_ids),
        "reference_trials": list(each.reference_trial_ids),
    }
