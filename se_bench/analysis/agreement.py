"""What a printed figure and one of ours have to say to each other."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Agreement(StrEnum):
    """The verdict on one printed figure."""

    SAME = "same"
    """Costs: equal within the convention's tolerance. Accuracy: the setting is the same, and the printed value
    lies where one more training of ours would, with 95 % probability. Other settings are never the same."""
    SAME_DIRECTION = "same direction"
    """It moves the same way from the reference row."""
    OPPOSITE = "opposite"
    """It moves the other way."""
    UNDECIDED = "undecided"
    """Our seeds do not tell which way it moves."""
    NOT_COMPARABLE = "not comparable"
    """Nothing of ours can be set beside it."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A verdict, and why where it does not speak for itself."""

    verdict: Agreement
    why: str = ""


def direction(printed: float, ours: float) -> Judged:
    """Whether two changes, both beyond doubt, have the same sign."""
    if printed == 0 or ours == 0:
        return Judged(Agreement.NOT_COMPARABLE, f"no change is {'printed' if printed == 0 else 'counted'}")
    return Judged(Agreement.SAME_DIRECTION if (printed > 0) == (ours > 0) else Agreement.OPPOSITE)
