"""``se-bench claims``: what the documents claim, and what the database says of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from se_bench.cli import options

if TYPE_CHECKING:
    from se_bench.analysis.answer import Answer


def command(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="[CLAIM]...", help="c01 ... c12; all where left out.", show_default=False),
    ] = None,
    overrides: options.Set = None,
    setting: options.Setting = None,
    seeds: options.Seeds = None,
    database: options.Database = options.DEFAULT_DATABASE,
    as_json: options.Json = False,
) -> None:
    """List what the documents claim, with verdict, effect, n and setting, from the database. Nothing is trained.

    Each is a study of its own: `se-bench run c01` trains what it needs.

    [bold]Examples[/bold]

      se-bench claims

      se-bench claims c03 c10 --setting cifar10 --json
    """
    from se_bench.cli import show, show_claims

    found = list(answers(names or (), database, overrides=overrides, setting=setting, seeds=seeds))
    if as_json:
        show.json([show_claims.data(each) for each in found])
    else:
        show_claims.table(show.console(), found)


def answers(
    names: Iterable[str],
    database: str,
    *,
    overrides: list[str] | None = None,
    setting: str | None = None,
    seeds: int | None = None,
) -> Iterator[Answer]:
    """The answer to each of these studies (to all of what the documents claim where none is named)."""
    from se_bench import run as trunk
    from se_bench.config import locate
    from se_bench.errors import unknown_name

    known = locate.documents_claims()
    for name in names:
        if name not in known:
            raise unknown_name("claim", name, known)
    for name in tuple(names) or known:
        asked = options.load(name, overrides, setting, seeds)
        yield trunk.recall(trunk.look_up(asked, database, must_exist=True).plan, database)[0]
