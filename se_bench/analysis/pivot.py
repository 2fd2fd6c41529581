"""A study's results as rows x columns over any axes: means, intervals, what is best, what differs from the baseline.

A cell holds the candidates that have its values of the axes. Where these are several, the cell is their mean, seed by
seed, over the seeds that all of them completed.

Best: the cells among which the truly best one is, with 95 % confidence (multiple comparisons with the best: Hsu,
"Multiple Comparisons", 1996, Chapter 4). Each cell is compared with the one of the best mean by a one-sided paired
test; what is not found worse may be the best. Bonferroni's correction over all others, not Holm's, since the best mean
was chosen by the same data. A cell with trials that have no result is not ranked; where nothing can be tested nothing
is best. Marks: two-sided paired tests against the baseline, corrected by Holm over the cells of a metric. The tests are
those of ``one_sided``; where seeds are added one by one they hold over all looks.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from se_bench.analysis.answer import METRICS, Answer
from se_bench.analysis.claims import ALPHA, seeds_that_count
from se_bench.analysis.estimates import Difference, Estimate, combination, estimate
from se_bench.analysis.measures import Measures
from se_bench.analysis.one_sided import holm, p_values
from se_bench.analysis.sequential import design_of
from se_bench.config.axes import show
from se_bench.config.claim import HIGHER_IS_BETTER
from se_bench.config.load import Study
from se_bench.errors import ConfigError, nearest_name
from se_bench.records import Candidate, Cost, Status, TrialResult, is_baseline_of

COSTS = tuple(Cost.__dataclass_fields__)
GAIN = "difference"
"""The metric of a cell's accuracy minus the baseline's."""
TABLE_METRICS = (*METRICS, GAIN, *COSTS)
BASELINE, WITHOUT = "baseline", "–"

Key = tuple[str, ...]
"""A value of each axis of the rows, or of the columns, as a table writes it."""
Values = dict[int, float]
"""Seed -> value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """What is known of the candidates of one row and column, in one metric."""

    row: Key
    column: Key
    metric: str
    candidates: tuple[Candidate, ...]
    estimate: Estimate
    """Over seeds; of a cost, the mean over candidates, without an interval."""
    difference: Difference | None
    """The metric minus the baseline's, seed by seed; None for a cost and for a baseline."""
    p: float | None
    """Of there being no difference from the baseline, corrected by Holm over the cells of the metric."""
    best: bool
    """Whether it may be the best of the table."""
    trials: int
    """Trials of the candidates that are over."""
    lost: int
    """Those of them without a final accuracy: diverged, failed, or stopped early."""
    trial_ids: tuple[str, ...]
    """The completed trials that the mean rests on; of a cost, those of the candidates."""
    values: Mapping[int, float] = field(repr=False)
    """Seed -> the value that the cell is ranked by; empty for a cost."""

    @property
    def architectures(self) -> Key:
        """The ids of its candidates; cells with equal ones are one comparison."""
        return tuple(_ids(self.candidates))


@dataclass(frozen=True, slots=True, kw_only=True)
class Pivot:
    """A table of a study."""

    answer: Answer = field(repr=False)
    rows: tuple[str, ...]
    """The axes of the rows."""
    columns: tuple[str, ...]
    """The axes of the columns; none, and there is one column for each metric."""
    metrics: tuple[str, ...]
    row_keys: tuple[Key, ...]
    """In the order of the plan."""
    column_keys: tuple[Key, ...]
    cells: Mapping[tuple[Key, Key, str], Cell]
    """By row, column and metric; combinations without a candidate have none."""

    @property
    def averaged(self) -> tuple[str, ...]:
        """The axes over which cells average: those that differ between the candidates of a cell."""
        found = {
            axis
            for cell in self.cells.values()
            for axis in cell.candidates[0].axes
            if len({repr(each.axes.get(axis)) for each in cell.candidates}) > 1
        }
        return tuple(axis for axis in self.answer.study.space.axes if axis in found)


def check_axes(study: Study, axes: Sequence[str], option: str, *, also: Sequence[str] = ()) -> tuple[str, ...]:
    """``axes`` where the study's space has them all; else an error that names those there are, and ``also``."""
    known = tuple(study.space.axes)
    if not axes:
        raise ConfigError("no axis is named", key=option, allowed=(*also, *known))
    for axis in axes:
        if axis not in known:
            raise ConfigError(
                f"space {study.space.name} has no axis {axis!r}",
                key=option,
                allowed=(*also, *known),
                nearest=nearest_name(axis, (*also, *known)),
            )
    if twice := sorted({axis for axis in axes if list(axes).count(axis) > 1}):
        raise ConfigError(f"the axis {twice[0]} is named twice", key=option)
    return tuple(axes)


