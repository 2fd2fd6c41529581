"""``se-bench db``: looking after the database."""

from __future__ import annotations

import typer

from se_bench.cli import options

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
    from se_bench import run as trunk

    before, after = trunk.upgrade_database(database)
    name = trunk.name_of(database)
    typer.echo(f"{name}: schema {before} -> {after}" if before != after else f"{name}: schema {after}, up to date")
