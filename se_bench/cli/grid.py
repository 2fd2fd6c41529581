"""The table that commands print, in one look."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from rich import box
from rich.markup import escape
from rich.table import Table


def table(first: str, *others: str, left: Sequence[str] | None = ()) -> Table:
    """A table of numbers, right-aligned but for the first column and those in ``left`` (None: all).

    In a narrow terminal text and intervals go on in the next line; numbers are never cut.
    """
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column(escape(first), no_wrap=True)
    for name in others:
        is_text = left is None or name in left
        may_wrap = is_text or name.endswith("[95 %]")
        justify: Literal["left", "right"] = "left" if is_text else "right"
        table.add_column(escape(name), justify=justify, no_wrap=not may_wrap, overflow="fold")
    return table
