"""``se-bench db``: looking after the database."""

from __future__ import annotations

from typing import Annotated

import typer

from se_bench.cli import options

EXIT_FOUND = 1

app = typer.Typer(no_args_is_help=True, help="Look after the database.", rich_markup_mode="rich")


@app.callback()
def _group() -> None:
    pass


@app.command("upgrade")
def upgrade(database: options.Database = options.DEFAULT_DATABASE) -> None:
    """Bring a database of an earlier se-bench to this version's schema.

    [bold]Examples[/bold]

      se-bench db upgrade --db results/se-bench.db
    """
    from se_bench import upkeep

    before, after = upkeep.upgrade_database(database)
    name = upkeep.name_of(database)
    typer.echo(f"{name}: schema {before} -> {after}" if before != after else f"{name}: schema {after}, up to date")


@app.command("merge")
def merge(
    other: Annotated[
        str,
        typer.Argument(
            metavar="OTHER", help="The database whose results come in; it is only read.", show_default=False
        ),
    ],
    database: options.Database = options.DEFAULT_DATABASE,
) -> None:
    """Bring the results of another database in: what is finished there is not trained again here.

    The same architecture, data, recipe and seed are one trial. What both have finished must have equal numbers;
    where it does not, the trial stays as it is here, the difference is printed, and the exit code is 1.

    [bold]Examples[/bold]

      se-bench db merge laptop.db

      se-bench db merge results/se-bench.db --db postgresql://me@host/results
    """
    from se_bench import upkeep
    from se_bench.cli import show

    found = upkeep.merge_databases(other, database)
    show.merged(show.console(), found, upkeep.name_of(other), upkeep.name_of(database))
    if found.conflicts:
        raise typer.Exit(EXIT_FOUND)


@app.command("check")
def check(database: options.Database = options.DEFAULT_DATABASE) -> None:
    """Look for what cannot be: results without their epochs, ids that are not those of the content. Only reads.

    The exit code is 1 where something is found.

    [bold]Examples[/bold]

      se-bench db check

      se-bench db check --db postgresql://me@host/results
    """
    from se_bench import upkeep

    found = upkeep.check_database(database)
    for each in found.notes:
        typer.echo(f"note: {each}")
    for each in found.faults:
        typer.echo(each)
    typer.echo(f"{upkeep.name_of(database)}: {found.trials} trials, {len(found.faults)} inconsistencies")
    if found.faults:
        raise typer.Exit(EXIT_FOUND)
