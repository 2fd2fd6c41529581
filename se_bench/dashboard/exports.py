"""The trials that a filter lets through as CSV, JSON or Parquet: all rows, full precision, and where they are from.

What is told of the export itself stands in lines that begin with ``#`` in CSV, in fields beside ``rows`` in JSON,
and in the schema's metadata (key ``se_bench``) in Parquet.
"""

from __future__ import annotations

import io
import json
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, get_args

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

import se_bench
from se_bench.config.axes import show
from se_bench.config.filters import Filter, Kind
from se_bench.dashboard.forms import as_text
from se_bench.dashboard.selection import chosen
from se_bench.errors import unknown_name
from se_bench.store.column import Column, Places
from se_bench.store.frame import Frame
from se_bench.store.frames import Frames

Form = Literal["csv", "json", "parquet"]
FORMS: tuple[Form, ...] = get_args(Form)
MEDIA: Mapping[Form, str] = {"csv": "text/csv", "json": "application/json", "parquet": "application/vnd.apache.parquet"}

UNITS: Mapping[str, str] = {
    "accuracy": "fraction of the test split, last epoch",
    "loss": "nats on the test split, last epoch",
    "validation_accuracy": "fraction of the validation split, last epoch",
    "train_seconds": "seconds of all epochs, steps and evaluations",
    "params": "trainable parameters",
    "block_params": "trainable parameters of attention blocks",
    "buffers": "elements",
    "macs": "multiply-accumulates of convolutions and linear layers, one image",
    "elementwise": "operations of everything else, one image",
    "activations": "elements written, one image",
    "memory_bytes": "bytes read and written, one image",
    "started_at": "UTC",
    "ended_at": "UTC",
    "updated_at": "UTC",
}

_ROWS_AT_ONCE = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """What an export says of itself."""

    study: str
    question: str
    filter: str
    by_means: bool
    """Whether conditions on what is measured are on candidates' means over seeds, or on each trial."""
    rows: int
    of: int
    """Trials of the study."""
    synthetic: bool
    """Whether the results are invented."""
    exported_at: datetime
    se_bench: str
    """The version that wrote the file."""
    trained_by: tuple[str, ...]
    """The versions that trained these trials, with their commits."""
    command: str
    """What writes these rows again."""
    query: str
    """What gives them from the database itself."""

    def as_data(self) -> dict[str, Any]:
        """With the units of the columns, as JSON has it."""
        fields = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return {**fields, "exported_at": self.exported_at.isoformat(timespec="seconds"), "units": dict(UNITS)}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Selection:
    """The trials that were chosen, and how."""

    filter: Filter
    places: Places
    by_means: bool = False
    """Whether conditions on what is measured are on candidates' means (:meth:`Frame.divided`)."""


def select(frame: Frame, filter_: Filter, *, by_means: bool) -> Selection:
    """The trials that a filter chooses, in the order of the plan. Raises :class:`FilterError`."""
    places = np.flatnonzero(chosen(frame, filter_, each=not by_means))
    return Selection(filter=filter_, places=places, by_means=by_means)


def write_selection(
    database: str, study: str, filter_: Filter, form: Form, now: datetime, *, by_means: bool = False
) -> Iterator[bytes]:
    """The file of a study's trials that a filter lets through, each by its own numbers or ``by_means``.

    Raises :class:`StoreError`, :class:`UnknownNameError` and :class:`FilterError` before the first piece.
    """
    with Frames.open(database) as frames:
        frame = frames.frame(study)
        found = select(frame, filter_, by_means=by_means)
        yield from export(frame, found.places, form, provenance(frames, frame, found, form, now))


def provenance(frames: Frames, frame: Frame, found: Selection, form: Form, now: datetime) -> Provenance:
    """Of an export of these trials. Raises :class:`FilterError`."""
    head = frames.study(frame.study)
    words = ["se-bench", "export", frame.study, "--rows", "trials", "--filter", str(found.filter)]
    words += ["--by-means"] if found.by_means else []
    return Provenance(
        study=frame.study,
        question=head.question,
        filter=str(frame.bound(found.filter)),
        by_means=found.by_means,
        rows=len(found.places),
        of=len(frame),
        synthetic=head.synthetic,
        exported_at=now,
        se_bench=se_bench.__version__,
        trained_by=_versions(frames, frame.trials["run_id"].spread(found.places)),
        command=shlex.join([*words, "--format", form, "--db", str(frames)]),
        query=_query(frames, frame, found),
    )


def export(
    frame: Frame, places: Places, form: Form, told: Provenance, names: Sequence[str] | None = None
) -> Iterator[bytes]:
    """The file, piece by piece: the trials at ``places``, in that order.

    ``names`` chooses columns; without it there are all. Raises :class:`UnknownNameError`.
    """
    columns = tuple(frame.names if names is None else names)
    if unknown := [name for name in columns if name not in frame.names]:
        raise unknown_name("column", unknown[0], frame.names)
    write = {"csv": _csv, "json": _json, "parquet": _parquet}[form]
    return write(frame, places, columns, told.as_data())


