"""The arguments that commands share, so that they mean the same everywhere."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from se_bench.analysis.answer import Answer
    from se_bench.config.dashboard import Dashboard as DashboardDefinition
    from se_bench.config.load import Study
    from se_bench.records import StudyRecords
    from se_bench.training.checkpoint import Checkpoints

Set = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="KEY=VALUE",
        help="Override any key of the study or its setting (recipe.epochs=20), or fix an axis (gate=softmax). "
        "Repeatable.",
        show_default=False,
    ),
]
StudyName = Annotated[
    str, typer.Argument(metavar="STUDY", help="A study's name, or the path of its file.", show_default=False)
]
Setting = Annotated[
    str | None,
    typer.Option("--setting", metavar="NAME", help="Ask the same question in another setting.", show_default=False),
]
Seeds = Annotated[
    int | None,
    typer.Option("--seeds", metavar="N", help="Another number of seeds for each candidate.", show_default=False),
]
Database = Annotated[
    str,
    typer.Option(
        "--db",
        metavar="URL",
        envvar="SE_BENCH_DB",
        help="Where results are kept: a SQLite file, or postgresql://user@host/name.",
    ),
]
Slots = Annotated[
    int | None,
    typer.Option("--slots", min=1, metavar="N", help="Trials at once; by default one a core, or one a GPU."),
]
GpusPerTrial = Annotated[
    float | None,
    typer.Option("--gpus-per-trial", min=0.01, max=1.0, metavar="SHARE", help="The share of a GPU that a trial gets."),
]
AUTO = 0.0
"""The share of a GPU that stands for: measure what a trial needs."""


def _share(text: str) -> float:
    """A share, or ``auto``."""
    if text == "auto":
        return AUTO
    try:
        share = float(text)
    except ValueError:
        share = math.nan
    if not 0.01 <= share <= 1.0:
        raise typer.BadParameter(f"{text!r} is neither auto nor a share from 0.01 to 1.0")
    return share


GpusPerTrialOrAuto = Annotated[
    float | None,
    typer.Option(
        "--gpus-per-trial",
        parser=_share,
        metavar="SHARE",
        help="The share of a GPU that a trial gets, or auto: as many share one as its memory and the cores allow.",
    ),
]
CheckpointFolder = Annotated[
    Path | None,
    typer.Option(
        "--checkpoints",
        metavar="DIR",
        envvar="SE_BENCH_CHECKPOINTS",
        help="Where trials in progress keep their checkpoints; by default beside the database's file.",
        show_default=False,
    ),
]
RayAddress = Annotated[
    str | None,
    typer.Option(
        "--ray-address", metavar="ADDRESS", help="Train on this Ray cluster (host:port, or auto).", show_default=False
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for scripts; the keys are stable.")]
Dashboard = Annotated[str, typer.Option("--dashboard", metavar="NAME", help="Which panels the report shows.")]

DEFAULT_DATABASE = "results/se-bench.db"
DEFAULT_DASHBOARD = "overview"
NETS = "nets"
"""The folder beside the database for nets whose gates are looked at."""
NETS_BYTES = 1 << 30
"""Its limit; what was trained first goes first."""


def load(study: str, overrides: list[str] | None, setting: str | None, seeds: int | None) -> Study:
    """The study that these arguments ask for."""
    from se_bench.config.load import load_study

    return load_study(study, overrides=overrides or (), setting=setting, seeds=seeds)


@dataclass(frozen=True)
class Question:
    """A study, and how its answer is recalled."""

    study: Study
    recall: Callable[[], tuple[Answer, StudyRecords]]


def ask(study: str, overrides: list[str] | None, setting: str | None, seeds: int | None, database: str) -> Question:
    """The study that these arguments ask for: by its file or, where there is none, as the database keeps it."""
    from se_bench.errors import ConfigError, UnknownNameError

    try:
        asked = load(study, overrides, setting, seeds)
    except UnknownNameError as problem:
        from se_bench import archive

        found = archive.recall_registered(study, database)
        if found is None:
            problem.hint = "se-bench status names the studies of a database, which need no file to be shown"
            raise
        if overrides or setting or seeds:
            hint = f"leave --set, --setting and --seeds out: {study} is shown as it was last run or imported"
            raise ConfigError(f"{study} has no file here that could be changed", hint=hint) from None
        return Question(found[0], lambda: archive.answer_registered(*found, database))
    return Question(asked, lambda: _recall(asked, database))


def _recall(study: Study, database: str) -> tuple[Answer, StudyRecords]:
    from se_bench import run as trunk

    return trunk.recall(trunk.look_up(study, database, must_exist=True).plan, database)


def load_panels(dashboard: str) -> DashboardDefinition:
    """The dashboard that a report is drawn by."""
    from se_bench.config.load import load_dashboard

    return load_dashboard(dashboard)


def report_path(study: Study) -> Path:
    """Where a study's report is written unless told otherwise."""
    return Path("results") / f"{study.name}.{study.setting.name}.html"


def pivot_axes(
    study: Study, rows: str, columns: str | None, metrics: list[str] | None, *, also: tuple[str, ...] = ()
) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Rows, columns and metrics of a pivot as the command line names them; ``also`` may stand for rows, too."""
    from se_bench.analysis.pivot import check_axes, check_metrics

    named = [_names(text) for text in (rows, columns or "")]
    check_axes(study, named[0], "--rows", also=also)
    check_axes(study, [*named[0], *named[1]], "--columns")
    return named[0], named[1], check_metrics(metrics or ("accuracy",))


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())


def checkpoint_folder(chosen: Path | None, database: str) -> Path:
    """Where trials in progress keep their checkpoints: as chosen, else beside the database."""
    from se_bench.upkeep import folder_of

    return chosen or folder_of(database) / "checkpoints"


def kept_nets(database: str) -> Checkpoints:
    """Where nets that gates were read of are kept, beside the database."""
    from se_bench.training.checkpoint import Checkpoints
    from se_bench.upkeep import folder_of

    return Checkpoints(folder_of(database) / NETS, NETS_BYTES)
