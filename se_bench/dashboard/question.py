"""What the reader of a study's page asks: axes, families, filter; from its address, and for the caches."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from se_bench.config.filters import EVERYTHING, Filter
from se_bench.dashboard.state import Key

OBJECTIVES = (
    "accuracy",
    "validation_accuracy",
    "loss",
    "train_seconds",
    "macs",
    "params",
    "elementwise",
    "activations",
)
"""What may stand on an axis of the figure."""


class Asked(Protocol):
    """A study, as far as it decides what can be chosen."""

    @property
    def axes(self) -> tuple[str, ...]:
        """Axes that tell candidates apart."""

    @property
    def first_view(self) -> tuple[str, str]:
        """(y, x) unless the address says otherwise."""

    @property
    def first_columns(self) -> tuple[str, ...]:
        """Columns of the table, unless the address says otherwise."""


def keys(study: Asked) -> tuple[Key, ...]:
    """What can be chosen on the page of a study."""
    y, x = study.first_view
    return (
        Key(name="y", default=y, choices=OBJECTIVES),
        Key(name="x", default=x, choices=OBJECTIVES),
        Key(name="xs", default="auto", choices=("auto", "log", "linear"), asks=False),
        Key(name="by", choices=("", *study.axes)),
        Key(name="seeds", default="mean", choices=("mean", "each")),
        Key(name="ci", default="95", choices=("95", "0"), asks=False),
        Key(name="front", default="shown", choices=("shown", "all")),
        Key(name="f"),
        Key(name="sel", asks=False),
        Key(name="box", asks=False),
        Key(name="sort", asks=False),
        Key(name="cols", default=",".join(study.first_columns), asks=False),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What the figure shows; equal questions have equal answers as long as the data are the same."""

    y: str
    x: str
    by: str = ""
    each: bool = False
    """A point is a trial, not a candidate's mean over seeds."""
    front_of_all: bool = False
    """Whether the front of all that is not filtered out stands behind that of what is shown."""
    only: Filter = EVERYTHING

    @classmethod
    def of(cls, values: Mapping[str, str], only: Filter) -> Question:
        """From the values of an address and its filter, read."""
        return cls(
            y=values["y"],
            x=values["x"],
            by=values["by"],
            each=values["seeds"] == "each",
            front_of_all=values["front"] == "all",
            only=only,
        )
