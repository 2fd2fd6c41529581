"""A database with small studies, for tests of what pages read."""

from __future__ import annotations

from pathlib import Path

from se_bench.store.repository import Store
from tests.analysis.small_studies import Measured
from tests.dashboard.live.databases import keep_study


def keep(path: Path, **studies: Measured) -> str:
    """The address of a database with these studies."""
    with Store.open(str(path), create=True) as store:
        for name, measured in studies.items():
            keep_study(store, name, measured)
    return str(path)