def check_metrics(metrics: Sequence[str]) -> tuple[str, ...]:
    """``metrics`` where a table has them all; else an error that names those there are."""
    for metric in metrics:
        if metric not in TABLE_METRICS:
            near = nearest_name(metric, TABLE_METRICS)
            raise ConfigError(f"no metric {metric!r}", key="--metric", allowed=TABLE_METRICS, nearest=near)
    return tuple(dict.fromkeys(metrics))


def pivot(answer: Answer, rows: Sequence[str], columns: Sequence[str] = (), metrics: Sequence[str] = ()) -> Pivot:
    """The table of ``answer`` with these axes as rows and columns, by default of accuracy.

    The baseline, which has no value of the block's axes, is a row of its own and stands in every column.
    """
    metrics = tuple(metrics) or ("accuracy",)
    places = _places(answer, rows, columns)
    row_keys = tuple(dict.fromkeys(row for row, _ in places))
    column_keys = tuple(dict.fromkeys(column for _, column in places))
    cells = [cell for metric in metrics for cell in _of_metric(answer, places, metric)]
    return Pivot(
        answer=answer,
        rows=tuple(rows),
        columns=tuple(columns),
        metrics=metrics,
        row_keys=row_keys,
        column_keys=column_keys,
        cells={(cell.row, cell.column, cell.metric): cell for cell in cells},
    )


def planned_pivot(answer: Answer, metrics: Sequence[str] = ()) -> Pivot | None:
    """The table of a grid of one or two axes, as it was planned; None for any other plan."""
    axes = tuple(answer.study.plan.vary)
    if answer.study.plan.kind != "grid" or not 1 <= len(axes) <= 2:
        return None
    return pivot(answer, axes[:1], axes[1:], metrics)


def _places(answer: Answer, rows: Sequence[str], columns: Sequence[str]) -> dict[tuple[Key, Key], list[Candidate]]:
    """Row and column -> the candidates that belong there, in the order of the plan."""
    candidates = answer.records.candidates
    others = dict.fromkeys(_key(each, columns) for each in candidates if not each.is_baseline)
    places: defaultdict[tuple[Key, Key], list[Candidate]] = defaultdict(list)
    for each in candidates:
        for column in _columns_of(each, columns, tuple(others)):
            places[_key(each, rows), column].append(each)
    return dict(places)


def _key(candidate: Candidate, axes: Sequence[str]) -> Key:
    """The candidate's values; where a baseline has none it says so, once."""
    values = [show(candidate.axes[axis]) if axis in candidate.axes else None for axis in axes]
    if not candidate.is_baseline:
        return tuple(WITHOUT if value is None else value for value in values)
    first = values.index(None) if None in values else -1
    return tuple((BASELINE if at == first else "") if value is None else value for at, value in enumerate(values))


def _columns_of(candidate: Candidate, columns: Sequence[str], others: Sequence[Key]) -> Sequence[Key]:
    """The candidate's column; of a baseline without a value of some axis, every column that agrees on the rest."""
    missing = [axis for axis in columns if axis not in candidate.axes]
    if not candidate.is_baseline or not missing:
        return [_key(candidate, columns)]
    own = {at: show(candidate.axes[axis]) for at, axis in enumerate(columns) if axis in candidate.axes}
    return [key for key in others if all(key[at] == value for at, value in own.items())] or [_key(candidate, columns)]


def _of_metric(answer: Answer, places: Mapping[tuple[Key, Key], list[Candidate]], metric: str) -> Iterator[Cell]:
    trials: defaultdict[str, list[TrialResult]] = defaultdict(list)
    for trial in answer.records.trials:
        trials[trial.architecture_id].append(trial)
    bare = [_bare(row, column, metric, candidates, trials) for (row, column), candidates in places.items()]
    if metric in COSTS:
        yield from map(_with_cost, bare)
        return
    tests = _Tests(answer, metric)
    cells = [_with_values(cell, tests, trials) for cell in bare]
    best, corrected = _best(cells, tests), _corrected(cells)
    for cell in cells:
        yield replace(cell, best=cell.architectures in best, p=corrected.get(cell.architectures))


