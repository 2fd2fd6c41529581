"""``se-bench reproduce TABLE``: what a paper prints beside what is counted and measured here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from string import ascii_lowercase
from typing import TYPE_CHECKING, Annotated, Any

import typer

from se_bench.cli import options

if TYPE_CHECKING:
    from rich.console import Console

    from se_bench.analysis.agreement import Judged
    from se_bench.analysis.printed_accuracy import AccuracyCheck, Measured
    from se_bench.analysis.printed_costs import CostCheck
    from se_bench.analysis.reproduce import Reproduction, RowCheck
    from se_bench.config.published import Counting, PublishedTable

NOTHING = "–"
_STYLES = {"same": "green", "same direction": "green", "opposite": "red", "undecided": "yellow"}
_UNITS = {10**6: "10^6", 10**9: "10^9", 2**20: "2^20", 2**30: "2^30"}


def command(
    table: Annotated[
        str | None,
        typer.Argument(metavar="TABLE", help="A published table, by its name in --list.", show_default=False),
    ] = None,
    list_all: Annotated[bool, typer.Option("--list", help="List the published tables instead.")] = False,
    database: options.Database = options.DEFAULT_DATABASE,
    as_json: options.Json = False,
) -> None:
    """Say what a paper prints and what was counted and measured here, with the differences in setting.

    Costs are counted without any training. Accuracies are those of completed trials of the same design, on any net and
    data that the database has. Every printed figure gets a verdict: same, same direction, opposite, undecided, or not
    comparable.

    [bold]Examples[/bold]

      se-bench reproduce --list

      se-bench reproduce senet-table-10

      se-bench reproduce eca-net-table-3 --db results/se-bench.db --json
    """
    from se_bench.config import published
    from se_bench.errors import ConfigError

    if list_all:
        if table is not None:
            raise ConfigError("--list goes without a table", key="--list", hint=f"se-bench reproduce {table}")
        _list(as_json=as_json)
        return
    if table is None:
        raise ConfigError("name a published table", allowed=published.names(), hint="se-bench reproduce --list")

    from se_bench import archive
    from se_bench.analysis.reproduce import to_json
    from se_bench.cli import show

    found, has_database = archive.reproduce(table, database)
    if as_json:
        show.json(to_json(found))
    else:
        _print(show.console(), found, has_database=has_database)


def _list(*, as_json: bool) -> None:
    from se_bench.analysis.published import of_table
    from se_bench.cli import show
    from se_bench.config import published

    tables = [published.load_table(name)[0] for name in published.names()]
    rows = [{"table": t.name, "title": t.title, "figures": len(of_table(t)), "source": t.source} for t in tables]
    if as_json:
        show.json(rows)
        return
    out = show.grid("table", "shows", "figures", "source", left=("shows", "source"))
    for row in rows:
        out.add_row(*(show.plain(str(value)) for value in row.values()))
    show.console().print(out)


def _print(out: Console, found: Reproduction, *, has_database: bool) -> None:
    from se_bench.cli import show

    for text in _head(found.table):
        out.print(show.plain(text), soft_wrap=True)
    several = len(found.table.backbones) > 1
    columns = ("row", "figure", "printed", "change", "here", "change [95 %]", "n", "verdict", "differs in")
    grid = show.grid(*(["net"] if several else []), *columns, left=("row", "figure", "verdict", "differs in"))
    reasons: dict[str, str] = {}
    for row in found.rows:
        for line in _lines(row):
            cells = [*([row.printed.backbone] if several else []), *line.cells]
            style = _STYLES.get(line.judged.verdict.value, "")
            verdict = show.plain(_with_mark(line.judged, reasons))
            styled = f"[{style}]{verdict}[/{style}]" if style else verdict
            grid.add_row(*(show.plain(cell) for cell in cells), styled, show.plain(line.where))
    out.print(grid)
    for text in (*(f"({mark}) {why}" for why, mark in reasons.items()), *_foot(found, has_database=has_database)):
        out.print(show.plain(text), soft_wrap=True)


@dataclass(frozen=True)
class _Line:
    """A line of the table: a printed figure beside one of ours."""

    cells: list[str]
    judged: Judged
    where: str = ""


def _with_mark(judged: Judged, reasons: dict[str, str]) -> str:
    """The verdict, with the letter of its reason where it has one; new reasons get the next letter."""
    if not judged.why:
        return judged.verdict.value
    return f"{judged.verdict.value} ({reasons.setdefault(judged.why, ascii_lowercase[len(reasons) % 26])})"


def _head(table: PublishedTable) -> Iterator[str]:
    setting = table.setting
    yield f"{table.name}: {table.title} ({table.source})"
    yield f"The paper: {setting.name}, {setting.input} x {setting.input}, {setting.classes} classes; {setting.trained}."
    yield f"Printed: {setting.reported}."
    for metric, counting in _countings(table):
        yield f"{metric}: {counting.says}; the same within {counting.within:g}."


def _countings(table: PublishedTable) -> Iterator[tuple[str, Counting]]:
    for metric, counting in table.counting.items():
        yield _figure(metric, counting), counting
    for backbone, net in table.backbones.items():
        for metric, counting in net.counting.items():
            yield f"{_figure(metric, counting)} of {backbone}", counting


def _lines(row: RowCheck) -> Iterator[_Line]:
    """The row's lines of the table, without its backbone."""
    label = row.printed.row.label
    for cost in row.costs:
        yield _Line([label, *_cost_cells(cost)], cost.judged)
    if row.accuracy is None:
        return
    printed = [label, *_accuracy_cells(row.accuracy)]
    if not row.accuracy.measured:
        yield _Line([*printed, NOTHING, "", ""], row.accuracy.judged)
    for each in row.accuracy.measured:
        parts = ", ".join(differs.part for differs in each.differs) or "nothing"
        where = f"[{each.setting.number}] {parts}"
        yield _Line([*printed, *_measured_cells(row.accuracy, each)], each.judged, where)