def _query(frames: Frames, frame: Frame, found: Selection) -> str:
    if not found.by_means:
        return frames.query(frame, found.filter)
    of_trials, _ = frame.divided(found.filter)
    among = np.zeros(len(frame.positions), dtype=bool)
    among[frame.of[found.places]] = True
    return frames.query(frame, of_trials, among)


def _csv(frame: Frame, places: Places, names: Sequence[str], told: Mapping[str, Any]) -> Iterator[bytes]:
    lines = [f"# {name}: {_line(value)}\n" for name, value in told.items() if name != "units"]
    lines += [f"# unit of {name}: {unit}\n" for name, unit in UNITS.items() if name in names]
    yield "".join(lines).encode()
    header = True
    for table in _tables(frame, places, names, guarded=True):
        part = io.BytesIO()
        pyarrow.csv.write_csv(table, part, pyarrow.csv.WriteOptions(include_header=header))
        header = False
        yield part.getvalue()


def _json(frame: Frame, places: Places, names: Sequence[str], told: Mapping[str, Any]) -> Iterator[bytes]:
    head = json.dumps(told, indent=1, allow_nan=False)
    yield head.removesuffix("\n}").encode() + b',\n "rows": ['
    for first in range(0, len(places), _ROWS_AT_ONCE):
        rows = frame.rows(places[first : first + _ROWS_AT_ONCE], names)
        separator = b",\n  " if first else b"\n  "
        yield separator + ",\n  ".join(json.dumps(row, allow_nan=False) for row in rows).encode()
    yield b"\n ]\n}\n"


def _parquet(frame: Frame, places: Places, names: Sequence[str], told: Mapping[str, Any]) -> Iterator[bytes]:
    sink = io.BytesIO()
    writer = None
    for table in _tables(frame, places, names, guarded=False):
        described = table.replace_schema_metadata({"se_bench": json.dumps(told, allow_nan=False)})
        writer = writer or pyarrow.parquet.ParquetWriter(sink, described.schema, compression="zstd")
        writer.write_table(described)
    assert writer is not None
    writer.close()
    yield sink.getvalue()


def _tables(frame: Frame, places: Places, names: Sequence[str], *, guarded: bool) -> Iterator[pa.Table]:
    """The rows, some ten thousand at a time; one table without rows where there are none."""
    for first in range(0, max(1, len(places)), _ROWS_AT_ONCE):
        some = places[first : first + _ROWS_AT_ONCE]
        columns = []
        for name in names:
            of_candidate = name in frame.candidates
            own = frame.candidates[name] if of_candidate else frame.trials[name]
            columns.append(_array(own, frame.of[some] if of_candidate else some, guarded=guarded))
        yield pa.table(columns, names=[as_text(name) if guarded else name for name in names])


def _array(column: Column, places: Places, *, guarded: bool) -> pa.Array:
    """The values at ``places``, with the type that they have in common; ``guarded``: text cannot be a formula."""
    values = column.values[places]
    if column.kind is Kind.INSTANT:
        return pa.array(values, pa.timestamp("us")).cast(pa.timestamp("us", tz="UTC"))
    if column.kind is Kind.TEXT:
        return pa.array([as_text(each.decode()) if guarded else each.decode() for each in values.tolist()], pa.string())
    if column.kind is not Kind.CATEGORY:
        return pa.array(values, from_pandas=True)
    kinds = {type(each) for each in column.categories}
    one_type = {frozenset({bool}): pa.bool_(), frozenset({int}): pa.int64(), frozenset({float}): pa.float64()}
    found = one_type.get(frozenset(kinds))
    categories: list[Any] = list(column.categories)
    if found is None:
        categories = [each if isinstance(each, str) else show(each) for each in categories]
        categories = [as_text(each) for each in categories] if guarded else categories
    taken = np.where(values < 0, len(categories), values)
    return pa.array([*categories, None], found or pa.string()).take(pa.array(taken))


def _line(value: Any) -> str:
    """A value in one line of a comment."""
    text = ", ".join(value) if isinstance(value, tuple) else str(value)
    return " ".join(text.split())


def _versions(frames: Frames, runs: Column) -> tuple[str, ...]:
    codes = np.unique(runs.values[runs.values >= 0])
    environments = [run.environment for run in frames.runs(str(runs.categories[code]) for code in codes)]
    words = (f"se-bench {each.get('se_bench')} {each.get('git_commit') or ''}".strip() for each in environments)
    return tuple(dict.fromkeys(words))
