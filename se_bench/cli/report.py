"""``se-bench report STUDY``: the HTML report, from what the database holds."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from se_bench.cli import options

if TYPE_CHECKING:
    from se_bench.config.load import Study


def command(
    study: options.StudyName,
    overrides: options.Set = None,
    setting: options.Setting = None,
    seeds: options.Seeds = None,
    database: options.Database = options.DEFAULT_DATABASE,
    dashboard: options.Dashboard = options.DEFAULT_DASHBOARD,
    rows: Annotated[
        str | None,
        typer.Option("--rows", metavar="AXES", help="The rows of a table in the report.", show_default="as varied"),
    ] = None,
    columns: Annotated[
        str | None,
        typer.Option("--columns", metavar="AXES", help="Its columns: one axis or several.", show_default=False),
    ] = None,
    metric: Annotated[
        list[str] | None,
        typer.Option("--metric", metavar="NAME", help="What it shows; repeatable.", show_default="accuracy"),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="FILE", help="The file to write.", show_default=False),
    ] = None,
) -> None:
    """Write a study's report: one HTML file that opens from disk and asks nothing of the network.

    It has a table of rows x columns, which it also holds as CSV, Markdown, LaTeX, JSON and Parquet. Where --rows names
    no axes, a grid of one or two axes is shown as it was planned.

    [bold]Examples[/bold]

      se-bench report reduction_ratio -o report.html

      se-bench report reduction_ratio --rows reduction --metric accuracy --metric macs
    """
    question = options.ask(study, overrides, setting, seeds, database)
    panels = options.load_panels(dashboard)
    axes = _axes(question.study, rows, columns, metric)

    from se_bench.analysis.pivot import pivot, planned_pivot
    from se_bench.dashboard import report

    answer, _ = question.recall()
    path = output or options.report_path(question.study)
    report.write(answer, panels, path, pivot(answer, *axes) if axes else planned_pivot(answer, metric or ()))
    typer.echo(f"Report: {path}")


def _axes(
    study: Study, rows: str | None, columns: str | None, metric: list[str] | None
) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]] | None:
    """Rows, columns and metrics of the table; None where it is to be the planned one."""
    from se_bench.analysis.pivot import check_metrics
    from se_bench.errors import ConfigError

    if rows is not None:
        return options.pivot_axes(study, rows, columns, metric)
    check_metrics(metric or ())
    if columns is not None:
        raise ConfigError("columns need rows", key="--columns", hint="name the axes of the rows, too, with --rows")
    return None
