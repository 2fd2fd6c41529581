"""Rows as CSV, Markdown or JSON, and text to a file or to standard output."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import typer


def table(rows: Sequence[Mapping[str, Any]], form: Literal["csv", "markdown", "json"] | str) -> str:
    """The rows as text that ends with a newline; floats are written so that they read back exactly."""
    if form == "json":
        import json

        finite = [{name: _finite(value) for name, value in row.items()} for row in rows]
        return json.dumps(finite, indent=2, allow_nan=False) + "\n"
    columns = list(dict.fromkeys(name for row in rows for name in row))
    if form == "markdown":
        from tabulate import tabulate

        cells = [[_cell(row.get(name)) for name in columns] for row in rows]
        return str(tabulate(cells, headers=columns, tablefmt="pipe", disable_numparse=True)) + "\n"
    import csv
    import io

    text = io.StringIO()
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    if rows:
        writer.writeheader()
    writer.writerows({name: _safe(value) for name, value in row.items()} for row in rows)
    return text.getvalue()


def write(text: str, output: Path | None) -> None:
    """Print the text, or put it into a file as a whole (never a half-written one)."""
    if output is None:
        typer.echo(text, nl=False)
        return
    from se_bench.dashboard.files import write_whole

    write_whole(text, output)
    typer.echo(f"Wrote {output}", err=True)


def _finite(value: Any) -> Any:
    """JSON has neither NaN nor infinity, which a diverged epoch has: null."""
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return f"{value:.6g}" if isinstance(value, float) else " ".join(str(value).split()).replace("|", "\\|")


def _safe(value: Any) -> Any:
    """A text cell that a spreadsheet would run as a formula is written as text; NaN is empty."""
    if isinstance(value, float) and math.isnan(value):
        return None
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@") else value
