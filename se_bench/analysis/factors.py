"""The axes on which a study's candidates differ, as factors with levels; baselines stand outside."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from se_bench.analysis.arrays import Places
from se_bench.analysis.families import in_order
from se_bench.analysis.seed_table import SeedTable
from se_bench.config.axes import show

ABSENT = "–"
"""The level of a candidate for which an axis has no meaning."""
MOST_LEVELS = 8
"""A numeric axis with more values is cut into groups of about equal size."""
GROUPS = 4


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Factor:
    """One axis."""

    name: str
    levels: tuple[str, ...]
    """As tables write them, numbers ascending, else in the order of the plan."""
    codes: Places
    """(K,) the level of each candidate; -1 for baselines."""
    grouped: bool = False
    """Whether a level stands for several values."""


def factors(found: SeedTable, wanted: Sequence[str] = ()) -> tuple[Factor, ...]:
    """The axes of ``wanted``, or all, that take two values or more; one that follows from another is left out."""
    kept = np.flatnonzero(~found.is_baseline)
    names = wanted or tuple(dict.fromkeys(axis for place in kept for axis in found.axes[place]))
    result: list[Factor] = []
    for name in names:
        values = [found.axes[place].get(name) for place in kept]
        if len({show(value) for value in values if value is not None}) > 1:
            levels, codes = _levelled(values)
            grouped = len(levels) < len({show(value) for value in values})
            if not any(_follows(codes, other.codes[kept]) for other in result):
                whole = np.full(len(found.labels), -1, dtype=np.intp)
                whole[kept] = codes
                result.append(Factor(name=name, levels=levels, codes=whole, grouped=grouped))
    return tuple(result)


def is_number(value: Any) -> bool:
    """Whether a value of an axis has a size."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def _levelled(values: Sequence[Any]) -> tuple[tuple[str, ...], Places]:
    present = [value for value in values if value is not None]
    numbers = all(is_number(value) for value in present)
    if numbers and len(set(present)) > MOST_LEVELS:
        return _cut(values)
    names = [ABSENT if value is None else show(value) for value in values]
    levels = in_order(names) if numbers else list(dict.fromkeys(names))
    levels.sort(key=lambda level: level == ABSENT)
    return tuple(levels), np.array([levels.index(name) for name in names], dtype=np.intp)


def _cut(values: Sequence[Any]) -> tuple[tuple[str, ...], Places]:
    """Groups of about equal size, named by their ends: ``2 to 8``."""
    present = np.array([value for value in values if value is not None], dtype=np.float64)
    edges = np.unique(np.quantile(present, np.linspace(0, 1, GROUPS + 1), method="inverted_cdf"))
    codes = [-1 if value is None else int(np.searchsorted(edges[1:-1], value, side="left")) for value in values]
    levels = []
    for group, _ in enumerate(pairwise(edges)):
        members = [value for value, code in zip(values, codes, strict=True) if code == group]
        low, high = min(members), max(members)
        levels.append(show(low) if low == high else f"{show(low)} to {show(high)}")
    if -1 in codes:
        codes = [len(levels) if code == -1 else code for code in codes]
        levels.append(ABSENT)
    return tuple(levels), np.array(codes, dtype=np.intp)


def _follows(codes: Places, other: Places) -> bool:
    """Whether each level of ``other`` has one level of ``codes`` only: then nothing tells their effects apart."""
    return len(set(zip(other.tolist(), codes.tolist(), strict=True))) == len(set(other.tolist()))
