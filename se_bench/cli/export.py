"""``se-bench export STUDY``: rows of candidates, trials or epochs for other programs."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from se_bench.cli import options


class Rows(StrEnum):
    """What a row stands for."""

    CANDIDATES = "candidates"
    TRIALS = "trials"
    EPOCHS = "epochs"


class Format(StrEnum):
    """How rows are written."""

    CSV = "csv"
    MARKDOWN = "markdown"
    JSON = "json"


def command(
    study: options.StudyName,
    rows: Annotated[Rows, typer.Option("--rows", help="What a row stands for.")] = Rows.CANDIDATES,
    as_format: Annotated[Format, typer.Option("--format", help="How rows are written.")] = Format.CSV,
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
    """Write a study's results as rows, at full precision.

    [bold]Examples[/bold]

      se-bench export reduction_ratio --rows trials --format csv -o trials.csv

      se-bench export reduction_ratio --format markdown
    """  # fmt: skip
    asked = options.load(study, overrides, setting, seeds)

    from se_bench import run as trunk
    from se_bench.analysis import rows as tables
    from se_bench.cli import files

    answer, records = trunk.recall(trunk.look_up(asked, database, must_exist=True).plan, database)
    found = {
        Rows.CANDIDATES: lambda: tables.candidate_rows(answer),
        Rows.TRIALS: lambda: tables.trial_rows(asked, records),
        Rows.EPOCHS: lambda: tables.epoch_rows(records),
    }[rows]()
    files.write(files.table(found, as_format.value), output)
