"""``se-bench demo-data``: synthetic results to look at the dashboards with."""

from __future__ import annotations

from typing import Annotated

import typer

from se_bench.cli import options


def command(
    trials: Annotated[int, typer.Option("--trials", min=1, metavar="N", help="How many trials.")] = 10_000,
    seeds: Annotated[int, typer.Option("--seeds", min=1, max=10_000, metavar="N", help="Seeds of a candidate.")] = 10,
    epochs: Annotated[
        int, typer.Option("--epochs", min=1, max=10_000, metavar="N", help="Epochs of a trial; 8 and more make curves.")
    ] = 2,
    name: Annotated[
        str, typer.Option("--study", metavar="NAME", help="The study's name; it starts with demo_.")
    ] = "demo_grid",
    seed: Annotated[
        int, typer.Option("--seed", min=0, metavar="N", help="What the invented numbers are drawn from.")
    ] = 0,
    among_real: Annotated[
        bool, typer.Option("--among-real-results", help="Also where the database holds results of real studies.")
    ] = False,
    database: options.Database = options.DEFAULT_DATABASE,
) -> None:
    """Fill a database with synthetic results, marked as such: nothing is trained.

    Nets and costs are real; accuracies, times and failures are invented. The same numbers come again for the same
    options. A database with real results is refused.

    [bold]Examples[/bold]

      se-bench demo-data --trials 100000 --db demo.db

      se-bench demo-data --trials 1000 --epochs 8 --study demo_small --seeds 5 --db demo.db
    """  # fmt: skip
    from se_bench import upkeep
    from se_bench.dashboard.demo.fill import fill

    fill(
        database,
        name,
        trials=trials,
        seeds=seeds,
        epochs=epochs,
        seed=seed,
        among_real=among_real,
        progress=lambda done: typer.echo(f"{done:,} of {trials:,} trials", err=True),
    )
    typer.echo(f"{name}: {trials:,} synthetic trials in {upkeep.name_of(database)}")
