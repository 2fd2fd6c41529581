"""Asking a database by what was built, whichever study asked for it: which nets it knows, and which trials."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Text, cast, select

from se_bench.records import MeasuredTrial, Net, Status, TrialResult
from se_bench.store.bulk import select_in
from se_bench.store.database import open_engine, reading, translated
from se_bench.store.tables import ArchitectureRow, TrialRow

_RESULT = tuple(TrialResult.__dataclass_fields__)
_SETTING = ("dataset", "dataset_fingerprint", "recipe", "numerics_version")


def nets(url: str) -> list[Net]:
    """Every net without its blocks that an architecture of the database is built on, each once.

    Raises :class:`StoreError` where the database cannot be opened.
    """
    parts = [cast(ArchitectureRow.spec[name], Text) for name in ("backbone", "options", "input_shape", "classes")]
    found: dict[str, Net] = {}
    with _reading(url) as connection:
        for row in connection.execute(select(*parts).distinct()):
            backbone, options, (channels, height, width), classes = (json.loads(part) for part in row)
            net = Net(backbone=backbone, options=options, input_shape=(channels, height, width), classes=classes)
            found.setdefault(json.dumps([backbone, options, net.input_shape, classes], sort_keys=True), net)
    return [found[name] for name in sorted(found)]


def over(url: str, architecture_ids: Iterable[str]) -> list[MeasuredTrial]:
    """Every trial of these architectures that is over, with where it was measured, in order of trial ids.

    Raises :class:`StoreError` where the database cannot be opened.
    """
    columns = [getattr(TrialRow, name) for name in (*_RESULT, *_SETTING)]
    ends = [status for status in Status if status.ends]
    query = select(*columns).where(TrialRow.status.in_(ends))
    with _reading(url) as connection:
        rows = [row._asdict() for row in select_in(connection, query, TrialRow.architecture_id, architecture_ids)]
    trials = (
        MeasuredTrial(
            result=TrialResult(**{name: row[name] for name in _RESULT}), **{name: row[name] for name in _SETTING}
        )
        for row in rows
    )
    return sorted(trials, key=lambda trial: trial.result.trial_id)


@contextmanager
def _reading(url: str) -> Iterator[Connection]:
    engine = open_engine(url, only_read=True)
    try:
        with translated(engine.url), reading(engine) as connection:
            yield connection
    finally:
        engine.dispose()
