"""``se-bench dashboard [STUDY]``: the live pages, in the browser."""

from __future__ import annotations

import os
import sys
import threading
import webbrowser
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from urllib.parse import quote

import typer

from se_bench.cli import options

if TYPE_CHECKING:
    from se_bench.dashboard.reader import Reader


def command(
    study: Annotated[
        str | None,
        typer.Argument(
            metavar="[STUDY]", help="The study to open; the list of all where left out.", show_default=False
        ),
    ] = None,
    database: options.Database = options.DEFAULT_DATABASE,
    port: Annotated[
        int | None,
        typer.Option(
            "--port", min=0, max=65535, metavar="N", help="The port; the first free one from 8050 where left out."
        ),
    ] = None,
    host: Annotated[
        str,
        typer.Option(
            "--host",
            metavar="NAME",
            help="The interface to listen on; any but this machine's own needs --allow-remote.",
        ),
    ] = "127.0.0.1",
    allow_remote: Annotated[
        bool, typer.Option("--allow-remote", help="Let other machines read the results; there is no password.")
    ] = False,
    allow_host: Annotated[
        list[str] | None,
        typer.Option(
            "--allow-host",
            metavar="NAME",
            help="Another name by which browsers may call this server. Repeatable.",
            show_default=False,
        ),
    ] = None,
    url_prefix: Annotated[
        str, typer.Option("--url-prefix", metavar="PATH", help="The path of all pages, behind a proxy that keeps it.")
    ] = "/",
    no_open: Annotated[bool, typer.Option("--no-open", help="Do not open the browser.")] = False,
) -> None:
    """Serve the results as live pages: Pareto front, effects, curves, progress, every trial. Ctrl-C ends it.

    A study that is being trained is followed; nothing is written. The pages load nothing from the network.

    [bold]Examples[/bold]

      se-bench dashboard

      se-bench dashboard reduction_ratio --port 8051 --no-open
    """
    from se_bench.errors import ConfigError

    prefix = _prefix(url_prefix)
    local = host in ("127.0.0.1", "localhost", "::1")
    if not local and not allow_remote:
        raise ConfigError(
            f"{host} can be reached from other machines, and there is no password",
            key="--host",
            hint="add --allow-remote if that is meant",
        )

    from se_bench.dashboard.page.server import Address, Server
    from se_bench.dashboard.reader import Reader

    with Reader(database) as reader:
        name = _registered(reader, study) if study else None
        server = Server(reader, Address(host=host, port=port, prefix=prefix, names=tuple(allow_host or ())))
        if not reader.is_there:
            typer.echo(f"There is no database {reader.name} yet; the pages wait for it.")
        if not local:
            typer.echo(f"Everyone who can reach {host} can read these results.", err=True)
        address = server.url + (f"study/{quote(name, safe='')}" if name else "")
        with suppress(KeyboardInterrupt):
            typer.echo(f"Dashboard: {address}  (Ctrl-C ends it)")
            if not no_open and _has_screen():
                threading.Thread(target=webbrowser.open, args=[address], daemon=True).start()
            server.run()


def _registered(reader: Reader, study: str) -> str:
    """The study's name; it must be in the database, but where there is none yet."""
    name = Path(study).stem if study.endswith((".yaml", ".yml")) else study
    if reader.is_there:
        reader.head(name)
    return name


def _prefix(given: str) -> str:
    return f"/{given.strip('/')}/" if given.strip("/") else "/"


def _has_screen() -> bool:
    """Whether a browser would open in a window, and not take over this terminal."""
    return sys.platform in ("win32", "darwin") or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
