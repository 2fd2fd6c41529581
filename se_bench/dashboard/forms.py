"""Rows as CSV, Markdown or JSON, for other programs: floats in CSV and JSON read back exactly."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

from tabulate import tabulate

Rows = Sequence[Mapping[str, Any]]

_FORMULAS = ("=", "+", "-", "@", "\t", "\n")
"""What a cell starts with that a spreadsheet would run."""


def columns_of(rows: Rows) -> list[str]:
    """The columns of all rows, in the order in which they come."""
    return list(dict.fromkeys(name for row in rows for name in row))


def as_csv(rows: Rows) -> str:
    """CSV with a header; text that a spreadsheet would run as a formula is marked as text, numbers are left alone."""
    text = io.StringIO()
    columns = columns_of(rows)
    writer = csv.writer(text, lineterminator="\n")
    if rows:
        writer.writerow([_safe(name) for name in columns])
    writer.writerows([_safe(row.get(name)) for name in columns] for row in rows)
    return text.getvalue()


def as_markdown(rows: Rows) -> str:
    """A table of pipes, floats with six digits."""
    columns = columns_of(rows)
    cells = [[_cell(row.get(name)) for name in columns] for row in rows]
    return (
        str(tabulate(cells, headers=[_cell(name) for name in columns], tablefmt="pipe", disable_numparse=True)) + "\n"
    )


def as_json(rows: Rows) -> str:
    """A list of objects; what is not finite is null."""
    return json.dumps([finite(row) for row in rows], indent=2, allow_nan=False) + "\n"


def table(rows: Rows, form: str) -> str:
    """The rows as text that ends with a newline; ``form`` is csv, markdown or json."""
    return {"csv": as_csv, "markdown": as_markdown, "json": as_json}[form](rows)


def finite(value: Any) -> Any:
    """``value`` as JSON has it: neither NaN nor infinity, which a diverged epoch has, but null."""
    if isinstance(value, Mapping):
        return {str(key): finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [finite(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def as_text(value: str) -> str:
    """Text that a spreadsheet takes for text, and not for a formula."""
    text = value.replace("\r\n", "\n").replace("\r", "\n")  # the one line break that csv quotes
    return f"'{text}" if text.startswith(_FORMULAS) and not _is_number(text) else text


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return f"{value:.6g}" if isinstance(value, float) else " ".join(str(value).split()).replace("|", "\\|")


def _safe(value: Any) -> Any:
    if isinstance(value, float) and math.isnan(value):
        return None
    if isinstance(value, list | tuple):
        value = " ".join(str(item) for item in value)
    if not isinstance(value, str):
        return value
    return as_text(value)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
