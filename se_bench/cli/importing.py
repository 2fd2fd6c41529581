"""``se-bench import FILE.csv``: results that were trained elsewhere, as trials of a study of their own."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from se_bench.cli import options

if TYPE_CHECKING:
    from se_bench.config.document import Document, KeyPath
    from se_bench.config.external import ExternalSetting, ImportedStudy
    from se_bench.config.results_csv import ResultRow

EXIT_CONFLICTS = 1


def command(
    file: Annotated[
        Path,
        typer.Argument(metavar="FILE.csv", help="A row for each trial: docs/import.md.", show_default=False),
    ],
    dataset: Annotated[
        str, typer.Option("--dataset", metavar="NAME", help="What the data is called.", show_default=False)
    ],
    size: Annotated[
        int, typer.Option("--input", metavar="PIXELS", help="Height and width of an image.", show_default=False)
    ],
    classes: Annotated[int, typer.Option("--classes", metavar="N", help="Number of classes.", show_default=False)],
    source: Annotated[
        str,
        typer.Option("--source", metavar="TEXT", help="Who trained, and where it can be read.", show_default=False),
    ],
    backbone: Annotated[
        str | None,
        typer.Option(
            "--backbone",
            metavar="NAME",
            help="The net that carries the blocks, where the file has no column for it.",
            show_default=False,
        ),
    ] = None,
    into: Annotated[
        str | None,
        typer.Option(
            "--study",
            metavar="NAME",
            help="The study that the results become; or a YAML file with its name, question and claims.",
            show_default="the file's name",
        ),
    ] = None,
    recipe: Annotated[
        list[str] | None,
        typer.Option(
            "--recipe",
            metavar="KEY=VALUE",
            help="What is known of the training (epochs=300, batch_size=256). Repeatable.",
            show_default=False,
        ),
    ] = None,
    database: options.Database = options.DEFAULT_DATABASE,
) -> None:
    """Bring results that were trained elsewhere in, so that tables, figures, claims and pages serve them, too.

    A second time nothing changes. A trial that is known with other numbers stays as it is; both are printed, and the
    exit code is 1.

    [bold]Examples[/bold]

      se-bench import runs.csv --dataset imagenet --input 224 --classes 1000 --backbone resnet50 --source "our cluster"

      se-bench import runs.csv --study mine.yaml --dataset cifar10 --input 32 --classes 10 --source "arXiv:1709.01507" --recipe epochs=300
    """  # noqa: E501 - an example is one line
    from se_bench.config import results_csv

    study, written = _study(into, file)
    rows = results_csv.read(file)
    setting = _setting(rows, dataset=dataset, size=size, classes=classes, backbone=backbone, source=source, told=recipe)

    from se_bench import archive
    from se_bench.cli import show
    from se_bench.upkeep import name_of

    if not study.question:
        study = study.model_copy(update={"question": f"Results from elsewhere: {setting.recipe.source}"})
    found = archive.import_results(rows, study, setting, database, written)
    out = show.console()
    out.print(show.plain(f"{file} -> {name_of(database)}, study {study.name}"), soft_wrap=True)
    out.print(f"  {found.added} trials are new, {found.equal} were known with equal numbers", soft_wrap=True)
    show.conflicts(out, found.conflicts)
    out.print(show.plain(f"Next: se-bench results {study.name}"), soft_wrap=True)
    if found.conflicts:
        raise typer.Exit(EXIT_CONFLICTS)


def _study(into: str | None, file: Path) -> tuple[ImportedStudy, Document | None]:
    """The study to be made, and the file that says more of it."""
    from se_bench.config import document, locate
    from se_bench.config.document import Document
    from se_bench.config.external import ImportedStudy
    from se_bench.errors import ConfigError

    written = None
    if into is not None and Path(into).suffix in (".yaml", ".yml"):
        written = document.read(Path(into))
        study = written.parse(ImportedStudy)
    else:
        name = into if into is not None else re.sub(r"[^a-z0-9_-]+", "_", file.stem.lower())
        study = Document(file=Path("--study"), data={"name": name}, lines={}).parse(ImportedStudy)
    if study.name in locate.available("studies"):
        place = locate.available("studies")[study.name].file
        raise ConfigError(
            f"a study of this name has a file: {place}", key="--study", hint="give these results a name of their own"
        )
    return study, written


def _setting(rows: list[ResultRow], *, told: list[str] | None, **given: Any) -> ExternalSetting:
    """The setting that the command line describes."""
    from se_bench.config import document
    from se_bench.config.document import Document
    from se_bench.config.external import PREFIX, ExternalRecipe, ExternalSetting
    from se_bench.errors import ConfigError, nearest_name

    backbone = given["backbone"] or next((row.axes.backbone for row in rows if row.axes.backbone), None)
    if backbone is None:
        hint = "--backbone NAME, or a column backbone"
        raise ConfigError("no backbone is named", key="--backbone", hint=hint)
    recipe: dict[str, Any] = {"source": given["source"]}
    for pair in told or ():
        key, equals, value = pair.partition("=")
        if not equals or key not in ExternalRecipe.model_fields or key == "source":
            known = [name for name in ExternalRecipe.model_fields if name != "source"]
            near = nearest_name(key, known)
            raise ConfigError(f"no key {key!r} of a recipe", key="--recipe", allowed=tuple(known), nearest=near)
        recipe[key] = document.scalar(value)
    name = given["dataset"].removeprefix(PREFIX)
    data = {
        "name": re.sub(r"[^a-z0-9_-]+", "_", f"external-{name}".lower()),
        "dataset": {"name": f"{PREFIX}{name}", "size": given["size"], "classes": given["classes"]},
        "backbone": {"name": backbone},
        "recipe": recipe,
    }
    options_of: dict[KeyPath, str] = {
        ("dataset",): "--dataset",
        ("dataset", "name"): "--dataset",
        ("dataset", "size"): "--input",
        ("dataset", "classes"): "--classes",
        ("backbone", "name"): "--backbone",
        ("recipe", "source"): "--source",
        **{("recipe", key): "--recipe" for key in recipe if key != "source"},
    }
    return Document(file=Path("command line"), data=data, lines={}, overridden=options_of).parse(ExternalSetting)