class _Tests:
    """Paired comparisons of cells in one metric."""

    def __init__(self, answer: Answer, metric: str) -> None:
        self.sign = 1 if metric == GAIN or HIGHER_IS_BETTER[metric] else -1
        """1 where a larger value is the better one."""
        self._measured = Measures(answer.records).of("accuracy" if metric == GAIN else metric)
        self._design = design_of(answer.study)
        self._baselines = [each for each in answer.records.candidates if each.is_baseline]

    def values(self, candidates: Sequence[Candidate]) -> Values:
        """The mean over candidates for each seed that all of them have."""
        several = [self._measured.values.get(each.architecture_id, {}) for each in candidates]
        shared = set.intersection(*(set(each) for each in several))
        return {seed: math.fsum(each[seed] for each in several) / len(several) for seed in sorted(shared)}

    def baselines_of(self, candidates: Sequence[Candidate]) -> list[Candidate]:
        """Each candidate's net without a block."""
        return [next(each for each in self._baselines if is_baseline_of(each, other)) for other in candidates]

    def difference(self, one: Cell, other: Sequence[Candidate], values: Values) -> Difference:
        """The first minus the other, whose values are given, over the seeds that count."""
        architectures = [*one.architectures, *_ids(other)]
        seeds = seeds_that_count(architectures, self._measured, self._design)
        return combination([(1.0, one.values), (-1.0, values)], seeds, self._design.looks)

    def p_behind(self, top: Cell, cell: Cell) -> float | None:
        """The one-sided p of ``cell`` being no worse than ``top``; None where nothing can be tested."""
        gap = self.difference(top, cell.candidates, dict(cell.values))
        turned = [self.sign * value for value in gap.values]
        sides = p_values(turned, 0.0, noise=gap.noise, looks=gap.looks)
        return sides.above if sides else None


def _bare(
    row: Key, column: Key, metric: str, candidates: list[Candidate], trials: Mapping[str, Sequence[TrialResult]]
) -> Cell:
    """A cell of which nothing but its candidates and trials is known."""
    own = [trial for name in _ids(candidates) for trial in trials.get(name, ()) if trial.status.ends]
    completed = [trial for trial in own if trial.status is Status.COMPLETED]
    return Cell(
        row=row,
        column=column,
        metric=metric,
        candidates=tuple(candidates),
        estimate=estimate([]),
        difference=None,
        p=None,
        best=False,
        trials=len(own),
        lost=len(own) - len(completed),
        trial_ids=tuple(trial.trial_id for trial in completed),
        values={},
    )


def _with_cost(cell: Cell) -> Cell:
    costs = [float(getattr(each.cost, cell.metric)) for each in cell.candidates]
    return replace(cell, estimate=Estimate(len(costs), math.fsum(costs) / len(costs), None, None, None))


def _with_values(cell: Cell, tests: _Tests, trials: Mapping[str, Sequence[TrialResult]]) -> Cell:
    own = tests.values(cell.candidates)
    cell = replace(cell, values=own, estimate=estimate(list(own.values())))
    is_baseline = any(each.is_baseline for each in cell.candidates)
    if not is_baseline:
        baselines = tests.baselines_of(cell.candidates)
        base = tests.values(baselines)
        cell = replace(cell, difference=tests.difference(cell, baselines, base))
        if cell.metric == GAIN:
            gains = {seed: own[seed] - base[seed] for seed in own if seed in base}
            cell = replace(cell, values=gains, estimate=cell.difference or estimate([]))
    elif cell.metric == GAIN:  # a baseline gains nothing over itself, and is ranked with that
        cell = replace(cell, values=dict.fromkeys(own, 0.0), estimate=estimate([]))
    shown = {} if is_baseline and cell.metric == GAIN else cell.values
    of_cell = (trial for name in _ids(cell.candidates) for trial in trials.get(name, ()))
    used = [trial for trial in of_cell if trial.seed in shown and trial.status is Status.COMPLETED]
    return replace(cell, trial_ids=tuple(trial.trial_id for trial in used))


def _corrected(cells: Sequence[Cell]) -> dict[Key, float]:
    """p of each cell that can be compared with its baseline, by Holm; what cannot be tested yet counts, too.

    A candidate that has lost trials is not marked: those that it has flatter it.
    """
    compared = {
        cell.architectures: None if cell.lost else cell.difference.p for cell in cells if cell.difference is not None
    }
    corrected = holm([1.0 if p is None else p for p in compared.values()])
    return {name: p for (name, raw), p in zip(compared.items(), corrected, strict=True) if raw is not None}


def _best(cells: Sequence[Cell], tests: _Tests) -> set[Key]:
    """The cells that may be the best, by their architectures; none where nothing can be tested."""
    ranked = {cell.architectures: cell for cell in cells if cell.values and not cell.lost}
    if len(ranked) < 2:
        return set()
    top = max(ranked.values(), key=lambda cell: tests.sign * math.fsum(cell.values.values()) / len(cell.values))
    behind = {name: tests.p_behind(top, cell) for name, cell in ranked.items() if cell is not top}
    tested = {name: p for name, p in behind.items() if p is not None}
    found = {name for name, p in tested.items() if len(behind) * p > ALPHA}
    return found | {top.architectures} if tested else set()


def _ids(candidates: Sequence[Candidate]) -> dict[str, None]:
    return dict.fromkeys(each.architecture_id for each in candidates)
