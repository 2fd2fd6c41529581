"""A pivot for a page: its parts, and the same table as files inside of it, as links that open without a network."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from itertools import groupby

from se_bench.analysis.pivot import Cell, Pivot
from se_bench.dashboard import latex, pivots
from se_bench.dashboard.parquet import as_parquet


@dataclass(frozen=True)
class Heading:
    """A cell of the header."""

    text: str
    span: int = 1


@dataclass(frozen=True)
class Shown:
    """A cell of the body."""

    mean: str
    bounds: str
    marks: str
    bold: bool


@dataclass(frozen=True)
class Row:
    """A row of the body."""

    names: tuple[str, ...]
    cells: tuple[Shown | None, ...]


@dataclass(frozen=True)
class File:
    """The table in another form, as a link that holds it."""

    form: str
    name: str
    href: str


@dataclass(frozen=True)
class Table:
    """Everything that the template shows of a pivot."""

    title: str
    header: tuple[tuple[Heading, ...], ...]
    rows: tuple[Row, ...]
    footnote: tuple[str, ...]
    files: tuple[File, ...]
    traces: tuple[tuple[str, str], ...]


def table(pivot: Pivot) -> Table:
    """The pivot as the template shows it."""
    columns = [(column, metric) for column in pivot.column_keys for metric in pivot.metrics]
    return Table(
        title=title(pivot),
        header=tuple(_header(pivot)),
        rows=tuple(
            Row(key, tuple(_shown(pivot.cells.get((key, column, metric))) for column, metric in columns))
            for key in pivot.row_keys
        ),
        footnote=tuple(pivots.footnote(pivot)),
        files=tuple(_files(pivot)),
        traces=tuple(pivots.traces_of(pivot)),
    )


def title(pivot: Pivot) -> str:
    """``Accuracy by reduction and squeeze``."""
    words = ", ".join(pivots.title(metric) for metric in pivot.metrics)
    axes = " and ".join(", ".join(axes) for axes in (pivot.rows, pivot.columns) if axes)
    return f"{words[0].upper()}{words[1:]} by {axes}"


def _header(pivot: Pivot) -> list[tuple[Heading, ...]]:
    lines = [[key[at] for key in pivot.column_keys for _ in pivot.metrics] for at in range(len(pivot.columns))]
    lines = [[f"{axis}={value}" for value in line] for axis, line in zip(pivot.columns, lines, strict=True)]
    if len(pivot.metrics) > 1 or not lines:
        lines.append([pivots.title(metric) for _ in pivot.column_keys for metric in pivot.metrics])
    header = []
    for at, line in enumerate(lines):
        last = at == len(lines) - 1
        names = [Heading(axis if last else "") for axis in pivot.rows]
        values = [Heading(text) for text in line] if last else [Heading(t, len(list(s))) for t, s in groupby(line)]
        header.append((*names, *values))
    return header


def _shown(cell: Cell | None) -> Shown | None:
    if cell is None:
        return None
    marks = (pivots.LOST if cell.lost else "") + pivots.stars(cell)
    return Shown(pivots.mean(cell), pivots.bounds(cell), marks, pivots.is_bold(cell))


def _files(pivot: Pivot) -> list[File]:
    forms = {
        "CSV": ("csv", "text/csv", pivots.as_csv(pivot).encode()),
        "Markdown": ("md", "text/markdown", pivots.as_markdown(pivot).encode()),
        "LaTeX": ("tex", "application/x-tex", latex.as_latex(pivot).encode()),
        "JSON": ("json", "application/json", pivots.as_json(pivot).encode()),
        "Parquet": ("parquet", "application/vnd.apache.parquet", as_parquet(pivots.wide_rows(pivot))),
    }
    study = pivot.answer.study
    return [
        File(
            form, f"{study.name}.{study.setting.name}.{ending}", f"data:{kind};base64,{base64.b64encode(data).decode()}"
        )
        for form, (ending, kind, data) in forms.items()
    ]
