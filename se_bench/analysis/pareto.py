"""Which candidates no other beats on both accuracy and a cost, and how surely: the front with its uncertainty.

A candidate is its mean over seeds. Exact ties stay on the front together; a missing value is N/A, never 0;
everything is computed before rounding. How surely a candidate is on the front is the share of resamples of the
seeds in which it is (``resample``). A candidate with a diverged or failed trial is known by its survivors only:
it is marked, is unsure at best, and takes no other's place on the front.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from se_bench.analysis import multipliers, seed_table
from se_bench.analysis.answer import Answer
from se_bench.analysis.arrays import Flags, Floats, Places
from se_bench.analysis.families import Families, families
from se_bench.analysis.front import Reference, front, on_fronts, reference
from se_bench.analysis.seed_table import SeedTable, maximized
from se_bench.analysis.selection import metric_and_costs
from se_bench.config.dashboard import Panel
from se_bench.config.study import Objective

ON, DOMINATED = 0.95, 0.05
"""A candidate is on the front with at least this probability, and dominated with at most that."""
BLOCK = 2_000_000
"""Numbers in one array: resamples are taken in blocks where there are many candidates."""
MANY = 5000
SCREENED = 100
"""Resamples from which it is seen which of more than :data:`MANY` candidates come near the front at all."""


class State(IntEnum):
    """What is known of a candidate's place."""

    DOMINATED = 0
    UNSURE = 1
    ON = 2


@dataclass(frozen=True, slots=True)
class Hypervolume:
    """The share of the rectangle between the reference point and the best values that a front dominates."""

    value: float
    low: float | None
    """Ends of the 95 % interval, where there is one."""
    high: float | None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ParetoAxis:
    """One choice of the x axis, and the front in its plane."""

    objective: Objective
    maximize: bool
    """Whether a larger ``x`` is better."""
    x: Floats
    """(K,), NaN where not known."""
    front: tuple[int, ...]
    """Places of the front's members, by ``x``, ascending."""
    probability: Floats | None
    """(K,) of being on the front; None where no candidate has two seeds."""
    state: NDArray[np.int8]
    """(K,) of :class:`State`; without probabilities, that of the means."""
    hypervolume: Hypervolume | None
    reference: Reference | None
    """From where the hypervolume is measured; None without any point."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pareto:
    """What the Pareto figure shows of K candidates; those without a completed trial are only named."""

    y: Objective
    maximize: bool
    """Whether a larger ``y`` is better."""
    axes: tuple[ParetoAxis, ...]
    labels: tuple[str, ...]
    families: Families
    joined: bool
    """Whether a family's members are to be joined by a line: an axis was chosen by which they differ."""
    is_baseline: Flags
    n: Places
    """(K,) completed trials."""
    unsuccessful: Places
    """(K,) trials that diverged or failed."""
    values: Floats
    """(K,) means of ``y``."""
    low: Floats
    """(K,) ends of the 95 % interval of ``y``, NaN where there is none."""
    high: Floats
    missing: tuple[str, ...]
    """Labels of candidates that have no completed trial: N/A."""
    seeds: int

    @property
    def caption(self) -> str:
        """What the figure says, in sentences."""
        found = [self._of(axis) for axis in self.axes]
        if self.axes[0].probability is None:
            found.append("No uncertainty: one seed.")
        else:
            found.append(
                f"Pareto-optimal: in at least {ON:.0%} of {multipliers.RESAMPLES} resamples of {self.seeds} seeds; "
                f"unsure: in more than {DOMINATED:.0%}. Bars are 95 % intervals (t)."
            )
        marked = int((self.unsuccessful > 0).sum())
        if marked:
            found.append(f"Crossed out: {marked} with trials without a result; they are not ranked.")
        if self.missing:
            found.append(f"N/A, no completed trial: {named(self.missing)}.")
        return " ".join(found)

    def _of(self, axis: ParetoAxis) -> str:
        on, unsure = (int((axis.state == state).sum()) for state in (State.ON, State.UNSURE))
        text = f"{self.y} against {axis.objective}: {on} of {len(self.labels):,} candidates Pareto-optimal"
        text += f", {unsure} unsure" if unsure else ""
        volume = axis.hypervolume
        if volume is None:
            return f"{text}."
        ends = "" if volume.low is None else f" [{volume.low:.3f}, {volume.high:.3f}]"
        return f"{text}; hypervolume {volume.value:.3f}{ends}."


def compute(answer: Answer, panel: Panel) -> Pareto | None:
    """The panel's y (else the study's first objective) against its x; None where nothing is completed yet.

    Without costs in the panel, the study's other objectives are the choices.
    """
    y, choices = metric_and_costs(answer, panel)
    return of(seed_table.of(answer), y, choices, answer.study.objectives, by=panel.by)


