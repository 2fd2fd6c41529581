"""A frame's trials as the table that analysis resamples: candidates along the first axis, seeds along the second."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from se_bench.analysis.arrays import Places
from se_bench.analysis.looks import Looks
from se_bench.analysis.seed_table import SeedTable
from se_bench.config.axes import BACKBONE_AXES
from se_bench.records import Status
from se_bench.store.column import Mask
from se_bench.store.frame import COSTS, MEASURED, STATUSES, Frame

_COMPLETED = STATUSES.index(Status.COMPLETED)
_WITHOUT = [place for place, status in enumerate(STATUSES) if status.ends and status is not Status.COMPLETED]
"""Codes of the statuses of trials that ended without a result."""


def of(
    frame: Frame, mask: Mask, *, by: str = "", each: bool = False, looks: Looks | None = None
) -> tuple[SeedTable, Places]:
    """The measurements of the trials in ``mask``, and for each row the place of its first trial, completed if any is.

    Args:
        by: the axis whose values the candidates shall carry; the others are left out.
        each: every trial is a row of its own, with one seed.
        looks: where the study adds seeds one by one, the looks at them.
    """
    chosen = np.flatnonzero(mask)
    status = frame.trials["status"].values[chosen]
    if each:
        rows, row_of = frame.of[chosen].astype(np.intp), np.arange(len(chosen))
        seeds, seed_of = np.zeros(1, dtype=np.int64), np.zeros(len(chosen), dtype=np.intp)
    else:
        rows, row_of = np.unique(frame.of[chosen], return_inverse=True)
        seeds, seed_of = np.unique(frame.trials["seed"].values[chosen], return_inverse=True)
    done = status == _COMPLETED
    metrics = {}
    for name in MEASURED:
        table = np.full((len(rows), max(1, len(seeds))), np.nan)
        found = frame.trials[name].values[chosen][done]
        table[row_of[done], seed_of[done]] = np.where(np.isfinite(found), found, np.nan)
        metrics[name] = table
    unsuccessful = np.bincount(row_of[np.isin(status, _WITHOUT)], minlength=len(rows))
    axes: list[dict[str, Any]] = [{} for _ in rows]
    if by:
        column = frame.candidates[by]
        axes = [{} if code < 0 else {by: column.categories[code]} for code in column.values[rows].tolist()]
    return (
        SeedTable(
            labels=tuple(_labels(frame, rows, chosen, each=each)),
            axes=tuple(axes),
            baseline=_baselines(frame, rows),
            seeds=tuple(seeds.tolist()),
            metrics=metrics,
            costs={name: frame.candidates[name].values[rows].astype(np.float64) for name in COSTS},
            unsuccessful=unsuccessful.astype(np.intp),
            looks=None if each else looks,
        ),
        _first_trials(chosen, row_of, done, len(rows)),
    )


def _labels(frame: Frame, rows: Places, chosen: Places, *, each: bool) -> list[str]:
    labels = frame.candidates["candidate"].plain(rows)
    if not each:
        return labels
    return [f"{label} seed {seed}" for label, seed in zip(labels, frame.trials["seed"].values[chosen], strict=True)]


def _first_trials(chosen: Places, row_of: NDArray[Any], done: Mask, rows: int) -> Places:
    """For each row its first completed trial, else its first."""
    order = np.lexsort((chosen, ~done, row_of))
    first = np.searchsorted(row_of[order], np.arange(rows))
    return chosen[order][first]


def _baselines(frame: Frame, rows: Places) -> Places:
    """For each row the first row of its baseline, the net without a block with the same axes of the net; -1: none."""
    is_baseline = frame.candidates["baseline"].values.astype(bool)[rows]
    own = np.flatnonzero(is_baseline)
    if not len(own):
        return np.full(len(rows), -1, dtype=np.intp)
    nets = _nets(frame)[rows]
    known, first = np.unique(nets[own], return_index=True)
    at = np.minimum(np.searchsorted(known, nets), len(known) - 1)
    found = np.where(known[at] == nets, own[first[at]], -1)
    found[own] = own
    return found


def _nets(frame: Frame) -> NDArray[np.int64]:
    """A number for each candidate: equal where the axes of the net itself are."""
    nets = np.zeros(len(frame.candidates["candidate"]), dtype=np.int64)
    for axis in (axis for axis in frame.axes if axis in BACKBONE_AXES):
        column = frame.candidates[axis]
        nets = nets * (len(column.categories) + 1) + column.values + 1
    return nets
