"""A study's results as rows x columns over any axes: means, intervals, what is best, what differs from the baseline.

A cell holds the candidates that have its values of the axes. Where these are several, the cell is their mean, seed by
seed, over the seeds that all of them completed.

Best: the cells among which the truly best one is, with 95 % confidence (multiple comparisons with the best: Hsu,
"Multiple Comparisons", 1996, Chapter 4). Each cell is compared with the one of the best mean by a one-sided paired
t-test; what is not found worse may be the best. Bonferroni's correction over all others, not Holm's, since the best
mean was chosen by the same data. A cell with diverged or failed trials is not ranked; where nothing can be tested
nothing is best.
Marks: two-sided paired t-tests against the baseline, corrected by Holm over the cells of a metric.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from se_bench.analysis.answer import METRICS, Answer, by_architecture
from se_bench.analysis.claims import ALPHA
from se_bench.analysis.estimates import Difference, Estimate, difference, estimate, holm, p_above
from se_bench.config.axes import show
from se_bench.config.load import Study
from se_bench.config.study import HIGHER_IS_BETTER
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
    """Trials of the candidates, whatever became of them."""
    unsuccessful: int
    """Those of them that diverged or failed."""
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
    if answer.study.plan.kind != "grid" or len(axes) > 2:
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
    measured = by_architecture(answer.records.trials, "accuracy" if metric == GAIN else metric)
    cells = [_with_values(answer, cell, trials, measured) for cell in bare]
    best = _best(cells, higher=metric == GAIN or HIGHER_IS_BETTER[metric])
    corrected = _corrected(cells)
    for cell in cells:
        yield replace(cell, best=cell.architectures in best, p=corrected.get(cell.architectures))


def _bare(
    row: Key, column: Key, metric: str, candidates: list[Candidate], trials: Mapping[str, Sequence[TrialResult]]
) -> Cell:
    """A cell of which nothing but its candidates and trials is known."""
    own = [trial for name in _ids(candidates) for trial in trials.get(name, ())]
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
        unsuccessful=sum(trial.status.unsuccessful for trial in own),
        trial_ids=tuple(trial.trial_id for trial in own if trial.status is Status.COMPLETED),
        values={},
    )


def _with_cost(cell: Cell) -> Cell:
    costs = [float(getattr(each.cost, cell.metric)) for each in cell.candidates]
    return replace(cell, estimate=Estimate(len(costs), math.fsum(costs) / len(costs), None, None, None))


def _with_values(
    answer: Answer, cell: Cell, trials: Mapping[str, Sequence[TrialResult]], measured: Mapping[str, Values]
) -> Cell:
    own = _mean_by_seed([measured.get(each.architecture_id, {}) for each in cell.candidates])
    gain, gains = None, dict.fromkeys(own, 0.0)  # a baseline gains nothing over itself, and is ranked with that
    if not any(each.is_baseline for each in cell.candidates):
        baselines = [_baseline_of(answer, each) for each in cell.candidates]
        base = _mean_by_seed([measured.get(each.architecture_id, {}) for each in baselines])
        gain = difference(own, base)
        gains = {seed: own[seed] - base[seed] for seed in own if seed in base}
    shown = own if cell.metric != GAIN else gains if gain else {}
    of_cell = (trial for name in _ids(cell.candidates) for trial in trials.get(name, ()))
    used = [trial for trial in of_cell if trial.seed in shown and trial.status is Status.COMPLETED]
    return replace(
        cell,
        estimate=gain if gain and cell.metric == GAIN else estimate(list(shown.values())),
        difference=gain,
        trial_ids=tuple(trial.trial_id for trial in used),
        values=gains if cell.metric == GAIN else own,
    )


def _mean_by_seed(several: Sequence[Mapping[int, float]]) -> Values:
    """The mean over candidates for each seed that all of them have."""
    shared = set.intersection(*(set(each) for each in several)) if several else set()
    return {seed: math.fsum(each[seed] for each in several) / len(several) for seed in sorted(shared)}


def _baseline_of(answer: Answer, candidate: Candidate) -> Candidate:
    return next(each for each in answer.records.candidates if is_baseline_of(each, candidate))


def _corrected(cells: Sequence[Cell]) -> dict[Key, float]:
    """p of each cell that can be compared with its baseline, by Holm; a baseline in every column counts once."""
    tested = {
        cell.architectures: cell.difference.p for cell in cells if cell.difference and cell.difference.p is not None
    }
    return dict(zip(tested, holm(list(tested.values())), strict=True))


def _best(cells: Sequence[Cell], *, higher: bool) -> set[Key]:
    """The cells that may be the best, by their architectures; none where nothing can be tested."""
    sign = 1 if higher else -1
    ranked = {cell.architectures: cell.values for cell in cells if cell.values and not cell.unsuccessful}
    if len(ranked) < 2:
        return set()
    top = max(ranked, key=lambda name: sign * math.fsum(ranked[name].values()) / len(ranked[name]))
    turned = {name: {seed: sign * value for seed, value in values.items()} for name, values in ranked.items()}
    behind = {name: difference(turned[top], values) for name, values in turned.items() if name != top}
    found = {name for name, gap in behind.items() if _may_be_best(gap, len(behind))}
    tested = any(gap.n > 1 and gap.low is not None for gap in behind.values())
    return found | {top} if found or tested else set()


def _may_be_best(gap: Difference, others: int) -> bool:
    """Whether a cell this far behind the best mean is not found worse; one that cannot be tested is not claimed."""
    if gap.low is None:
        return gap.n > 1 and gap.mean == 0
    return others * p_above(gap, 0.0) > ALPHA


def _ids(candidates: Sequence[Candidate]) -> dict[str, None]:
    return dict.fromkeys(each.architecture_id for each in candidates)
