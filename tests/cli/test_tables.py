"""Rows as CSV, Markdown and JSON, and tables for terminals of any width."""

from __future__ import annotations

import csv
import io
import json
import math
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from se_bench.analysis.rows import candidate_rows, epoch_rows, trial_rows
from se_bench.cli import files, show
from se_bench.cli.progress import clock
from se_bench.dashboard import forms
from se_bench.records import Status
from tests.analysis.small_studies import FULL, ODD, Measured, answered, with_claim

numbers = st.floats(allow_nan=False) | st.integers(-(10**9), 10**9)


def rows_of(measured: Measured) -> list[list[dict[str, Any]]]:
    answer = answered(measured)
    return [candidate_rows(answer), trial_rows(answer.study, answer.records), epoch_rows(answer.records)]


@settings(deadline=None)
@given(st.lists(st.tuples(numbers, st.none() | numbers), min_size=1, max_size=8))
def test_csv_numbers_read_back_exactly(pairs: list[tuple[float, float | None]]) -> None:
    text = forms.table([{"always": one, "sometimes": other} for one, other in pairs], "csv")
    found = list(csv.DictReader(io.StringIO(text)))
    for row, (one, other) in zip(found, pairs, strict=True):
        assert type(one)(row["always"]) == one
        assert row["sometimes"] == "" if other is None else type(other)(row["sometimes"]) == other


@pytest.mark.parametrize("measured", [FULL, *ODD.values()], ids=["full", *ODD])
def test_every_row_of_a_study_can_be_written_in_every_format(measured: Measured) -> None:
    for rows in rows_of(measured):
        as_csv = list(csv.DictReader(io.StringIO(forms.table(rows, "csv"))))
        as_json = json.loads(forms.table(rows, "json"), parse_constant=pytest.fail)
        as_markdown = forms.table(rows, "markdown").strip().splitlines()
        assert len(as_csv) == len(as_json) == len(rows)
        if rows:
            assert list(as_csv[0]) == list(as_json[0]) == list(rows[0])
            assert len(as_markdown) == len(rows) + 2
            assert {line.count("|") for line in as_markdown} == {len(rows[0]) + 1}


def test_a_whole_number_stays_one_where_other_rows_have_none() -> None:
    text = forms.table([{"reduction": None}, {"reduction": 16}], "csv")
    assert text == 'reduction\n""\n16\n'


def test_rows_with_other_columns_stand_beside_each_other() -> None:
    rows = [{"a": 1, "b": 2.5}, {"a": 3, "c": True}]
    assert forms.table(rows, "csv") == "a,b,c\n1,2.5,\n3,,True\n"
    assert [line.split() for line in forms.table(rows, "markdown").splitlines()[2:]] == [
        ["|", "1", "|", "2.5", "|", "|"],
        ["|", "3", "|", "|", "True", "|"],
    ]
    assert forms.table([], "csv") == ""


def test_a_diverged_epoch_is_null_in_json_and_empty_in_csv() -> None:
    rows = epoch_rows(answered(ODD["failed only"]).records)
    assert any(math.isnan(row["test_loss"]) for row in rows)
    written = [row["test_loss"] for row in json.loads(forms.table(rows, "json"))]
    assert written == [None if math.isnan(row["test_loss"]) else row["test_loss"] for row in rows]
    read = [row["test_loss"] for row in csv.DictReader(io.StringIO(forms.table(rows, "csv")))]
    assert read == ["" if math.isnan(row["test_loss"]) else repr(row["test_loss"]) for row in rows]


def test_words_that_would_break_a_table_do_not() -> None:
    rows = [{"error": 'a "quoted"|piped\ncause, in two lines', "n": 1}, {"error": "=1+1", "n": -2}]
    found = list(csv.DictReader(io.StringIO(forms.table(rows, "csv"))))
    assert found == [{"error": rows[0]["error"], "n": "1"}, {"error": "'=1+1", "n": "-2"}]
    lines = forms.table(rows, "markdown").strip().splitlines()
    assert len(lines) == 4
    assert 'a "quoted"\\|piped cause, in two lines' in lines[2]


@given(st.text(max_size=6))
def test_no_cell_is_a_formula_and_every_number_stays_one(text: str) -> None:
    ((header,), (cell,)) = csv.reader(io.StringIO(forms.as_csv([{f"x{text}": text}]), newline=""))
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    assert header == f"x{text}"
    try:
        float(text)
        is_number = True
    except ValueError:
        is_number = False
    assert cell == (f"'{text}" if text[:1] in tuple("=+-@\t\n") and text and not is_number else text)


def test_headers_are_no_formulas_either() -> None:
    assert forms.as_csv([{"@sum": 1, "-2.5": 2, "+x": 3}]) == "'@sum,-2.5,'+x\n1,2,3\n"


def test_a_file_is_written_whole_and_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files.write("text\n", tmp_path / "new" / "rows.csv")
    assert (tmp_path / "new" / "rows.csv").read_text() == "text\n"
    said = capsys.readouterr()
    assert (said.out, said.err) == ("", f"Wrote {tmp_path / 'new' / 'rows.csv'}\n")
    files.write("text\n", None)
    assert capsys.readouterr().out == "text\n"


def printed(measured: Measured, width: int) -> str:
    out = io.StringIO()
    show.answer(Console(file=out, width=width, highlight=False, emoji=False), with_claim(measured))
    return out.getvalue()


def test_a_long_label_goes_on_in_the_next_line() -> None:
    axes = [f"axis{number}=value{number}" for number in range(9)]
    shown = printed({"baseline": {0: 0.8, 1: 0.9}, " ".join(axes): {0: 0.85, 1: 0.86}}, 100)
    assert "…" not in shown
    assert re.findall(r"axis\d=value\d", shown) == axes
    assert "0.8550" in shown


def test_candidates_without_a_whole_trial_are_counted_and_have_no_row() -> None:
    stopped = {"reduction=2": {0: Status.STOPPED}, "reduction=4": {0: 0.8, 1: Status.STOPPED}}
    shown = printed({"baseline": {0: 0.8, 1: 0.9}, **stopped, "reduction=8": {0: Status.PLANNED}}, 160)
    rows = [line.split()[0] for line in shown.splitlines() if line.strip().startswith(("baseline", "reduction"))]
    assert rows == ["baseline", "reduction=4", "reduction=8"]
    assert "Candidates without a whole trial, which have no row here: 1." in shown


@pytest.mark.parametrize("width", [80, 100, 160])
def test_a_narrow_terminal_loses_no_number(width: int) -> None:
    wide, narrow = printed(FULL, 300), printed(FULL, width)
    assert "…" not in narrow
    assert sorted(re.findall(r"[\d.,]*\d", narrow)) == sorted(re.findall(r"[\d.,]*\d", wide))
    assert max(len(line) for line in narrow.splitlines() if "─" in line) <= width


def test_names_are_printed_as_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    name = "[red]x[/red]:smile:"
    show.answer(show.console(), with_claim({"baseline": {0: 0.8}, name: {0: 0.9}}))
    assert name in capsys.readouterr().out


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-3, "0 s"),
        (0.4, "0 s"),
        (59.4, "59 s"),
        (59.6, "1 min 00 s"),
        (200, "3 min 20 s"),
        (3600, "1 h 00 min"),
        (7500, "2 h 05 min"),
        (86400 * 4 + 3 * 3600, "4 d 3 h"),
    ],
)
def test_times_are_in_two_units_at_most(seconds: float, text: str) -> None:
    assert clock(seconds) == text
