"""A frame says of every trial what the store says, and filters and sorts it as one loop over its rows would."""

from __future__ import annotations

import math
from datetime import datetime
from functools import cmp_to_key
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from frame_examples import CANDIDATES, COLUMNS, TRIALS, fill, filters
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from store_examples import trial

from se_bench.config.axes import show
from se_bench.config.filter_text import parse
from se_bench.config.filters import EVERYTHING, Kind
from se_bench.errors import FilterError, UnknownNameError
from se_bench.records import Status
from se_bench.store.frame import COSTS, Frame
from se_bench.store.frames import Frames
from se_bench.store.repository import Store

Row = dict[str, Any]


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> tuple[Frame, list[Row]]:
    """The frame, and the same study as rows made from the store's records."""
    url = str(tmp_path_factory.mktemp("frame") / "results.db")
    with Store.open(url, create=True) as store:
        fill(store)
        records = store.records(TRIALS, CANDIDATES)
    with Frames.open(url) as frames:
        frame = frames.frame("width")
    candidates = {each.architecture_id: each for each in CANDIDATES}
    rows = []
    for result in records.trials:
        candidate = candidates[result.architecture_id]
        row = {name: getattr(result, name) for name in result.__dataclass_fields__}
        row |= {"candidate": candidate.label, "baseline": candidate.is_baseline, "status": result.status.value}
        row |= {name: getattr(candidate.cost, name) for name in COSTS}
        row |= {name if name != "loss" else "axis.loss": value for name, value in candidate.axes.items()}
        rows.append(row)
    return frame, rows


def values(frame: Frame, name: str) -> list[Any]:
    """One of the frame's columns as values of Python that a filter could be asked about."""
    found = frame.column(name)
    if found.kind is Kind.CATEGORY:
        return [found.categories[code] if code >= 0 else None for code in found.values]
    if found.kind is Kind.INSTANT:
        return [datetime.fromisoformat(each) if each else None for each in found.plain()]
    if found.kind is Kind.TEXT:
        return found.plain()
    return [None if math.isnan(each) else each for each in found.values.tolist()]


def test_every_column_has_what_the_store_has(both: tuple[Frame, list[Row]]):
    frame, rows = both
    assert frame.axes == ("gate", "reduction", "stages", "bias", "kernel_size", "axis.loss")
    for name in set(frame.names) - {"updated_at"}:
        assert values(frame, name) == [row.get(name) for row in rows], name
    assert {name for row in rows for name in row} <= set(frame.names)
    assert frame.column("accuracy").values.dtype == np.float64
    assert frame.counts()[Status.COMPLETED] == sum(row["status"] == "completed" for row in rows) == 5
    assert frame.counts()[Status.RUNNING] == 1
    assert not frame.finished


def test_rows_are_what_json_has(both: tuple[Frame, list[Row]]):
    frame, rows = both
    places = np.array([7, 2])
    found = frame.rows(places)
    assert list(found[0]) == list(frame.names)
    for row, place in zip(found, places, strict=True):
        for name, value in row.items():
            expected = rows[place].get(name)
            if isinstance(expected, datetime):
                expected = expected.isoformat()
            if isinstance(expected, tuple):
                expected = show(expected)
            if name != "updated_at":
                assert value == expected, name
    assert frame.rows(np.array([3]), ["seed", "reduction"]) == [{"seed": 0, "reduction": "2+4+8"}]


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_filter_lets_through_what_a_loop_over_rows_would(both: tuple[Frame, list[Row]], data: st.DataObject):
    frame, rows = both
    asked = data.draw(filters(frame))
    bound = frame.bound(asked)
    assert frame.matching(asked).tolist() == [bound.holds(row.get) for row in rows]


def test_a_filter_in_words(both: tuple[Frame, list[Row]]):
    frame, rows = both
    found = frame.matching(parse('acc > 50% and r in (4, 16) and not gate = softmax and candidate ~ "Reduction="'))
    assert [rows[place]["trial_id"] for place in np.flatnonzero(found)] == [
        "trial-00001-0",
        "trial-00001-1",
        "trial-00004-1",
    ]
    assert frame.matching(EVERYTHING).all()
    with pytest.raises(FilterError) as caught:
        frame.matching(parse("reductoin = 4"))
    assert caught.value.nearest == "reduction"


