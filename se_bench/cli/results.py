"""``se-bench results STUDY``: the table and the verdicts, from what the database holds."""

from __future__ import annotations

from se_bench.cli import options


def command(
    study: options.StudyName,
    overrides: options.Set = None,
    setting: options.Setting = None,
    seeds: options.Seeds = None,
    database: options.Database = options.DEFAULT_DATABASE,
    as_json: options.Json = False,
) -> None:
    """Print the table and the verdicts of a study, finished or not. Nothing is trained.

    [bold]Examples[/bold]

      se-bench results reduction_ratio

      se-bench results reduction_ratio --json | jq '.claims[] | {id, verdict}'
    """
    question = options.ask(study, overrides, setting, seeds, database)

    from se_bench.analysis.as_json import to_json
    from se_bench.cli import show

    answer, _ = question.recall()
    if as_json:
        show.json(to_json(answer))
        return
    console = show.console()
    show.answer(console, answer)
    show.failures(console, answer)
