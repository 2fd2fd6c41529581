"""``se-bench plan STUDY``: what would run, what is known already, costs and expected time."""

from __future__ import annotations

from se_bench.cli import options


def command(
    study: options.StudyName,
    overrides: options.Set = None,
    setting: options.Setting = None,
    seeds: options.Seeds = None,
    slots: options.Slots = None,
    gpus_per_trial: options.GpusPerTrial = None,
    database: options.Database = options.DEFAULT_DATABASE,
    as_json: options.Json = False,
) -> None:
    """Say what a run would train: trials, those already known, costs, expected time. Nothing is written.

    [bold]Examples[/bold]

      se-bench plan reduction_ratio

      se-bench plan reduction_ratio --setting cifar10 --slots 8
    """
    asked = options.load(study, overrides, setting, seeds)

    from se_bench import run as trunk
    from se_bench.cli import show
    from se_bench.search.environment import resources
    from se_bench.search.estimate import trial_seconds

    known = trunk.look_up(asked, database)
    slots, _ = resources(slots, gpus_per_trial)
    expected = trial_seconds(known.missing, known.plan.candidates, known.durations)
    if as_json:
        show.json(show.plan_data(known, expected, slots))
    else:
        show.plan(show.console(), known, expected, slots)
