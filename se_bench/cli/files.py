"""Rows as CSV, Markdown or JSON, and text to a file or to standard output."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import typer


def table(rows: Sequence[Mapping[str, Any]], form: Literal["csv", "markdown", "json"] | str) -> str:
    """The rows as text that ends with a newline; floats are written so that they read back exactly."""
    if form == "json":
        import json

        return json.dumps(list(rows), indent=2, allow_nan=False) + "\n"
    import pandas as pd

    frame = pd.DataFrame(list(rows), dtype=object)
    if form == "markdown":
        return frame.map(_cell).to_markdown(index=False, disable_numparse=True) + "\n"
    text: str = frame.map(_safe).to_csv(index=False, lineterminator="\n")
    return text


def write(text: str, output: Path | None) -> None:
    """Print the text, or put it into a file as a whole (never a half-written one)."""
    if output is None:
        typer.echo(text, nl=False)
        return
    from se_bench.dashboard.files import write_whole

    write_whole(text, output)
    typer.echo(f"Wrote {output}", err=True)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return f"{value:.6g}" if isinstance(value, float) else str(value).replace("|", "\\|")


def _safe(value: Any) -> Any:
    """A text cell that a spreadsheet would run as a formula is written as text."""
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@") else value