def of(
    found: SeedTable,
    y: Objective,
    choices: Sequence[Objective],
    objectives: Mapping[Any, str],
    *,
    by: str | None = None,
    references: Sequence[Reference | None] | None = None,
) -> Pareto | None:
    """The front of one objective against each of ``choices``, with the directions of ``objectives``.

    Args:
        references: one for each choice, where several studies share them; else each is that of these points.
    """
    known = np.isfinite(found.mean(y))
    if not known.any():
        return None
    missing = tuple(label for label, there in zip(found.labels, known, strict=True) if not there)
    kept = found.only(known)
    low, high = seed_table.intervals(kept.values(y))
    return Pareto(
        y=y,
        maximize=maximized(y, objectives),
        axes=tuple(
            _axis(kept, y, choice, objectives, limits)
            for choice, limits in zip(choices, references or [None] * len(choices), strict=True)
        ),
        labels=kept.labels,
        families=families(found, by).only(known),
        joined=by is not None,
        is_baseline=kept.is_baseline,
        n=kept.completed(y),
        unsuccessful=kept.unsuccessful,
        values=kept.mean(y),
        low=low,
        high=high,
        missing=missing,
        seeds=len(kept.seeds),
    )


def _axis(
    found: SeedTable, y: Objective, choice: Objective, objectives: Mapping[Any, str], limits: Reference | None
) -> ParetoAxis:
    up = {"maximize_x": maximized(choice, objectives), "maximize_y": maximized(y, objectives)}
    x, mean = found.mean(choice), found.mean(y)
    members = front(np.where(found.reliable, x, np.nan), mean, **up)
    limits = limits or reference([x], [mean], choice, **up)
    probability, volumes = None, None
    if multipliers.has_spread(found.values(y)):
        probability, volumes = resampled(found, y, choice, limits, **up)
    return ParetoAxis(
        objective=choice,
        maximize=up["maximize_x"],
        x=x,
        front=members,
        probability=probability,
        state=_states(found, x, mean, members, probability, up),
        hypervolume=hypervolume(limits, x[list(members)], mean[list(members)], volumes) if limits else None,
        reference=limits,
    )


def _states(
    found: SeedTable, x: Floats, y: Floats, members: Sequence[int], probability: Floats | None, up: Mapping[str, bool]
) -> NDArray[np.int8]:
    state = np.full(len(y), State.DOMINATED, dtype=np.int8)
    if probability is None:
        state[list(members)] = State.ON
        beside = on_fronts(x, y[None], **up)[0]
        state[beside & ~found.reliable] = State.UNSURE
        return state
    state[probability > DOMINATED] = State.UNSURE
    state[(probability >= ON) & found.reliable] = State.ON
    return state


def hypervolume(limits: Reference, x: Floats, y: Floats, volumes: Floats | None) -> Hypervolume:
    """That of the front's members, with the interval of its resamples where there are any."""
    value = limits.share(x, y)
    ends = multipliers.interval(volumes, value) if volumes is not None else None
    return Hypervolume(value, *(ends or (None, None)))


def resampled(
    found: SeedTable, y: str, x: str, limits: Reference | None, *, maximize_x: bool, maximize_y: bool
) -> tuple[Floats, Floats]:
    """(K,) probabilities of being on the front, and (B,) hypervolumes of the resampled fronts.

    Where there are very many candidates, those that are on no front of the first :data:`SCREENED` resamples are
    left out of the others; theirs is 0.
    """
    up = {"maximize_x": maximize_x, "maximize_y": maximize_y}
    pooled = {name: multipliers.pooled_spread(found.values(name)) for name in {x, y} & found.metrics.keys()}
    probability = np.zeros(len(found.labels))
    near = np.arange(len(found.labels))
    if len(near) > MANY:
        near = np.flatnonzero(_resampled(found, y, x, None, pooled, slice(SCREENED), up)[0])
    times, volumes = _resampled(found.at(near), y, x, limits, pooled, multipliers.ALL, up)
    probability[near] = times / multipliers.RESAMPLES
    return probability, volumes


def _resampled(
    found: SeedTable,
    y: str,
    x: str,
    limits: Reference | None,
    pooled: Mapping[str, float],
    wanted: slice,
    up: Mapping[str, bool],
) -> tuple[Floats, Floats]:
    """(K,) how often each is on the front in the wanted resamples, and (B,) the hypervolumes."""
    fixed = x not in found.metrics
    times = np.zeros(len(found.labels))
    volumes = np.zeros(multipliers.RESAMPLES)
    step = max(1, BLOCK // max(1, len(found.labels)))
    stop = range(multipliers.RESAMPLES)[wanted].stop
    for start in range(0, stop, step):
        rows = slice(start, min(start + step, stop))
        drawn = multipliers.resampled_means(found.values(y), rows, pooled=pooled.get(y))
        cost = found.mean(x) if fixed else multipliers.resampled_means(found.values(x), rows, pooled=pooled[x])
        on = on_fronts(np.where(found.reliable, cost, np.nan), drawn, **up)
        times += on.sum(axis=0)
        if not found.reliable.all():
            times += on_fronts(cost, drawn, **up).sum(axis=0) * ~found.reliable
        if limits is not None:
            costs = np.broadcast_to(cost, drawn.shape)
            volumes[rows] = [limits.share(costs[row, on[row]], drawn[row, on[row]]) for row in range(len(drawn))]
    return times, volumes


def named(labels: Sequence[str], most: int = 8) -> str:
    """``a, b, c and 12 more``."""
    shown = ", ".join(labels[:most])
    return shown if len(labels) <= most else f"{shown} and {len(labels) - most:,} more"
