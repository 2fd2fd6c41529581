"""``se-bench gates STUDY CANDIDATE``: what the gates of a candidate's trained nets do, and whether that matters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from se_bench.cli import options

if TYPE_CHECKING:
    from se_bench.records import Candidate, Epoch, GateReading, Trial
    from se_bench.training.checkpoint import Checkpoints

DASHBOARD = "gates"


def command(
    study: options.StudyName,
    candidate: Annotated[
        list[str],
        typer.Argument(
            metavar="CANDIDATE",
            help="A candidate's label, or axes that tell it from the others: reduction=8.",
            show_default=False,
        ),
    ],
    overrides: options.Set = None,
    setting: options.Setting = None,
    seeds: options.Seeds = None,
    database: options.Database = options.DEFAULT_DATABASE,
    dashboard: options.Dashboard = DASHBOARD,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="FILE", help="Write a report with figures.", show_default=False),
    ] = None,
    as_json: options.Json = False,
) -> None:
    """Look at the gates of a candidate's trained nets, and at what the nets lose with other gates.

    The database keeps no weights: trials on record are trained again, one after the other, which gives the same nets
    on the same machine. The nets stay in the folder `nets` beside the database, for the next look. Nothing is written
    to the database.

    [bold]Examples[/bold]

      se-bench gates reduction_ratio reduction=4

      se-bench gates reduction_ratio reduction=4 --seeds 2 -o gates.html
    """
    from se_bench.dashboard.files import check_writable

    asked = options.load(study, overrides, setting, seeds)
    panels = options.load_panels(dashboard)
    if output:
        check_writable(output)

    import dataclasses

    from se_bench import run as trunk
    from se_bench.analysis import gates as analysis
    from se_bench.cli import show, show_gates
    from se_bench.dashboard import report
    from se_bench.search.naming import find_candidate

    known = trunk.look_up(asked, database, must_exist=True)
    chosen = find_candidate(known.plan.candidates, " ".join(candidate))
    answer, records = trunk.recall(known.plan, database)
    accuracies = {trial.trial_id: trial.accuracy for trial in records.trials if trial.accuracy is not None}
    trials = _readable(chosen, known.plan.trials, accuracies)
    nets = options.kept_nets(database)
    readings = _read(trials, nets, known.durations, asked.setting.recipe.epochs)
    found = analysis.summary(chosen.label, readings)
    if as_json:
        show.json(show_gates.data(answer.study, found, readings, accuracies))
    else:
        show_gates.tables(show.console(), found, readings, accuracies)
    if output:
        seen = dataclasses.replace(answer, records=dataclasses.replace(records, gates=tuple(readings)))
        report.write(seen, panels, output)
        typer.echo(f"Report: {output}", err=as_json)


def _readable(candidate: Candidate, trials: Sequence[Trial], accuracies: Mapping[str, float]) -> list[Trial]:
    """The candidate's completed trials; what cannot be looked at is refused before anything is trained."""
    from se_bench.errors import NoResultsError, OptionError
    from se_bench.nets.architecture import Architecture
    from se_bench.nets.build import build
    from se_bench.nets.gates import gated_units

    architecture = Architecture.from_data(candidate.architecture)
    if not gated_units(build(architecture), architecture):
        raise OptionError(f"the candidate {candidate.label!r} has no block, and so no gates")
    completed = [
        trial for trial in trials if trial.architecture_id == candidate.architecture_id and trial.trial_id in accuracies
    ]
    if not completed:
        raise NoResultsError(
            f"no trial of the candidate {candidate.label!r} is completed", hint="se-bench run STUDY trains it"
        )
    return completed


def _read(trials: Sequence[Trial], nets: Checkpoints, durations: Mapping[str, float], epochs: int) -> list[GateReading]:
    """A reading of each trial, in order, with a display of what is done and what is left."""
    import sys

    from rich.console import Console

    from se_bench.cli.progress import clock
    from se_bench.search.gates import epochs_left, read_trial

    # standard output is the answer's
    console = Console(stderr=True, width=None if sys.stderr.isatty() else 160, highlight=False)
    shares = {trial.trial_id: epochs_left(trial, nets) / epochs for trial in trials}
    left = sum(durations[trial_id] * share for trial_id, share in shares.items())
    again = sum(share > 0 for share in shares.values())
    trained = f", {again} to be trained again: about {clock(left)}" if again else ""
    console.print(f"{len(trials)} trials, {len(trials) - again} nets kept from an earlier look{trained}")
    readings = []
    with console.status("") as display:

        def show(number: int, epoch: int | None = None) -> None:
            at = f"epoch {epoch} of {epochs}" if epoch else "gates"
            display.update(f"net {number} of {len(trials)}: {at}, about {clock(left)} left")

        for number, trial in enumerate(trials, start=1):

            def saw(epoch: Epoch, number: int = number, seconds: float = durations[trial.trial_id] / epochs) -> None:
                nonlocal left
                left -= seconds
                show(number, epoch.epoch)

            show(number)
            readings.append(read_trial(trial, nets, saw))
            if not console.is_terminal:
                console.print(f"[{number}/{len(trials)}] seed {trial.seed}, about {clock(left)} left", markup=False)
    return readings
