"""``se-bench export STUDY``: rows of candidates, trials or epochs, or a pivot over any axes, for other programs."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from se_bench.cli import options

if TYPE_CHECKING:
    from se_bench.analysis.answer import Answer
    from se_bench.config.load import Study

ROWS = ("candidates", "trials", "epochs")


class Format(StrEnum):
    """How results are written."""

    CSV = "csv"
    MARKDOWN = "markdown"
    LATEX = "latex"
    JSON = "json"
    PARQUET = "parquet"
    OPTUNA = "optuna"


def command(
    study: options.StudyName,
    rows: Annotated[
        str,
        typer.Option(
            "--rows",
            metavar="WHAT",
            help="What a row stands for: candidates, trials or epochs; or, for a pivot, a value of an axis (reduction, "
            "or reduction,squeeze).",
        ),
    ] = "candidates",
    columns: Annotated[
        str | None,
        typer.Option("--columns", metavar="AXES", help="A pivot's columns: one axis or several.", show_default=False),
    ] = None,
    metric: Annotated[
        list[str] | None,
        typer.Option(
            "--metric",
            metavar="NAME",
            help="What a pivot shows: accuracy, loss, train_seconds, difference, params, macs ... Repeatable.",
            show_default="accuracy",
        ),
    ] = None,
    only: Annotated[
        str | None,
        typer.Option(
            "--filter",
            metavar="TEXT",
            help="Only trials that meet this (accuracy > 75% and reduction in (4, 8)), with --rows trials: as the "
            "dashboard's filter, of the study as the database keeps it.",
            show_default=False,
        ),
    ] = None,
    by_means: Annotated[
        bool,
        typer.Option(
            "--by-means",
            help="With --filter: conditions on accuracy, loss and seconds are on means over seeds, as where "
            "the dashboard shows candidates.",
        ),
    ] = False,
    as_format: Annotated[Format, typer.Option("--format", help="How results are written.")] = Format.CSV,
    output: Annotated[
        Path | None,
        typer.Option(
            "-o",
            "--output",
            metavar="FILE",
            help="The file to write; standard output where left out.",
            show_default=False,
        ),
    ] = None,
    overrides: options.Set = None,
    setting: options.Setting = None,
    seeds: options.Seeds = None,
    database: options.Database = options.DEFAULT_DATABASE,
) -> None:
    """Write a study's results: rows at full precision, or a table of means with intervals, rows x columns.

    In a pivot the cells that may be the best are bold, and stars mark what differs from the baseline.

    [bold]Examples[/bold]

      se-bench export reduction_ratio --rows trials --format csv -o trials.csv

      se-bench export reduction_ratio --rows reduction --metric accuracy --metric params --format latex

      se-bench export reduction_ratio --rows squeeze --columns reduction --format markdown

      se-bench export reduction_ratio --format optuna -o optuna.db

      se-bench export reduction_ratio --rows trials --filter "status = failed" --format json
    """  # fmt: skip
    if only is not None:
        others = {"--set": overrides, "--setting": setting, "--seeds": seeds, "--columns": columns, "--metric": metric}
        given = [name for name, each in others.items() if each]
        _selection(study, only, rows, as_format, output, database, given, by_means=by_means)
        return
    if by_means:
        from se_bench.errors import ConfigError

        raise ConfigError("no filter is to be asked of means", key="--by-means", hint="add --filter TEXT")
    question = options.ask(study, overrides, setting, seeds, database)
    axes = _axes(question.study, rows, columns, metric)

    from se_bench.cli import files

    answer, _ = question.recall()
    if as_format is Format.OPTUNA:
        _optuna(answer, rows, output)
        return
    files.write(_rows(answer, rows, as_format) if axes is None else _pivot(answer, *axes, as_format), output)


def _selection(
    study: str,
    only: str,
    rows: str,
    form: Format,
    output: Path | None,
    database: str,
    others: Sequence[str],
    *,
    by_means: bool,
) -> None:
    """Write the trials that a filter lets through, and where they are from."""
    from datetime import UTC, datetime

    from se_bench.config.filter_text import parse
    from se_bench.dashboard.exports import FORMS, write_selection
    from se_bench.errors import ConfigError

    if rows != "trials":
        raise ConfigError("a filter chooses trials", key="--filter", hint="add --rows trials")
    chosen = next((each for each in FORMS if each == form), None)
    if chosen is None:
        raise ConfigError("filtered trials have another format", key="--format", allowed=FORMS)
    if others:
        hint = "leave it out: the study is filtered as it was last run or imported"
        raise ConfigError(f"{others[0]} does not go with --filter", key=others[0], hint=hint)

    from se_bench.cli import files

    data = b"".join(write_selection(database, study, parse(only), chosen, datetime.now(UTC), by_means=by_means))
    files.write(data if form is Format.PARQUET else data.decode(), output)


def _optuna(answer: Answer, rows: str, output: Path | None) -> None:
    """Write an Optuna study, which optuna-dashboard opens."""
    from se_bench.errors import ConfigError

    if rows not in ("candidates", "trials"):
        raise ConfigError("an Optuna study is made of trials", key="--rows", hint="leave --rows out")
    if output is None:
        raise ConfigError("an Optuna study is a file", key="--format", hint="name a new file with -o FILE.db")

    from se_bench.dashboard.optuna_study import write

    count = write(answer, output)
    typer.echo(f"Wrote {count} trials to {output}; to see them: optuna-dashboard sqlite:///{output}", err=True)


def _axes(
    study: Study, rows: str, columns: str | None, metric: list[str] | None
) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]] | None:
    """Rows, columns and metrics of a pivot; None where no pivot is asked for."""
    from se_bench.errors import ConfigError

    if rows in ROWS:
        if columns is not None or metric:
            option = "--columns" if columns is not None else "--metric"
            raise ConfigError(f"{option} belongs to a pivot", key=option, hint=f"name axes with --rows, not {rows}")
        return None
    return options.pivot_axes(study, rows, columns, metric, also=ROWS)


def _rows(answer: Answer, rows: str, form: Format) -> str | bytes:
    from se_bench.analysis import rows as tables
    from se_bench.dashboard.forms import table
    from se_bench.errors import ConfigError

    if form is Format.LATEX:
        raise ConfigError("LaTeX is for pivots", key="--format", hint="name axes with --rows, such as --rows reduction")
    found = {
        "candidates": lambda: tables.candidate_rows(answer),
        "trials": lambda: tables.trial_rows(answer.study, answer.records),
        "epochs": lambda: tables.epoch_rows(answer.records),
    }[rows]()
    if form is Format.PARQUET:
        from se_bench.dashboard.parquet import as_parquet

        return as_parquet(found)
    return table(found, form.value)


def _pivot(
    answer: Answer, rows: tuple[str, ...], columns: tuple[str, ...], metrics: tuple[str, ...], form: Format
) -> str | bytes:
    from se_bench.analysis.pivot import pivot
    from se_bench.dashboard import latex, pivots

    found = pivot(answer, rows, columns, metrics)
    if form is Format.PARQUET:
        from se_bench.dashboard.parquet import as_parquet

        return as_parquet(pivots.wide_rows(found))
    return {
        Format.CSV: pivots.as_csv,
        Format.MARKDOWN: pivots.as_markdown,
        Format.LATEX: latex.as_latex,
        Format.JSON: pivots.as_json,
    }[form](found)
