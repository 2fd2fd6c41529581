"""``se-bench report STUDY``: the HTML report, from what the database holds."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from se_bench.cli import options


def command(
    study: options.StudyName,
    overrides: options.Set = None,
    setting: options.Setting = None,
    seeds: options.Seeds = None,
    database: options.Database = options.DEFAULT_DATABASE,
    dashboard: options.Dashboard = options.DEFAULT_DASHBOARD,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="FILE", help="The file to write.", show_default=False),
    ] = None,
) -> None:
    """Write a study's report: one HTML file that opens from disk and asks nothing of the network.

    [bold]Examples[/bold]

      se-bench report reduction_ratio -o report.html
    """
    asked = options.load(study, overrides, setting, seeds)
    panels = options.load_panels(dashboard)

    from se_bench import run as trunk
    from se_bench.dashboard import report

    answer, _ = trunk.recall(trunk.look_up(asked, database, must_exist=True).plan, database)
    path = output or options.report_path(asked)
    report.write(answer, panels, path)
    typer.echo(f"Report: {path}")
