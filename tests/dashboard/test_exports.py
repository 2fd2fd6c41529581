"""A download is the selection: every row of it, to the last digit, with where it is from, and nothing that runs."""

from __future__ import annotations

import csv
import io
import json
import shlex
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet
import pytest

from se_bench.config.filter_text import parse
from se_bench.config.filters import EVERYTHING, Kind, one_of
from se_bench.dashboard import exports
from se_bench.dashboard.demo.fill import fill
from se_bench.dashboard.exports import FORMS, Form, Selection, export, provenance
from se_bench.dashboard.selection import chosen
from se_bench.errors import FilterError, UnknownNameError
from se_bench.records import Candidate, Cost, Trial
from se_bench.store.frame import Frame
from se_bench.store.frames import Frames
from se_bench.store.repository import Store
from tests.cli.programs import call

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
WANTED = parse("accuracy > 80% and not gate = softmax")


@pytest.fixture(scope="module")
def frames(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Frames]:
    url = str(tmp_path_factory.mktemp("exports") / "demo.db")
    fill(url, "demo_small", trials=300, seeds=3, epochs=2, seed=1)
    with Frames.open(url) as opened:
        yield opened


@pytest.fixture
def frame(frames: Frames) -> Frame:
    return frames.frame("demo_small")


def written(frames: Frames, frame: Frame, form: Form, wanted=EVERYTHING, names: list[str] | None = None) -> bytes:
    chosen = Selection(filter=wanted, places=np.flatnonzero(frame.matching(wanted)))
    return b"".join(export(frame, chosen.places, form, provenance(frames, frame, chosen, form, NOON), names))


def from_csv(data: bytes) -> tuple[dict[str, str], list[dict[str, str]]]:
    lines = data.decode().splitlines(keepends=True)
    told = [line.removeprefix("# ").rstrip("\n").partition(": ") for line in lines if line.startswith("# ")]
    rows = csv.DictReader(io.StringIO("".join(line for line in lines if not line.startswith("# "))))
    return {name: value for name, _, value in told}, list(rows)


def selected(frame: Frame) -> Any:
    return np.flatnonzero(frame.matching(WANTED))


def test_csv_has_every_row_of_the_selection_to_the_last_digit(frames: Frames, frame: Frame):
    told, rows = from_csv(written(frames, frame, "csv", WANTED))
    places = selected(frame)
    assert 0 < len(rows) == len(places) < len(frame)
    assert list(rows[0]) == list(frame.names)
    for name in ("accuracy", "loss", "train_seconds", "macs", "seed", "epochs"):
        expected = frame.column(name).values[places]
        assert [float(row[name]) for row in rows] == expected.tolist()
    assert [row["trial_id"] for row in rows] == frame.trials["trial_id"].plain(places)
    assert [row["candidate"] for row in rows] == frame.column("candidate").plain(places)
    assert told["study"] == "demo_small"
    assert told["filter"] == "accuracy > 0.8 and not gate = softmax"
    assert (told["rows"], told["of"], told["synthetic"]) == (str(len(rows)), "300", "True")
    assert told["exported_at"] == "2026-11-25T12:00:00+00:00"
    assert told["unit of accuracy"] == "fraction of the test split, last epoch"
    assert told["trained_by"] == f"se-bench {exports.se_bench.__version__}"
    command = shlex.split(told["command"])
    assert parse(command[command.index("--filter") + 1]) == WANTED


@pytest.mark.parametrize("by_means", [False, True])
def test_the_query_that_is_told_gives_the_same_rows(frames: Frames, frame: Frame, by_means: bool):
    wanted = parse("seed in (0, 1) and accuracy > 85%")
    places = np.flatnonzero(frame.matching(wanted))
    if by_means:  # as if these candidates' means were above
        among = np.unique(frame.of[places])[::2]
        places = np.flatnonzero(frame.matching(parse("seed in (0, 1)")) & np.isin(frame.of, among))
    told = provenance(frames, frame, Selection(filter=wanted, places=places, by_means=by_means), "csv", NOON)
    with closing(sqlite3.connect(str(frames))) as connection:
        connection.row_factory = sqlite3.Row
        found = [row["trial_id"] for row in connection.execute(told.query)]
    assert found == frame.trials["trial_id"].plain(places)
    assert ("--by-means" in told.command) == by_means


