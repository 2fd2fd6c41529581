"""Results that were trained elsewhere, as a CSV file has them: a row a trial, each with its line for messages.

Columns: ``seed`` and ``accuracy``; at will ``loss``, ``train_seconds`` and ``status``; and every axis that tells one
candidate from another (docs/import.md).
"""

from __future__ import annotations

import csv
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from se_bench.config import document
from se_bench.config.axes import Axes, AxisValue
from se_bench.config.document import Document
from se_bench.errors import ConfigError, UserError, nearest_name

NEEDED = ("seed", "accuracy")
OPTIONAL = ("loss", "train_seconds", "status")
COLUMNS = (*NEEDED, *OPTIONAL, *Axes.model_fields)
OUTCOMES = ("completed", "diverged")
_LISTS = ("stages", "reduction")
"""Axes that may be a list, written ``1+2``."""


@dataclass(frozen=True, kw_only=True)
class ResultRow:
    """One trial."""

    file: Path
    line: int
    """Counted from 1, the header included."""
    spelling: dict[str, AxisValue]
    """The axes that are given, in the order of the columns."""
    axes: Axes
    seed: int
    status: str
    """One of ``OUTCOMES``."""
    accuracy: float | None
    """A fraction; None unless completed."""
    loss: float | None
    train_seconds: float | None

    def error(self, problem: UserError) -> ConfigError:
        """``problem`` with the place of this row."""
        own = ConfigError(problem.message, file=self.file, line=self.line, key=problem.key)
        own.allowed, own.nearest, own.hint = problem.allowed, problem.nearest, problem.hint
        return own


def read(file: Path) -> list[ResultRow]:
    """Every row of the file. Raises :class:`ConfigError` with file, line, column, what is allowed, nearest spelling."""
    rows = []
    try:
        with file.open(encoding="utf-8-sig", newline="") as text:
            lines = csv.reader(text, strict=True)
            header = [name.strip() for name in next(lines, [])]
            _check_header(file, header)
            start = lines.line_num + 1
            for cells in lines:
                if any(cell.strip() for cell in cells):
                    rows.append(_row(file, start, header, cells))
                start = lines.line_num + 1
    except OSError as problem:
        raise ConfigError(f"cannot be read: {problem.strerror}", file=file) from None
    except UnicodeDecodeError as problem:
        raise ConfigError(f"not a text file in UTF-8: {problem.reason}", file=file) from None
    except csv.Error as problem:
        raise ConfigError(f"not CSV: {problem}", file=file, line=lines.line_num) from None
    if not rows:
        raise ConfigError("no results in it", file=file, hint="a header and a row for each trial: docs/import.md")
    return rows


def _check_header(file: Path, header: list[str]) -> None:
    for name in header:
        if name not in COLUMNS:
            near = nearest_name(name, COLUMNS)
            raise ConfigError(f"no column {name!r}", file=file, line=1, key=name, allowed=COLUMNS, nearest=near)
        if header.count(name) > 1:
            raise ConfigError("this column stands twice", file=file, line=1, key=name)
    for name in NEEDED:
        if name not in header:
            raise ConfigError("this column is missing", file=file, line=1, key=name)


def _row(file: Path, line: int, header: list[str], cells: list[str]) -> ResultRow:
    if len(cells) != len(header):
        raise ConfigError(f"{len(cells)} cells under {len(header)} columns", file=file, line=line)
    given = {name: cell.strip() for name, cell in zip(header, cells, strict=True) if cell.strip()}
    spelling = {name: _axis(name, cell) for name, cell in given.items() if name in Axes.model_fields}
    place = Document(file=file, data=dict(spelling), lines={(): line})
    axes = place.parse(Axes)
    cell = _Cells(file, line, given)
    status = cell.choice("status", OUTCOMES)
    accuracy = cell.number("accuracy", most=1.0)
    if (status == "completed") != (accuracy is not None):
        what = "is missing" if accuracy is None else f"is given of a trial that {status}"
        hint = "status: diverged, where there is none" if accuracy is None else None
        raise ConfigError(f"the accuracy {what}", file=file, line=line, key="accuracy", hint=hint)
    return ResultRow(
        file=file,
        line=line,
        spelling={name: getattr(axes, name) for name in spelling},
        axes=axes,
        seed=cell.seed(),
        status=status,
        accuracy=accuracy,
        loss=cell.number("loss") if status == "completed" else None,
        train_seconds=cell.number("train_seconds"),
    )


def _axis(name: str, cell: str) -> Any:
    """The value of a cell as YAML reads it; a list of stages or reductions may be written ``1+2``."""
    value = document.scalar(cell)
    if name in _LISTS and isinstance(value, str) and "+" in value:
        return [document.scalar(part) for part in value.split("+")]
    return [value] if name == "stages" and isinstance(value, int) else value


@dataclass(frozen=True)
class _Cells:
    """The cells of one row that are no axes."""

    file: Path
    line: int
    given: dict[str, str]

    def seed(self) -> int:
        text = self.given.get("seed", "")
        if not (text.isascii() and text.isdecimal()):
            raise self._error("seed", f"a seed is a whole number from 0 on, not {text!r}")
        return int(text)

    def choice(self, name: str, allowed: tuple[str, ...]) -> str:
        text = self.given.get(name, allowed[0])
        if text not in allowed:
            raise self._error(
                name, f"{text!r} is not one of them", allowed=allowed, nearest=nearest_name(text, allowed)
            )
        return text

    def number(self, name: str, *, most: float = math.inf) -> float | None:
        """A number from 0 on; None where none is given."""
        text = self.given.get(name)
        if text is None:
            return None
        try:
            value = float(text)
        except ValueError:
            raise self._error(name, f"not a number: {text!r}") from None
        if not 0 <= value <= most or math.isinf(value):
            hint = f"{text} % is {value / 100:g}" if name == "accuracy" and 1 < value <= 100 else None
            limits = f"between 0 and {most:g}" if most < math.inf else "from 0 on"
            raise self._error(name, f"{text} is not {limits}", hint=hint)
        return value

    def _error(self, name: str, message: str, **details: Any) -> ConfigError:
        return ConfigError(message, file=self.file, line=self.line, key=name, **details)