def test_where_means_are_shown_conditions_on_measurements_are_on_means(both: tuple[Frame, list[Row]]):
    frame, _ = both
    first, then = frame.divided(parse("seed in (0, 1) and (acc > 50% or gate = sigmoid) and r = 4 and loss < 1"))
    assert str(first) == "seed in (0, 1) and reduction = 4"
    assert str(then) == "(accuracy > 0.5 or gate = sigmoid) and loss < 1"
    means = {"accuracy": np.array([0.2, 0.6, np.nan, 0.5, 0.9]), "loss": np.array([0.1, 1.5, 0.1, 0.1, 0.2])}
    assert frame.candidates_matching(then, means).tolist() == [False, False, False, True, True]
    assert frame.candidates_matching(EVERYTHING, means).all()
    assert frame.divided(EVERYTHING) == (EVERYTHING, EVERYTHING)
    with pytest.raises(FilterError, match="seed belongs to single trials"):
        frame.divided(parse("acc > 50% or seed = 1"))


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_table_is_sorted_as_a_loop_over_rows_would(both: tuple[Frame, list[Row]], data: st.DataObject):
    frame, rows = both
    names = st.sampled_from([each for each in COLUMNS if each != "updated_at"])
    sort = data.draw(st.lists(st.tuples(names, st.sampled_from(["asc", "desc"])), min_size=1, max_size=3))
    some = np.array(sorted(data.draw(st.sets(st.integers(0, len(rows) - 1)))), dtype=int)

    def compared(one: int, other: int) -> int:
        for name, direction in sort:
            a, b = rows[one].get(name), rows[other].get(name)
            if a is None or b is None:
                sign, ranks = 1, (a is None, b is None)
            else:
                sign = 1 if direction == "asc" else -1
                ranks = (ranked(name, a), ranked(name, b))
            if ranks[0] != ranks[1]:
                return sign if ranks[0] > ranks[1] else -sign
        return -1 if rows[one]["trial_id"] < rows[other]["trial_id"] else 1

    assert frame.order(sort, some).tolist() == sorted(some.tolist(), key=cmp_to_key(compared))


def ranked(name: str, value: Any) -> Any:
    if name == "status":
        return list(Status).index(Status(value))
    if frame_kind(name) is Kind.CATEGORY:
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        return (0, value, "") if is_number else (1, 0, show(value))
    return value


def frame_kind(name: str) -> Kind:
    plain = (*COSTS, "accuracy", "loss", "validation_accuracy", "train_seconds", "seed", "epochs")
    return Kind.NUMBER if name in plain or name.endswith("_at") or name == "trial_id" else Kind.CATEGORY


def test_without_a_sort_the_order_is_that_of_the_plan(both: tuple[Frame, list[Row]]):
    frame, rows = both
    assert frame.order(()).tolist() == list(range(len(rows)))
    assert frame.order((), np.array([5, 2])).tolist() == [2, 5]
    with pytest.raises(UnknownNameError) as caught:
        frame.order([("accuracy; DROP TABLE se_bench_trials", "asc")])
    assert "accuracy" in caught.value.allowed


def test_a_trial_is_found_by_its_id(both: tuple[Frame, list[Row]]):
    frame, rows = both
    for place, row in enumerate(rows):
        assert frame.place(row["trial_id"]) == place
    for other in ("", "trial", "trial-00000-00", "zzz", "é"):
        assert frame.place(other) is None


@pytest.mark.parametrize("status", [Status.COMPLETED, Status.FAILED])
def test_counts_of_some(both: tuple[Frame, list[Row]], status: Status):
    frame, rows = both
    mask = frame.matching(parse("seed = 0"))
    assert frame.counts(mask)[status] == sum(row["status"] == status.value and row["seed"] == 0 for row in rows)


def test_a_study_without_trials_and_one_without_candidates_are_frames_too(tmp_path: Path):
    url = str(tmp_path / "results.db")
    with Store.open(url, create=True) as store:
        store.register("nothing", "?", {}, [], [])
        store.register("bare", "?", {}, CANDIDATES[:1], [])
        store.register("width", "?", {}, CANDIDATES, [trial(0), trial(3)])
    with Frames.open(url) as frames:
        for name in ("nothing", "bare"):
            frame = frames.frame(name)
            assert len(frame) == 0
            assert frame.matching(parse("accuracy > 0.5 or not seed = 1")).tolist() == []
            assert frame.order([("accuracy", "desc"), ("trial_id", "asc")]).tolist() == []
            assert frame.rows(frame.order(())) == []
            assert frame.place("x") is None
            assert frame.moved_at is None
            assert frame.finished
        assert [each.total for each in frames.studies()] == [2, 0, 0]
        assert frames.frame("width").column("reduction").plain() == [None, "2+4+8"]