def test_what_is_missing_is_empty_and_infinity_stays(frames: Frames, frame: Frame):
    _, rows = from_csv(written(frames, frame, "csv"))
    missing = frame.column("accuracy").missing()
    assert missing.any()
    assert [row["accuracy"] == "" for row in rows] == missing.tolist()
    assert [row["ended_at"] == "" for row in rows] == frame.column("ended_at").missing().tolist()


def test_json_is_the_rows_and_what_is_told_of_them(frames: Frames, frame: Frame):
    data = json.loads(written(frames, frame, "json", WANTED))
    assert data["rows"] == frame.rows(selected(frame))
    assert data["filter"] == "accuracy > 0.8 and not gate = softmax"
    assert data["units"]["loss"] == "nats on the test split, last epoch"
    assert data["query"] == frames.query(frame, WANTED)


def test_parquet_keeps_types_and_is_told_the_same(frames: Frames, frame: Frame):
    table = pyarrow.parquet.read_table(io.BytesIO(written(frames, frame, "parquet", WANTED)))
    places = selected(frame)
    assert table.column_names == list(frame.names)
    for name in frame.names:
        own = frame.column(name)
        found = table[name].to_pylist()
        if own.kind in (Kind.NUMBER, Kind.FRACTION):
            assert found == [None if np.isnan(each) else each for each in own.values[places].tolist()]
        elif own.kind is Kind.INSTANT:
            assert [each and each.isoformat() for each in found] == own.plain(places)
    types = {"seed": "int64", "accuracy": "double", "baseline": "bool", "gate": "string", "reduction": "int64"}
    assert {name: str(table.schema.field(name).type) for name in types} == types
    assert str(table.schema.field("started_at").type) == "timestamp[us, tz=UTC]"
    assert json.loads(table.schema.metadata[b"se_bench"])["rows"] == len(places)


@pytest.mark.parametrize("form", FORMS)
def test_the_same_selection_is_the_same_bytes(frames: Frames, frame: Frame, form: Form):
    assert written(frames, frame, form, WANTED) == written(frames, frame, form, WANTED)


@pytest.mark.parametrize("form", FORMS)
def test_large_selections_come_in_pieces_that_make_the_same_file(
    frames: Frames, frame: Frame, form: Form, monkeypatch: pytest.MonkeyPatch
):
    whole = written(frames, frame, form)
    monkeypatch.setattr(exports, "_ROWS_AT_ONCE", 70)
    pieces = written(frames, frame, form)
    if form == "parquet":
        tables = [pyarrow.parquet.read_table(io.BytesIO(data)) for data in (whole, pieces)]
        assert tables[0].equals(tables[1])
    else:
        assert pieces == whole


@pytest.mark.parametrize("form", FORMS)
def test_nothing_selected_is_a_file_without_rows(frames: Frames, frame: Frame, form: Form):
    data = written(frames, frame, form, one_of("trial_id", ["none"]))
    if form == "csv":
        assert from_csv(data)[1] == []
        assert data.decode().splitlines()[-1].startswith('"trial_id","candidate"')
    elif form == "json":
        assert json.loads(data)["rows"] == []
    else:
        assert pyarrow.parquet.read_table(io.BytesIO(data)).num_rows == 0


def test_some_columns(frames: Frames, frame: Frame):
    assert list(from_csv(written(frames, frame, "csv", names=["seed", "accuracy"]))[1][0]) == ["seed", "accuracy"]
    with pytest.raises(UnknownNameError) as caught:
        written(frames, frame, "csv", names=["acuracy"])
    assert caught.value.nearest == "accuracy"
    with pytest.raises(FilterError):
        written(frames, frame, "csv", parse("colour = red"))


