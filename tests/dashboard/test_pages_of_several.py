"""What the pages of several studies say: the list, and the comparison."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from se_bench.dashboard.pages.compare import differences, errors, fronts
from se_bench.dashboard.pages.studies import lines, state
from se_bench.dashboard.reader import Reader
from se_bench.records import Status
from tests.analysis.small_studies import FULL, ODD
from tests.dashboard.kept_studies import keep


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    studies = {"full": FULL, "seed": ODD["one seed"], "failed": ODD["failed only"], "half": ODD["half way"]}
    with Reader(keep(tmp_path_factory.mktemp("several") / "results.db", **studies)) as opened:
        yield opened


def names(reader: Reader, search: str = "", sort: str = "name") -> list[str]:
    return [study.name for study, _ in lines(reader, search, sort)]


def test_the_list_is_in_the_order_that_was_asked_for(reader: Reader) -> None:
    assert names(reader) == ["failed", "full", "half", "seed"]
    assert names(reader, sort="-name") == ["seed", "half", "full", "failed"]
    assert names(reader, sort="-total")[0] == "full"
    assert names(reader, sort="-best") == ["half", "seed", "full", "failed"]  # equals by name, nothing last


def test_every_word_must_stand_in_the_name_or_the_question(reader: Reader) -> None:
    assert names(reader, "FUL so") == ["full"]
    assert names(reader, "full no") == []


@pytest.mark.parametrize(
    ("counts", "word"),
    [
        ({}, "empty"),
        ({Status.PLANNED: 3}, "planned"),
        ({Status.PLANNED: 3, Status.RUNNING: 1}, "running"),
        ({Status.PLANNED: 1, Status.COMPLETED: 1}, "unfinished"),
        ({Status.FAILED: 1, Status.COMPLETED: 1}, "finished"),
    ],
)
def test_the_state_of_a_study_in_a_word(counts: dict[Status, int], word: str) -> None:
    assert state({status: counts.get(status, 0) for status in Status}) == word


def test_fronts_are_compared_with_a_row_a_study(reader: Reader) -> None:
    found = fronts(reader, ["full", "seed", "failed"])
    assert found.figure is not None
    assert found.table is not None
    assert [row[0] for row in found.table.rows] == ["full", "seed"]
    assert "failed" in found.caption


def test_errors_are_compared_with_a_line_a_study(reader: Reader) -> None:
    found = errors(reader, ["full", "seed", "failed"])
    assert found.figure is not None
    shown = " ".join(trace.name or "" for trace in found.figure.data)
    assert "full" in shown
    assert "seed" in shown


def test_nothing_to_compare_is_said(reader: Reader) -> None:
    assert fronts(reader, []).caption == "Choose studies above."
    assert fronts(reader, ["failed"]).figure is None
    assert errors(reader, ["failed"]).figure is None


def test_definitions_differ_where_their_keys_do() -> None:
    one = {"study": {"seeds": 3, "plan": {"vary": {"gate": ["a", "b"]}}, "claims": [1]}, "setting": {"name": "x"}}
    other = {"study": {"seeds": 3, "plan": {"vary": {"r": [2]}}, "claims": []}, "setting": {"name": "y"}}
    assert differences({"one": one, "other": other}) == [
        ("study.plan.vary.gate", "a, b", "–"),
        ("setting.name", "x", "y"),
        ("study.plan.vary.r", "–", "2"),
    ]
    assert differences({"one": one, "same": one}) == []
