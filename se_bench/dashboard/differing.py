"""What tells a candidate's configuration from another's, axis by axis."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from se_bench.config.axes import show

NOTHING = "–"
"""What an axis says that has no effect."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One axis of two configurations, in words."""

    axis: str
    here: str
    there: str

    @property
    def differs(self) -> bool:
        """Whether the two are not the same."""
        return self.here != self.there


def settings(here: Mapping[str, Any], there: Mapping[str, Any] | None) -> list[Setting]:
    """Every axis of a configuration beside another's: those that differ first, each group in the order given."""
    other = there or {}
    found = [
        Setting(axis=axis, here=_word(here, axis), there=_word(other, axis)) for axis in dict.fromkeys((*here, *other))
    ]
    return sorted(found, key=lambda each: not each.differs)


def in_words(here: Mapping[str, Any], there: Mapping[str, Any] | None, *, but: tuple[str, ...] = ()) -> str:
    """``reduction=8, gate=tanh``: where a configuration differs from another, but for some axes."""
    told = [f"{each.axis}={each.here}" for each in settings(here, there) if each.differs and each.axis not in but]
    return ", ".join(told) or "nothing"


def _word(axes: Mapping[str, Any], axis: str) -> str:
    return show(axes[axis]) if axis in axes and axes[axis] is not None else NOTHING
