"""What pages read is what analysis says of the same records, read once as long as nothing changes."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from se_bench.analysis import pareto, seed_table
from se_bench.config.dashboard import Panel
from se_bench.config.filter_text import parse
from se_bench.config.load import load_study
from se_bench.dashboard import reader as reading
from se_bench.dashboard import tables
from se_bench.dashboard.question import Question
from se_bench.dashboard.reader import Reader, Stretch, TooManyTrials
from se_bench.errors import UnknownNameError, UserError
from se_bench.records import Started, Status
from se_bench.run import definition
from se_bench.search.plan import make_plan
from se_bench.store.repository import Store
from tests.analysis.small_studies import FULL, ODD
from tests.dashboard.kept_studies import keep
from tests.dashboard.live.databases import trial_id

MACS = Question(y="accuracy", x="macs")


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    odd = {name.replace(" ", "_"): measured for name, measured in ODD.items()}
    with Reader(keep(tmp_path_factory.mktemp("reader") / "results.db", full=FULL, **odd)) as opened:
        yield opened


@pytest.mark.parametrize("study", ["full", *[name.replace(" ", "_") for name in ODD]])
def test_the_table_of_a_frame_is_that_of_its_records(reader: Reader, study: str) -> None:
    frame = reader.frames.frame(study)
    found, points = tables.of(frame, np.ones(len(frame), dtype=bool))
    whole = seed_table.of(reader.answer(study))
    with_trials = [place for place, label in enumerate(whole.labels) if label in found.labels]
    expected = whole.only(np.isin(np.arange(len(whole.labels)), with_trials))
    assert found.labels == expected.labels
    assert found.seeds == expected.seeds
    for name, values in expected.metrics.items():
        np.testing.assert_array_equal(found.metrics[name][:, : values.shape[1]], values)
    for name, costs in expected.costs.items():
        np.testing.assert_array_equal(found.costs[name], costs)
    np.testing.assert_array_equal(found.unsuccessful, expected.unsuccessful)
    np.testing.assert_array_equal(found.baseline, expected.baseline)
    assert [frame.column("candidate").plain([place])[0] for place in points] == list(found.labels)


def test_the_front_of_a_question_is_that_of_the_report(reader: Reader) -> None:
    found = reader.drawable("full", MACS).value
    expected = pareto.compute(reader.answer("full"), Panel(figure="pareto", x=("macs",)))
    assert found is not None
    assert found.labels == expected.labels
    assert found.axes[0].front == expected.axes[0].front
    np.testing.assert_array_equal(found.axes[0].state, expected.axes[0].state)
    np.testing.assert_array_equal(found.low, expected.low)


def test_a_point_can_be_each_trial(reader: Reader) -> None:
    found = reader.drawable("full", Question(y="accuracy", x="macs", each=True))
    assert found.value is not None
    assert len(found.value.labels) == 9
    ids = reader.frames.frame("full").trials["trial_id"].plain(found.points)
    assert [label.rpartition(" seed ") for label in found.value.labels] == [
        (each.split("-", 1)[1].rpartition("-")[0], " seed ", each[-1]) for each in ids
    ]


def test_the_front_of_all_stands_behind_a_filtered_one(reader: Reader) -> None:
    only = parse("macs > 10000")
    found = reader.drawable("full", Question(y="accuracy", x="macs", only=only, front_of_all=True))
    assert found.behind is not None
    assert len(found.behind.labels) == 3
    assert reader.drawable("full", Question(y="accuracy", x="macs", only=only)).behind is None


def test_what_is_asked_twice_is_computed_once_until_something_changes(tmp_path: Path) -> None:
    with Reader(keep(tmp_path / "results.db", half=ODD["half way"])) as reader:
        first, answer = reader.drawable("half", MACS), reader.answer("half")
        assert reader.drawable("half", MACS) is first
        assert reader.answer("half") is answer
        with Store.open(str(tmp_path / "results.db")) as store:
            store.keep(Started(trial_id=trial_id("half", "reduction=4", 0), run_id="run of half", at=datetime.now(UTC)))
        assert reader.drawable("half", MACS) is not first
        assert reader.answer("half").counts[Status.RUNNING] == answer.counts[Status.RUNNING] + 1


def test_a_stretch_of_the_table_has_the_columns_that_were_asked_for(reader: Reader) -> None:
    stretch = Stretch(start=1, end=3, names=("candidate", "accuracy"))
    found = reader.block("full", MACS, parse("seed < 2"), [("accuracy", "desc")], stretch)
    assert (found.shown, found.total) == (6, 9)
    assert found.rows == [
        {"candidate": "reduction=2", "accuracy": 0.85},
        {"candidate": "reduction=16", "accuracy": 0.83},
    ]


def test_of_too_many_trials_a_filter_is_asked_for(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MOST_ANSWERED", 5)
    with pytest.raises(TooManyTrials, match="9 trials"):
        reader.answer("full", parse("seed >= 0"))
    assert len(reader.answer("full", parse("seed = 0")).records.trials) == 3


def test_a_definition_that_cannot_be_read_leaves_what_needs_none(tmp_path: Path) -> None:
    address = keep(tmp_path / "results.db", full=FULL)
    with Store.open(address) as store:
        kept = store.study("full")
        broken = {**kept.definition, "study": {"name": "full", "from": "another version"}}
        store.register("full", "Is it so?", broken, kept.candidates, kept.trials)
    with Reader(address) as reader:
        head = reader.head("full")
        assert head.study is None
        assert "cannot read" in head.problem
        assert reader.drawable("full", MACS).value is not None
        with pytest.raises(UserError, match="cannot read"):
            reader.answer("full")


def test_a_study_that_is_not_there_is_named_with_the_nearest(reader: Reader) -> None:
    with pytest.raises(UnknownNameError) as refused:
        reader.head("ful")
    assert refused.value.nearest == "full"


def test_axes_that_tell_candidates_apart_can_be_chosen(reader: Reader) -> None:
    assert reader.head("full").axes == ("reduction",)


def test_claims_are_about_what_planning_says(tmp_path: Path) -> None:
    study = load_study("reduction_ratio", seeds=1)
    plan = make_plan(study)
    address = str(tmp_path / "results.db")
    with Store.open(address, create=True) as store:
        store.register(study.name, study.question, definition(study), plan.candidates, plan.trials)
    with Reader(address) as reader:
        found = [(each.claim.id, each.architectures) for each in reader.answer(study.name).claims]
    assert found == [(each.claim.id, each.architectures) for each in plan.claims]
    assert dataclasses.asdict(plan.candidates[0])  # there is something to claim
