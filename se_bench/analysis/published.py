"""Printed figures: the rows of ``published/published.csv``, and those of one table by backbone and row."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from se_bench.config.locate import shipped_root
from se_bench.config.published import FIGURES, PublishedNet, PublishedRow, PublishedTable
from se_bench.errors import ConfigError

ERRORS = ("top1_err",)
"""Columns that are an error in percent, of which we measure the opposite."""
ACCURACIES = ("top1_acc",)
"""Columns that are an accuracy in percent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One printed figure, as ``published.csv`` has it."""

    line: int
    """Its line in the file."""
    paper: str
    arxiv: str
    table: str
    dataset: str
    backbone: str
    variant: str
    axis: str
    axis_value: str
    metric: str
    """The column of the printed table; it carries the unit in its name where it has one."""
    value: float
    unit: str
    source: str
    """Where it was read."""
    recalled: bool
    """Whether it was written down from memory and never read: check it before use."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintedRow:
    """A row of a published table: what it is about, and the figures that are printed in it."""

    backbone: str
    """As printed."""
    net: PublishedNet
    row: PublishedRow
    figures: Mapping[str, Figure]
    """Column -> figure."""

    @property
    def incomparable(self) -> str:
        """Why its accuracy is set beside nothing of ours; empty where it may be."""
        return self.net.incomparable.get(self.row.label, self.row.incomparable)


@cache
def figures() -> tuple[Figure, ...]:
    """Every printed figure, in the order of the file. Raises :class:`ConfigError` where it is damaged."""
    root, _ = shipped_root()
    path = root / "published" / FIGURES
    found = []
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        for row in reader:
            try:
                value = float(row.pop("value"))
                recalled = {"yes": False, "memory": True}[row.pop("confirmed")]
                found.append(Figure(line=reader.line_num, value=value, recalled=recalled, **row))
            except (KeyError, TypeError, ValueError):
                hint = "reinstall se-bench"
                raise ConfigError("not a printed figure", file=path, line=reader.line_num, hint=hint) from None
    return tuple(found)


def of_table(table: PublishedTable) -> tuple[Figure, ...]:
    """The figures of one table, in the order of the file."""
    return tuple(each for each in figures() if (each.paper, each.table) == (table.paper, table.table))


def printed_rows(table: PublishedTable) -> tuple[PrintedRow, ...]:
    """The rows of a table by backbone, each with its figures; those without a figure are left out."""
    own = of_table(table)
    rows = []
    for backbone, net in table.backbones.items():
        for row in table.rows:
            printed = {
                each.metric: each
                for each in own
                if each.backbone == backbone and getattr(each, table.key) in row.printed
            }
            if printed:
                rows.append(PrintedRow(backbone=backbone, net=net, row=row, figures=printed))
    return tuple(rows)
