"""``se-bench list KIND``: what there is to name."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

import typer

from se_bench.cli import options


class Kind(StrEnum):
    """What can be listed."""

    STUDIES = "studies"
    SPACES = "spaces"
    SETTINGS = "settings"
    DASHBOARDS = "dashboards"
    BACKBONES = "backbones"
    BLOCKS = "blocks"
    DATASETS = "datasets"
    FIGURES = "figures"
    PUBLISHED = "published"


def command(
    kind: Annotated[Kind, typer.Argument(help="What to list.", show_default=False)],
    verbose: Annotated[bool, typer.Option("-v", "--verbose", help="Spaces: their axes as a tree.")] = False,
    as_json: options.Json = False,
) -> None:
    """List what a study can name: definitions with their files, registered names with their code; or printed figures.

    [bold]Examples[/bold]

      se-bench list studies

      se-bench list backbones --json

      se-bench list spaces -v

      se-bench list published --json
    """
    from se_bench.cli import show

    found = _all_of(kind)
    if as_json:
        show.json(found)
    elif kind is Kind.PUBLISHED:
        show.published(show.console(), found)
    elif verbose and kind is Kind.SPACES:
        from se_bench.config.load import load_space

        show.spaces(show.console(), [load_space(row["name"]) for row in found])
    else:
        show.listing(show.console(), kind.value, found)


def _all_of(kind: Kind) -> list[dict[str, Any]]:
    if kind is Kind.PUBLISHED:
        return _published()
    return _definitions(kind) if kind in _FOLDERS else _registered(kind)


_FOLDERS = {
    Kind.STUDIES: ("studies", "question"),
    Kind.SPACES: ("search_spaces", "about"),
    Kind.SETTINGS: ("studies/settings", "about"),
    Kind.DASHBOARDS: ("dashboards", "about"),
}


def _definitions(kind: Kind) -> list[dict[str, Any]]:
    from se_bench.config import document, locate
    from se_bench.errors import ConfigError

    folder, key = _FOLDERS[kind]
    rows = []
    for name, found in locate.available(folder).items():  # type: ignore[arg-type]
        try:
            about = str(document.read(found.file).data.get(key, ""))
        except ConfigError as problem:
            about = f"cannot be read: {problem.message}"
        rows.append({"name": name, "about": about, "file": str(found.file), "origin": found.origin})
    return rows


def _published() -> list[dict[str, Any]]:
    """Every printed figure that ships with the package; ``recalled`` ones were never read: check before use."""
    from dataclasses import asdict

    from se_bench.analysis.published import figures

    return [{name: value for name, value in asdict(each).items() if name != "line"} for each in figures()]


def _registered(kind: Kind) -> list[dict[str, Any]]:
    from se_bench import registry

    names = registry.entries(kind.value.removesuffix("s"))
    return [{"name": name, "object": target} for name, target in names.items()]
