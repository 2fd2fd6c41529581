"""Rows as a Parquet file, for other programs: numbers and lists keep their types."""

from __future__ import annotations

from io import BytesIO

import pandas as pd

from se_bench.dashboard.forms import Rows, columns_of


def as_parquet(rows: Rows) -> bytes:
    """The bytes of a Parquet file with a column for each name that occurs."""
    buffer = BytesIO()
    pd.DataFrame([dict(row) for row in rows], columns=columns_of(rows)).to_parquet(buffer, index=False)
    return buffer.getvalue()
