"""``se-bench status [STUDY]``: how far studies have come."""

from __future__ import annotations

from typing import Annotated

import typer

from se_bench.cli import options


def command(
    study: Annotated[
        str | None,
        typer.Argument(metavar="[STUDY]", help="A study; all in the database where left out.", show_default=False),
    ] = None,
    overrides: options.Set = None,
    setting: options.Setting = None,
    seeds: options.Seeds = None,
    database: options.Database = options.DEFAULT_DATABASE,
    as_json: options.Json = False,
) -> None:
    """Say how far a study has come, or all that are in the database.

    [bold]Examples[/bold]

      se-bench status

      se-bench status reduction_ratio --seeds 10
    """
    from se_bench.errors import ConfigError

    if study is None and (overrides or setting or seeds):
        raise ConfigError("--set, --setting and --seeds belong to a study", hint="se-bench status STUDY ...")
    asked = options.load(study, overrides, setting, seeds) if study else None

    from se_bench import run as trunk
    from se_bench import upkeep
    from se_bench.cli import show

    if asked is None:
        summaries = upkeep.kept_studies(database)
        if as_json:
            show.json(show.studies_data(summaries))
        else:
            show.studies(show.console(), summaries, upkeep.name_of(database))
        return
    known = trunk.look_up(asked, database, must_exist=True)
    if as_json:
        show.json(show.status_data(known))
    else:
        show.status(show.console(), known)
