"""A study in columns: one row a trial, in the order of the plan, and one row a candidate.

At a hundred thousand trials no SQL statement sorts or filters within the tenth of a second that a table or a plot
may take (ids are hashes, so each row is looked up on its own). A frame is read once and asked many times.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from se_bench.config.filters import EVERYTHING, Comparison, Filter, Kind
from se_bench.errors import FilterError, unknown_name
from se_bench.records import Cost, Status
from se_bench.store.column import Column, Mask, Places

COSTS = tuple(Cost.__dataclass_fields__)
MEASURED = ("accuracy", "loss", "validation_accuracy", "train_seconds")
"""What a trial measures, and what is averaged over seeds."""
TRIAL_COLUMNS = (
    "trial_id", "seed", "status", "epochs", *MEASURED, "started_at", "ended_at", "updated_at", "run_id", "error"
)  # fmt: skip
CANDIDATE_COLUMNS = ("candidate", "architecture_id", "baseline", *COSTS)
STATUSES = tuple(Status)

Direction = Literal["asc", "desc"]
Sort = Sequence[tuple[str, Direction]]


@dataclass(frozen=True, eq=False)
class Frame:
    """A study as of one moment. Places are rows of ``trials``, counted from 0."""

    study: str
    planned_at: int
    """When the plan was made, in microseconds since 1970."""
    trials: Mapping[str, Column]
    candidates: Mapping[str, Column]
    """:data:`CANDIDATE_COLUMNS`, then the axes of the space in its order."""
    of: NDArray[np.int32]
    """The candidate of each trial."""
    positions: NDArray[np.int64]
    """Each candidate's place in the plan, by which the database knows it."""

    def __len__(self) -> int:
        return len(self.of)

    @cached_property
    def watermark(self) -> str:
        """Equal where the study is equal: its plan, and what became of each trial."""
        moved = self.trials["updated_at"].values.view(np.int64)
        return f"{self.planned_at:x}-{len(self):x}-{int(moved.sum()) & 0xFFFFFFFFFFFFFFFF:x}"

    @cached_property
    def axes(self) -> tuple[str, ...]:
        """The columns that are axes of candidates."""
        return tuple(name for name in self.candidates if name not in CANDIDATE_COLUMNS)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Every column, in the order in which a table shows them."""
        first = ("trial_id", "candidate", *self.axes, "seed", "status", "epochs", *MEASURED)
        return tuple(dict.fromkeys([*first, *self.candidates, *self.trials]))

    @cached_property
    def kinds(self) -> Mapping[str, Kind]:
        """Column -> what it holds."""
        return {name: self._own(name).kind for name in self.names}

    def bound(self, filter_: Filter) -> Filter:
        """The filter, sure to make sense here. Raises :class:`FilterError`."""
        return filter_.bound(self.kinds, {"status": [status.value for status in STATUSES]})

    def column(self, name: str) -> Column:
        """A column with one value a trial, whoever it belongs to. Raises :class:`UnknownNameError`."""
        own = self._own(name)
        return own.spread(self.of) if name in self.candidates else own

    def matching(self, filter_: Filter) -> Mask:
        """Which trials the filter lets through, each for itself. Raises :class:`FilterError`."""

        def leaf(each: Comparison) -> Mask:
            mask = self._own(each.column).mask(each)
            return mask[self.of] if each.column in self.candidates else mask

        found = mask_of(self.bound(filter_), leaf)
        return np.ones(len(self), dtype=bool) if found is None else found

    def divided(self, filter_: Filter) -> tuple[Filter, Filter]:
        """What a filter asks of single trials and of candidates, and what it asks of means over seeds.

        Choosing trials by what they measured and then averaging them would flatter the unlucky ones' candidates, so
        where means are shown a condition on accuracy, loss or seconds is one on the mean. Raises
        :class:`FilterError` for a filter that cannot be taken apart: both sides of an ``or``, one of each.
        """
        first, then = [], []
        for each in self.bound(filter_).conjuncts:
            if not each.columns & set(MEASURED):
                first.append(each)
                continue
            for comparison in each.comparisons:
                if comparison.column in self.trials and comparison.column not in MEASURED:
                    raise FilterError(
                        f"{comparison.column} belongs to single trials, and means are shown: it cannot stand beside a "
                        "condition on a mean in `or` or `not`",
                        text=str(filter_),
                        hint="join the two by `and`, or show every trial for itself",
                    )
            then.append(each)
        return EVERYTHING.and_(*first), EVERYTHING.and_(*then)

    def candidates_matching(self, filter_: Filter, means: Mapping[str, NDArray[np.float64]]) -> Mask:
        """Which candidates a filter lets through whose measured columns are these means, one a candidate."""

        def leaf(each: Comparison) -> Mask:
            name = each.column
            own = self.trials[name] if name in means else self.candidates[name]
            return (replace(own, values=means[name]) if name in means else own).mask(each)

        found = mask_of(self.bound(filter_), leaf)
        return np.ones(len(self.positions), dtype=bool) if found is None else found

    def order(self, sort: Sort, places: Places | None = None) -> Places:
        """Places (all, or these) in the order of a table: missing values last, ties by trial id.

        Without a ``sort`` the order is that of the plan. Raises :class:`UnknownNameError`.
        """
        if not sort:
            return np.arange(len(self)) if places is None else np.sort(places)
        found = self._by_id
        if places is not None:
            wanted = np.zeros(len(self), dtype=bool)
            wanted[places] = True
            found = found[wanted[found]]
        for name, direction in reversed(sort):
            keys = self._own(name).keys(descending=direction == "desc")
            keys = keys[self.of[found]] if name in self.candidates else keys[found]
            found = found[np.argsort(keys, kind="stable")]
        return found

    def rows(self, places: Places, names: Iterable[str] | None = None) -> list[dict[str, Any]]:
        """The rows at ``places``, in that order, with values that JSON has."""
        chosen = self.names if names is None else tuple(names)
        columns = [self._own(name).plain(self.of[places] if name in self.candidates else places) for name in chosen]
        return [dict(zip(chosen, row, strict=True)) for row in zip(*columns, strict=True)]

    def place(self, trial_id: str) -> int | None:
        """Where a trial stands; None where the study has no such trial."""
        ids = self.trials["trial_id"].values
        wanted = np.bytes_(trial_id.encode())
        at = int(np.searchsorted(ids, wanted, sorter=self._by_id))
        if at == len(ids) or ids[self._by_id[at]] != wanted:
            return None
        return int(self._by_id[at])

    def counts(self, mask: Mask | None = None) -> dict[Status, int]:
        """Trials in each status, zeros included."""
        codes = self.trials["status"].values
        found = np.bincount(codes if mask is None else codes[mask], minlength=len(STATUSES))
        return dict(zip(STATUSES, found.tolist(), strict=True))

    @cached_property
    def moved_at(self) -> datetime | None:
        """When a trial last moved; None where there is no trial."""
        if not len(self):
            return None
        latest: datetime = self.trials["updated_at"].values.max().item()
        return latest.replace(tzinfo=UTC)

    @cached_property
    def finished(self) -> bool:
        """Whether no trial is left to be trained."""
        counts = self.counts()
        return not counts[Status.PLANNED] + counts[Status.RUNNING]

    def changed(self, rows: Mapping[str, Column]) -> Frame:
        """This frame with newer trial rows in place of its own; itself where they say nothing new.

        Rows of trials that are not the study's are passed over.
        """
        places, chosen = self._places(rows["trial_id"].values)
        new = rows["updated_at"].values[chosen] != self.trials["updated_at"].values[places]
        places, chosen = places[new], chosen[new]
        if not len(places):
            return self
        trials = {name: own.replaced(places, rows[name].spread(chosen)) for name, own in self.trials.items()}
        trials["trial_id"] = self.trials["trial_id"]
        newer = replace(self, trials=trials)
        newer.__dict__["_by_id"] = self._by_id  # depends on the ids alone
        return newer

    def _places(self, ids: NDArray[np.bytes_]) -> tuple[Places, Places]:
        """Places of those of the trials ``ids`` that the study has, and which of ``ids`` they are."""
        own = self.trials["trial_id"].values
        at = np.minimum(np.searchsorted(own, ids, sorter=self._by_id), max(len(own) - 1, 0))
        places = self._by_id[at] if len(own) else at[:0]
        chosen = np.flatnonzero(own[places] == ids) if len(own) else at[:0]
        return places[chosen], chosen

    @cached_property
    def _by_id(self) -> Places:
        return np.argsort(self.trials["trial_id"].values, kind="stable")

    def _own(self, name: str) -> Column:
        if name in self.trials:
            return self.trials[name]
        if name not in self.candidates:
            raise unknown_name("column", name, self.names)
        return self.candidates[name]


def mask_of(filter_: Filter, leaf: Callable[[Comparison], Mask]) -> Mask | None:
    """The filter over masks; None where it lets everything through."""

    def all_of(masks: Iterable[Mask]) -> Mask:
        found: Mask = np.logical_and.reduce(list(masks))
        return found

    def any_of(masks: Iterable[Mask]) -> Mask:
        found: Mask = np.logical_or.reduce(list(masks))
        return found

    return filter_.fold(leaf, all_of, any_of, np.logical_not)
