"""Which trials a filter chooses where candidates are shown by their means.

A filter on what is measured must not choose among the seeds of a candidate: the mean of those that did well is no
estimate of anything. So a condition on accuracy, loss or seconds is asked of the candidate's mean over the trials that
the other conditions let through, and holds for all of them or for none.
"""

from __future__ import annotations

import numpy as np

from se_bench.config.filters import Comparison, Filter
from se_bench.records import Status
from se_bench.store.column import Column, Mask
from se_bench.store.frame import MEASURED, STATUSES, Frame, mask_of


def chosen(frame: Frame, only: Filter, *, each: bool = False) -> Mask:
    """The trials that a filter chooses; with ``each``, every trial by its own numbers. Raises :class:`FilterError`."""
    bound = frame.bound(only)
    if each:
        return frame.matching(bound)
    parts = bound.conjuncts
    of_trials = Filter().and_(*(part for part in parts if not part.columns & set(MEASURED)))
    of_means = Filter().and_(*(part for part in parts if part.columns & set(MEASURED)))
    mask = frame.matching(of_trials)
    return mask & _by_means(frame, of_means, mask) if of_means else mask


def _by_means(frame: Frame, only: Filter, averaged: Mask) -> Mask:
    """The filter with each measured column replaced by its candidate's mean over the trials in ``averaged``."""
    found: dict[str, Column] = {}

    def leaf(comparison: Comparison) -> Mask:
        name = comparison.column
        if name not in MEASURED:
            return frame.column(name).mask(comparison)
        if name not in found:
            found[name] = Column(name, frame.kinds[name], _means(frame, name, averaged))
        return found[name].mask(comparison)[frame.of]

    mask = mask_of(only, leaf)
    return np.ones(len(frame), dtype=bool) if mask is None else mask


def _means(frame: Frame, name: str, averaged: Mask) -> np.ndarray:
    """For each candidate the mean of its completed trials; NaN without any."""
    values = frame.trials[name].values
    counted = averaged & (frame.trials["status"].values == STATUSES.index(Status.COMPLETED)) & np.isfinite(values)
    candidates = len(frame.candidates["candidate"])
    number = np.bincount(frame.of[counted], minlength=candidates)
    sums = np.bincount(frame.of[counted], weights=values[counted], minlength=candidates)
    return np.divide(sums, number, out=np.full(candidates, np.nan), where=number > 0)
