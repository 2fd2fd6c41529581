"""Text and bytes to a file or to standard output."""

from __future__ import annotations

from pathlib import Path

import typer

from se_bench.errors import ConfigError


def write(content: str | bytes, output: Path | None) -> None:
    """Print text, or put the content into a file as a whole (never a half-written one)."""
    if output is None:
        if isinstance(content, bytes):
            raise ConfigError("this format is not text", key="--format", hint="name a file with -o FILE")
        typer.echo(content, nl=False)
        return
    from se_bench.dashboard.files import write_whole

    write_whole(content, output)
    typer.echo(f"Wrote {output}", err=True)