def test_no_cell_is_run_by_a_spreadsheet(tmp_path: Path):
    formulas = ["=1+1", "+cmd|'/c calc'!A1", "-2+3", "@SUM(A1)", "\tx"]
    others = ["-5", "+1e3", 'a "word", and\nlines']
    labels = formulas + others
    with Store.open(str(tmp_path / "x.db"), create=True) as store:
        candidates = [_candidate(number, label) for number, label in enumerate(labels)]
        store.register("odd", "=A1", {}, candidates, [_trial(number) for number in range(len(labels))])
    with Frames.open(str(tmp_path / "x.db")) as frames:
        frame = frames.frame("odd")
        text = written(frames, frame, "csv").decode()
        _, _, rows = text.partition('"trial_id"')
        found = list(csv.DictReader(io.StringIO('"trial_id"' + rows)))
        as_text = ["'" + label for label in formulas] + others
        assert [row["candidate"] for row in found] == as_text
        assert [row["'=axis"] for row in found] == as_text
        data = json.loads(written(frames, frame, "json"))
        assert [row["candidate"] for row in data["rows"]] == labels
        table = pyarrow.parquet.read_table(io.BytesIO(written(frames, frame, "parquet")))
        assert table["candidate"].to_pylist() == labels


def _candidate(number: int, label: str) -> Candidate:
    cost = Cost(params=1, block_params=0, buffers=0, macs=1, elementwise=1, activations=1, memory_bytes=1)
    return Candidate(
        architecture_id=f"a{number}", label=label, axes={"=axis": label}, architecture={}, is_baseline=False, cost=cost
    )


def _trial(number: int) -> Trial:
    return Trial(
        trial_id=f"t{number}",
        architecture_id=f"a{number}",
        architecture={},
        dataset={},
        dataset_fingerprint="x",
        recipe={},
        seed=0,
        numerics_version=1,
    )


class TestTheCommand:
    @pytest.fixture(scope="class")
    def database(self, tmp_path_factory: pytest.TempPathFactory) -> str:
        url = str(tmp_path_factory.mktemp("command") / "demo.db")
        fill(url, "demo_small", trials=60, seeds=3, epochs=1, seed=1)
        return url

    def test_it_writes_the_selection(self, database: str):
        words = ["export", "demo_small", "--rows", "trials", "--filter", "seed = 1 and accuracy is known"]
        found = call(*words, "--db", database)
        assert found.code == 0
        told, rows = from_csv(found.out.encode())
        assert rows
        assert {row["seed"] for row in rows} == {"1"}
        again = call(*shlex.split(told["command"])[1:])
        assert from_csv(again.out.encode())[1] == rows

    def test_means_are_asked_as_on_the_pages(self, database: str):
        words = ["export", "demo_small", "--rows", "trials", "--by-means", "--db", database, "--filter"]
        told, rows = from_csv(call(*words, "accuracy > 85%").out.encode())
        with Frames.open(database) as frames:
            frame = frames.frame("demo_small")
            expected = frame.trials["trial_id"].plain(np.flatnonzero(chosen(frame, parse("accuracy > 85%"))))
        assert [row["trial_id"] for row in rows] == expected
        assert any(row["accuracy"] and float(row["accuracy"]) <= 0.85 for row in rows)
        again = call(*shlex.split(told["command"])[1:])
        assert from_csv(again.out.encode())[1] == rows
        assert call(*words, "accuracy > 85% or seed = 1").code == 2

    def test_parquet_needs_a_file(self, database: str, tmp_path: Path):
        words = ["export", "demo_small", "--rows", "trials", "--filter", "", "--format", "parquet", "--db", database]
        assert call(*words).code == 2
        assert call(*words, "-o", str(tmp_path / "x.parquet")).code == 0
        assert pyarrow.parquet.read_table(tmp_path / "x.parquet").num_rows == 60

    @pytest.mark.parametrize(
        ("words", "said"),
        [
            (["--rows", "trials", "--filter", "acuracy > 1"], "did you mean: accuracy"),
            (["--rows", "trials", "--filter", "seed ="], "a value is missing (character 7)"),
            (["--filter", "seed = 1"], "add --rows trials"),
            (["--rows", "trials", "--filter", "seed = 1", "--format", "latex"], "allowed: csv, json, parquet"),
            (["--rows", "trials", "--filter", "seed = 1", "--seeds", "3"], "--seeds does not go with --filter"),
        ],
    )
    def test_what_cannot_be_meant_is_refused(self, database: str, words: list[str], said: str):
        found = call("export", "demo_small", *words, "--db", database)
        assert (found.code, found.out) == (2, "")
        assert said in found.err

    def test_a_study_that_is_not_there(self, database: str):
        found = call("export", "demo_smal", "--rows", "trials", "--filter", "", "--db", database)
        assert found.code == 2
        assert "did you mean: demo_small" in found.err
