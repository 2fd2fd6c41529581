"""Which trials a filter chooses where candidates are shown by their means.

A filter on what is measured must not choose among the seeds of a candidate: the mean of those that did well is no
estimate of anything. So a condition on accuracy, loss or seconds is asked of the candidate's mean over the trials that
the other conditions let through, and holds for all of them or for none.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from se_bench.config.filters import Filter
from se_bench.records import Status
from se_bench.store.column import Mask
from se_bench.store.frame import MEASURED, STATUSES, Frame


def chosen(frame: Frame, only: Filter, *, each: bool = False) -> Mask:
    """The trials that a filter chooses; with ``each``, every trial by its own numbers. Raises :class:`FilterError`."""
    if each:
        return frame.matching(only)
    of_trials, of_means = frame.divided(only)
    mask = frame.matching(of_trials)
    return mask & _kept(frame, of_means, mask)[frame.of] if of_means else mask


def _kept(frame: Frame, of_means: Filter, averaged: Mask) -> Mask:
    """The candidates whose means, over the trials in ``averaged``, meet a filter."""
    means = {name: _means(frame, name, averaged) for name in MEASURED if name in of_means.columns}
    return frame.candidates_matching(of_means, means)


def _means(frame: Frame, name: str, averaged: Mask) -> NDArray[np.float64]:
    """For each candidate the mean of its completed trials; NaN without any."""
    values = frame.trials[name].values
    counted = averaged & (frame.trials["status"].values == STATUSES.index(Status.COMPLETED)) & np.isfinite(values)
    candidates = len(frame.candidates["candidate"])
    number = np.bincount(frame.of[counted], minlength=candidates)
    sums = np.bincount(frame.of[counted], weights=values[counted], minlength=candidates)
    found: NDArray[np.float64] = np.divide(sums, number, out=np.full(candidates, np.nan), where=number > 0)
    return found
