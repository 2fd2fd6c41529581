"""``se-bench gates STUDY CANDIDATE``: what the gates of a candidate's trained nets do, and whether that matters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from se_bench.cli import options

if TYPE_CHECKING:
    from se_bench.records import Candidate, Epoch, GateReading, Trial
    from se_bench.search.weights import WeightCache

DASHBOARD = "gates"
WEIGHTS = "weights"
"""The folder beside the database."""


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
    on the same machine. Their weights stay in a folder beside the database, for the next look. Nothing is written to
    the database.

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
    from se_bench.search.weights import WeightCache

    known = trunk.look_up(asked, database, must_exist=True)
    chosen = find_candidate(known.plan.candidates, " ".join(candidate))
    answer, records = trunk.recall(known.plan, database)
    accuracies = {trial.trial_id: trial.accuracy for trial in records.trials if trial.accuracy is not None}
    trials = _readable(chosen, known.plan.trials, accuracies)
    weights = WeightCache(trunk.beside(database) / WEIGHTS)
    readings = _read(trials, weights, known.durations, asked.setting.recipe.epochs)
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


def _read(
    trials: Sequence[Trial], weights: WeightCache, durations: Mapping[str, float], epochs: int
) -> list[GateReading]:
    """A reading of each trial, in order, with a display of what is done and what is left."""
    import sys

    from rich.console import Console

    from se_bench.cli.progress import clock
    from se_bench.search.gates import read_trial

    console = Console(
        stderr=True, width=None if sys.stderr.isatty() else 160, highlight=False
    )  # stdout is the answer's
    again = [trial for trial in trials if not weights.has(trial.trial_id)]
    left = sum(durations[trial.trial_id] for trial in again)
    trained = f", {len(again)} to be trained again: about {clock(left)}" if again else ""
    console.print(f"{len(trials)} nets, the weights of {len(trials) - len(again)} are kept{trained}")
    readings = []
    with console.status("") as display:
        for number, trial in enumerate(trials, start=1):

            def saw(epoch: Epoch, number: int = number, trial: Trial = trial, left: float = left) -> None:
                rest = left - durations[trial.trial_id] * epoch.epoch / epochs
                display.update(f"net {number} of {len(trials)}: epoch {epoch.epoch} of {epochs}, {clock(rest)} left")

            display.update(f"net {number} of {len(trials)}: {clock(left)} left")
            readings.append(read_trial(trial, weights, saw))
            left -= durations[trial.trial_id] if trial in again else 0.0
            if not console.is_terminal:
                console.print(f"[{number}/{len(trials)}] seed {trial.seed}, {clock(left)} left", markup=False)
    return readings
