"""``se-bench run STUDY``: plan, train what is missing, print the table and the verdicts, write the report."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from se_bench.cli import options

if TYPE_CHECKING:
    from se_bench.config.dashboard import Dashboard
    from se_bench.config.load import Study
    from se_bench.search.cluster import Cluster
    from se_bench.search.head import Head
    from se_bench.search.plan import Plan
    from se_bench.search.session import Known, Workers
    from se_bench.training.checkpoint import Checkpoints

EXIT_FAILED_TRIALS = 1


def command(
    study: options.StudyName,
    overrides: options.Set = None,
    setting: options.Setting = None,
    seeds: options.Seeds = None,
    slots: options.Slots = None,
    gpus_per_trial: options.GpusPerTrialOrAuto = None,
    database: options.Database = options.DEFAULT_DATABASE,
    checkpoints: options.CheckpointFolder = None,
    ray_address: options.RayAddress = None,
    dashboard: options.Dashboard = options.DEFAULT_DASHBOARD,
    output: Annotated[
        Path | None,
        typer.Option("--report", metavar="FILE", help="Where to write the HTML report.", show_default=False),
    ] = None,
) -> None:
    """Answer a study: train what is missing, then print the table and the verdicts.

    What the database has is never trained again: stop this command at any moment, and run it again to go on.

    [bold]Examples[/bold]

      se-bench run reduction_ratio

      se-bench run studies/reduction_ratio.yaml --seeds 10 --slots 4

      se-bench run reduction_ratio --setting cifar10 --gpus-per-trial auto

      se-bench run reduction_ratio --set recipe.epochs=20 --set gate=softmax
    """
    from se_bench.dashboard.files import check_writable

    asked = options.load(study, overrides, setting, seeds)
    panels = options.load_panels(dashboard)
    path = output or options.report_path(asked)
    check_writable(path)

    from se_bench import upkeep
    from se_bench.search.head import Head
    from se_bench.search.process import cores

    with ExitStack() as stack:
        head = stack.enter_context(Head(slots or cores(), gpus=True, address=ray_address))
        early = None
        if not upkeep.is_finished(database, asked.name):
            head.start()  # in the background, and workers then: reading and pricing the study take as long
            if gpus_per_trial != options.AUTO:
                machine = _resources(head, slots, gpus_per_trial)
                early = stack.enter_context(_cluster(asked, head, *machine))
                early.start()
        _answer(asked, panels, path, database, checkpoints, head, early, slots, gpus_per_trial)


def _answer(
    asked: Study,
    panels: Dashboard,
    path: Path,
    database: str,
    checkpoints: Path | None,
    head: Head,
    early: Cluster | None,
    slots: int | None,
    gpus_per_trial: float | None,
) -> None:
    """Train what is missing and show what the study says then."""
    from se_bench import measurements, upkeep
    from se_bench import run as trunk
    from se_bench.cli import show
    from se_bench.cli.progress import Progress
    from se_bench.dashboard import report
    from se_bench.search.estimate import trial_seconds
    from se_bench.training.checkpoint import Checkpoints

    console = show.console()
    known = trunk.look_up(asked, database)
    if gpus_per_trial == options.AUTO:
        gpus_per_trial = _measured_share(known)
    slots, gpus_per_trial = _resources(head, slots, gpus_per_trial)
    expected = trial_seconds(known.missing, known.plan.candidates, known.durations)
    show.plan(console, known, expected, slots)
    progress = Progress(console, known, expected, slots)
    nets = options.kept_nets(database)
    try:
        with progress:
            plan = trunk.train_missing(
                known,
                database,
                progress,
                workers=_workers(known.plan, head, early),
                checkpoints=Checkpoints(options.checkpoint_folder(checkpoints, database)),
                nets=nets,
                slots=slots,
                gpus_per_trial=gpus_per_trial,
            )

        def say(text: str) -> None:
            if early:
                early.end()
            head.end()  # what is measured next may be times
            console.print(text)

        measurements.measure_missing(plan, database, nets, say)
    except KeyboardInterrupt:
        progress.say_what_is_kept(upkeep.name_of(database))
        raise
    answer, _ = trunk.recall(plan, database)
    show.answer(console, answer)
    report.write(answer, panels, path)
    console.print(f"Report: {path}", soft_wrap=True, markup=False)
    if show.failures(console, answer):
        raise typer.Exit(EXIT_FAILED_TRIALS)


def _measured_share(known: Known) -> float:
    from se_bench.search.gpu_memory import measured_share

    return measured_share(known.missing, known.plan.candidates)


def _resources(head: Head, slots: int | None, gpus_per_trial: float | None) -> tuple[int, float]:
    from se_bench.search.environment import resources

    return resources(slots, gpus_per_trial, elsewhere=head.address is not None)


def _cluster(study: Study, head: Head, slots: int, gpus_per_trial: float) -> Cluster:
    from se_bench.search.cluster import Cluster  # only where something is trained

    return Cluster(
        slots=slots,
        gpus_per_trial=gpus_per_trial,
        schedule=study.plan.scheduler,
        epochs=study.setting.recipe.epochs,
        head=head,
    )


def _workers(plan: Plan, head: Head, early: Cluster | None) -> Workers:
    """Those that have started early, or new ones where what a trial gets was not known then."""

    def opened(*, run_id: str, slots: int, gpus_per_trial: float, checkpoints: Checkpoints) -> Cluster:
        cluster = early or _cluster(plan.study, head, slots, gpus_per_trial)
        return cluster.serve(run_id=run_id, checkpoints=checkpoints.folder, images=plan.images)

    return opened
