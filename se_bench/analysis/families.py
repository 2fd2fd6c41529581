"""Which candidates belong together in a figure: those with the same value of one axis."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from se_bench.analysis.arrays import Flags, Places
from se_bench.analysis.seed_table import SeedTable
from se_bench.config.axes import show

BASELINE = "baseline"
APART = 14
"""More candidates than this are not told apart where no axis is chosen."""


@dataclass(frozen=True, slots=True, eq=False)
class Families:
    """The families of K candidates."""

    names: tuple[str, ...]
    """Sorted; each has a member."""
    codes: Places
    """(K,) the place of each candidate's family among the names."""

    def only(self, kept: Flags) -> Families:
        """Those of some candidates; names stay, so that looks do."""
        return Families(self.names, self.codes[kept])


def families(found: SeedTable, by: str | None) -> Families:
    """The family of each candidate: ``gate=tanh`` by an axis, else itself, or all in one where there are many.

    Baselines are one family.
    """
    is_baseline = found.is_baseline
    number = len(found.labels) - int(is_baseline.sum())
    if by is not None:
        names = [f"{by}={show(axes[by])}" if by in axes else f"without {by}" for axes in found.axes]
    elif number <= APART:
        names = list(found.labels)
    else:
        names = [f"{number:,} candidates"] * len(found.labels)
    names = [BASELINE if base else name for name, base in zip(names, is_baseline.tolist(), strict=True)]
    ordered = in_order(names)
    place_of = {name: place for place, name in enumerate(ordered)}
    return Families(tuple(ordered), np.array([place_of[name] for name in names], dtype=np.intp))


def in_order(names: Iterable[str]) -> list[str]:
    """Each name once, sorted as people do: ``reduction=4`` before ``reduction=16``."""
    return sorted(set(names), key=_parts)


def _parts(name: str) -> list[tuple[int, int, str]]:
    """Numbers by their size, and before words."""
    parts = re.findall(r"\d+|\D+", name)
    return [(0, int(part), part) if part.isdecimal() else (1, 0, part) for part in parts]