def _cost_cells(cost: CostCheck) -> list[str]:
    digits = 1 if cost.figure.metric == "mflops" else 4 if cost.figure.value < 1 else 2
    counted = NOTHING if cost.counted is None else f"{cost.counted:.{digits}f}"
    changes = [_signed(change, digits) for change in (cost.printed_change, cost.counted_change)]
    mark = " (recalled)" if cost.figure.recalled else ""
    name = _figure(cost.figure.metric, cost.counting if cost.counted is not None else None)
    return [name, f"{cost.figure.value:g}{mark}", changes[0], counted, changes[1], ""]


def _accuracy_cells(check: AccuracyCheck) -> list[str]:
    """What is printed: the figure and its change, both in percent as the paper has them."""
    mark = " (recalled)" if check.figure.recalled else ""
    change = None if check.printed_change is None else _sign_of(check) * 100 * check.printed_change
    return [_figure(check.figure.metric), f"{check.figure.value:.2f}{mark}", _signed(change, 2)]


def _measured_cells(check: AccuracyCheck, each: Measured) -> list[str]:
    from se_bench.dashboard import words

    mean = each.accuracy.mean
    here = NOTHING if mean is None else f"{100 * (mean if _sign_of(check) > 0 else 1 - mean):.2f}"
    change = ""
    if each.difference is not None:
        change = words.interval(_turned(each.difference, _sign_of(check)), digits=2, scale=100, signed=True)
    return [here, change, str(each.accuracy.n)]


def _turned(found: Any, sign: int) -> Any:
    """A difference of accuracies as one of errors, where errors are printed."""
    from se_bench.analysis.estimates import Estimate

    if sign > 0 or found.mean is None:
        return found
    low, high = (None, None) if found.low is None or found.high is None else (-found.high, -found.low)
    return Estimate(found.n, -found.mean, low, high, found.spread)


def _sign_of(check: AccuracyCheck) -> int:
    from se_bench.analysis.published import ERRORS

    return -1 if check.figure.metric in ERRORS else 1


def _foot(found: Reproduction, *, has_database: bool) -> Iterator[str]:
    table = found.table
    for setting in found.settings:
        yield f"[{setting.number}] {setting.words}"
    if not has_database:
        yield "No database here yet, so there are no accuracies to compare; name one with --db."
    for backbone, net in table.backbones.items():
        if net.note:
            yield f"Note, {backbone}: {net.note}."
    for note in table.notes:
        yield f"Note: {note}."
    verdicts = Counter(line.judged.verdict.value for row in found.rows for line in _lines(row))
    unrecorded = Counter(figure.metric for row in found.rows for figure in row.unrecorded)
    if unrecorded:
        names = ", ".join(f"{_figure(metric)} ({count})" for metric, count in unrecorded.items())
        yield f"Not compared, as nothing here records it: {names}."
    yield "; ".join(f"{count} {verdict}" for verdict, count in verdicts.items()) + "."


def _figure(metric: str, counting: Counting | None = None) -> str:
    names = {
        "top1_err": "top-1 error %",
        "top1_acc": "top-1 accuracy %",
        "top5_err": "top-5 error",
        "top5_acc": "top-5 accuracy",
        "params_M": "params",
        "gflops": "FLOPs",
        "mflops": "FLOPs",
    }
    name = names.get(metric, metric.replace("_", " "))
    return f"{name}, {_UNITS.get(counting.unit, str(counting.unit))}" if counting else name


def _signed(value: float | None, digits: int) -> str:
    from se_bench.dashboard import words

    return "" if value is None else words.number(value, digits, signed=True)
