"""What pages see of a database: always of now, read again only where it moved, and nothing they could write."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from frame_examples import AXES, CANDIDATES, DEFINITION, TRIALS, fill
from sqlalchemy import event, text, update
from sqlalchemy.exc import DBAPIError
from store_examples import NOON, candidate, ended, epoch, finish, gates, latency, run, started, trial

from se_bench.config.filter_text import parse
from se_bench.errors import NoResultsError, StoreError, UnknownNameError
from se_bench.records import Status, TrialResult
from se_bench.store import frames as frames_module
from se_bench.store.database import open_engine, writing
from se_bench.store.frame import Frame
from se_bench.store.frames import Frames
from se_bench.store.merge import merge
from se_bench.store.repository import Store
from se_bench.store.tables import TrialRow

RUNNING, PLANNED = TRIALS[10], TRIALS[11]


@pytest.fixture
def filled(store: Store) -> Store:
    return fill(store)


@pytest.fixture
def frames(filled: Store, url: str) -> Iterator[Frames]:
    with Frames.open(url) as opened:
        yield opened


@contextmanager
def counted(frames: Frames) -> Iterator[list[str]]:
    """The statements that are sent meanwhile."""
    sent: list[str] = []

    def hear(*details: object) -> None:
        sent.append(str(details[2]))

    event.listen(frames._engine, "before_cursor_execute", hear)
    yield sent
    event.remove(frames._engine, "before_cursor_execute", hear)


def same(one: Frame, other: Frame) -> bool:
    """Whether two frames say the same of everything."""
    return one.watermark == other.watermark and one.rows(one.order(())) == other.rows(other.order(()))


MOVES: dict[str, Callable[[Store], object]] = {
    "a trial starts": lambda store: store.keep(started(PLANNED, seconds=200)),
    "a running trial has another epoch": lambda store: store.keep(epoch(RUNNING, 1)),
    "a trial ends": lambda store: store.keep(ended(RUNNING, Status.FAILED, error="a word that no other had")),
    "a failed trial starts again in another run": lambda store: (
        store.begin(run("run-2")),
        store.keep(started(TRIALS[4], "run-2")),
    ),
    "many at once": lambda store: store.keep_all(
        [started(TRIALS[12]), epoch(TRIALS[12], 1), ended(TRIALS[12]), started(TRIALS[13]), epoch(RUNNING, 1)]
    ),
    "results are taken over whole": lambda store: store.keep_results(
        [
            TrialResult(
                trial_id=PLANNED.trial_id,
                architecture_id=PLANNED.architecture_id,
                seed=PLANNED.seed,
                status=Status.COMPLETED,
                epochs=1,
                accuracy=0.875,
                loss=0.25,
                run_id="run-1",
            )
        ],
        [epoch(PLANNED, 1)],
    ),
    "a search adds a candidate": lambda store: store.extend("width", candidate(9), [trial(9, 0)]),
    "a search adds a trial that is known already": lambda store: (
        store.register("other", "?", {}, [candidate(9)], [trial(9)]),
        finish(store, trial(9)),
        store.extend("width", candidate(9), [trial(9)]),
    ),
    "the plan grows": lambda store: store.register("width", "How?", DEFINITION, CANDIDATES, [*TRIALS, trial(2, 9)]),
    "the plan shrinks": lambda store: store.register("width", "How?", DEFINITION, CANDIDATES, TRIALS[5:]),
    "a candidate is spelled otherwise": lambda store: store.register(
        "width", "?", DEFINITION, [replace(CANDIDATES[0], axes={"new": 1}), *CANDIDATES[1:]], TRIALS
    ),
}


@pytest.mark.parametrize("move", MOVES.values(), ids=MOVES.keys())
def test_a_frame_follows_every_move(filled: Store, frames: Frames, url: str, move: Callable[[Store], object]):
    before = frames.frame("width")
    lines = frames.studies()
    marks = (frames.watermark("width"), frames.database_watermark())
    move(filled)
    after = frames.frame("width")
    assert after is not before
    assert frames.watermark("width") != marks[0]
    assert frames.database_watermark() != marks[1]
    with Frames.open(url) as fresh:
        assert same(after, fresh.frame("width"))
        assert not same(before, after)
        assert frames.studies() == fresh.studies() != lines


def test_nothing_is_read_again_while_nothing_moves(frames: Frames):
    before = frames.frame("width")
    marks = (frames.watermark("width"), frames.database_watermark())
    with counted(frames) as sent:
        assert frames.frame("width") is before
        assert frames.watermark("width") == marks[0]
        assert frames.database_watermark() == marks[1]
    assert not [each for each in sent if "se_bench_study_trials" in each or "se_bench_candidates" in each]
    assert frames.studies() == frames.studies()


def test_what_moves_elsewhere_changes_the_database_and_not_the_study(filled: Store, frames: Frames):
    before, mark = frames.frame("width"), frames.database_watermark()
    filled.register("other", "?", {}, [candidate(9)], [trial(9)])
    finish(filled, trial(9))
    assert frames.frame("width") is before
    assert frames.database_watermark() != mark
    assert [each.name for each in frames.studies()] == ["other", "width"]


def test_a_trial_of_two_studies_moves_both(filled: Store, frames: Frames):
    filled.register("other", "?", {}, CANDIDATES, [RUNNING])
    marks = [frames.watermark(name) for name in ("width", "other")]
    frames.studies()
    filled.keep(epoch(RUNNING, 1))
    filled.keep(ended(RUNNING))
    assert [frames.watermark(name) != mark for name, mark in zip(("width", "other"), marks, strict=True)] == [True] * 2
    assert [each.counts[Status.COMPLETED] for each in frames.studies()] in ([1, 6], [6, 1])


def test_a_commit_that_is_dated_before_the_latest_one_is_seen(filled: Store, frames: Frames, url: str):
    """On a server transactions overlap: one that was dated first may be committed last."""
    frames.frame("width")
    filled.keep(epoch(RUNNING, 1))
    frames.frame("width")
    frames.studies()
    engine = open_engine(url)
    seconds = 3 if engine.dialect.name == "sqlite" else 20  # SQLite's writers take turns: only a clock can be late
    late = filled.studies()[0].updated_at - timedelta(seconds=seconds)
    with writing(engine) as connection:
        of_trial = update(TrialRow).where(TrialRow.trial_id == PLANNED.trial_id)
        connection.execute(of_trial.values(status=Status.FAILED, error="late", updated_at=late))
    engine.dispose()
    frame = frames.frame("width")
    place = frame.place(PLANNED.trial_id)
    assert place is not None
    assert frame.rows(np.array([place]), ["status", "error"]) == [{"status": "failed", "error": "late"}]
    assert frames.studies()[0].counts[Status.FAILED] == 2


def test_what_a_merge_brings_is_seen(filled: Store, frames: Frames, url: str, tmp_path: Path):
    other = str(tmp_path / "other.db")
    with Store.open(other, create=True) as store:
        store.register("width", "How wide?", DEFINITION, CANDIDATES, TRIALS)
        store.begin(run())
        finish(store, PLANNED)
    engine = open_engine(other)
    with writing(engine) as connection:
        connection.execute(update(TrialRow).values(updated_at=NOON))  # trained long before this database's trials
    engine.dispose()
    filled.register("width", "How wide?", DEFINITION, CANDIDATES, TRIALS)  # the later plan, so that none comes
    before = frames.frame("width")
    merge(other, url)
    assert frames.frame("width") is not before
    assert frames.frame("width").counts()[Status.COMPLETED] == before.counts()[Status.COMPLETED] + 1


def test_a_list_of_studies_says_what_the_store_says(filled: Store, frames: Frames):
    filled.register("empty", "Nothing?", {}, [], [])
    for _ in range(2):
        found = {each.name: each for each in frames.studies()}
        for summary in filled.studies():
            line = found[summary.name]
            assert {status: count for status, count in line.counts.items() if count} == summary.counts
            assert (line.question, line.updated_at) == (summary.question, summary.updated_at)
            assert not line.synthetic
        assert {name: (each.candidates, each.total) for name, each in found.items()} == {
            "width": (len(CANDIDATES), len(TRIALS)), "empty": (0, 0)
        }  # fmt: skip
        frames.frame("width")
        filled.keep(epoch(RUNNING, 1))


def test_a_study_without_its_trials(frames: Frames):
    head = frames.study("width")
    assert (head.name, head.question, head.definition) == ("width", "How wide?", DEFINITION)
    assert head.axes == ("gate", "reduction", "stages", "bias", "kernel_size", "unused")


@pytest.mark.parametrize("ask", [Frames.frame, Frames.study, Frames.watermark])
def test_a_study_that_is_not_there_is_named_with_those_that_are(frames: Frames, ask: Callable[[Frames, str], object]):
    with pytest.raises(UnknownNameError) as caught:
        ask(frames, "widht")
    assert caught.value.nearest == "width"


def test_the_number_of_statements_does_not_grow_with_the_study(filled: Store, url: str):
    candidates = [candidate(number) for number in range(40)]
    numbers = []
    for size in (2, 40):
        name = f"study-{size}"
        filled.register(name, "?", {}, candidates[:size], [trial(at, 5) for at in range(size)])
        with Frames.open(url) as frames, counted(frames) as sent:
            frame = frames.frame(name)
            frames.studies()
            frame.rows(frame.order([("accuracy", "desc")], np.flatnonzero(frame.matching(parse("not r = 4")))))
            frames.records(frame, frame.order(()))
        numbers.append(len(sent))
    assert numbers[0] == numbers[1]


def test_records_are_those_of_the_store(filled: Store, frames: Frames):
    frame = frames.frame("width")
    places = frame.order((), np.flatnonzero(frame.matching(parse("reduction in (4, 16)"))))
    found = frames.records(frame, places)
    chosen = [each for each in TRIALS if AXES[int(each.architecture_id[-1])].get("reduction") in (4, 16)]
    assert (found.gates, found.latency) == ((), None)
    looked_at = next(each for each in found.trials if each.status is Status.COMPLETED)
    filled.keep_gates(gates(next(each for each in TRIALS if each.trial_id == looked_at.trial_id)), "run-1")
    filled.keep_latency(latency(*CANDIDATES), "run-1")
    found = frames.records(frame, places)
    expected = filled.records(chosen, [each for each in CANDIDATES if each.axes != AXES[3]])
    assert found.trials == expected.trials
    assert [repr(each) for each in found.epochs] == [repr(each) for each in expected.epochs]
    assert found.runs == expected.runs
    assert [each.architecture_id for each in found.candidates] == [each.architecture_id for each in expected.candidates]
    assert found.candidates[0].is_baseline
    assert found.gates == expected.gates
    assert len(found.gates) == 1
    assert found.latency == expected.latency == latency(*CANDIDATES)


class TestOneTrial:
    def test_it_comes_with_its_seeds_its_studies_and_their_baselines(self, filled: Store, frames: Frames):
        filled.register("another", "Why?", {}, [replace(CANDIDATES[1], label="the same")], [TRIALS[1]])
        found = frames.trial(TRIALS[1].trial_id)
        assert found.trial == TRIALS[1]
        (result,) = filled.records([TRIALS[1]], []).trials
        assert found.result == result
        assert found.epochs == (epoch(TRIALS[1], 1, **_measured(found, 0)), epoch(TRIALS[1], 2, **_measured(found, 1)))
        assert found.run == run()
        assert [each.result.seed for each in found.seeds] == [0, 1, 7]
        assert [(each.study, each.question, each.candidate.label) for each in found.owners] == [
            ("another", "Why?", "the same"),
            ("width", "How wide?", CANDIDATES[1].label),
        ]
        assert found.owners[0].baseline is None
        assert found.owners[1].baseline is not None
        assert found.owners[1].baseline.architecture_id == CANDIDATES[0].architecture_id
        assert [each.result.seed for each in found.owners[1].baseline_seeds] == [0, 1, 7]
        assert len(found.owners[1].baseline_seeds[0].epochs) == 2

    def test_a_baseline_has_none_and_a_planned_trial_no_run(self, frames: Frames):
        found = frames.trial(TRIALS[0].trial_id)
        assert found.owners[0].baseline is None
        assert found.owners[0].baseline_seeds == ()
        planned = frames.trial(TRIALS[-1].trial_id)
        assert (planned.result.status, planned.run, planned.epochs) == (Status.PLANNED, None, ())

    def test_other_circumstances_are_no_seeds_of_it(self, filled: Store, frames: Frames):
        others = [
            trial(1, 50, recipe={"epochs": 3, "lr": 0.1}),
            trial(1, 51, dataset_fingerprint="beef"),
            trial(1, 52, numerics_version=2),
        ]
        filled.register("others", "?", {}, CANDIDATES, others)
        assert [each.result.seed for each in frames.trial(TRIALS[1].trial_id).seeds] == [0, 1, 7]

    def test_one_that_is_not_there(self, frames: Frames):
        with pytest.raises(UnknownNameError, match="no trial 'nothing'"):
            frames.trial("nothing")

    def test_curves_of_some(self, frames: Frames):
        found = frames.curves([TRIALS[11].trial_id, TRIALS[1].trial_id])
        assert list(found) == [TRIALS[11].trial_id, TRIALS[1].trial_id]
        assert [len(each) for each in found.values()] == [0, 2]


def _measured(found, place: int) -> dict[str, float]:
    names = ("test_accuracy", "validation_accuracy")
    return {name: getattr(found.epochs[place], name) for name in names}


class TestReadOnly:
    def test_nothing_can_be_written(self, frames: Frames):
        for statement in (
            "UPDATE se_bench_trials SET accuracy = 1",
            "DELETE FROM se_bench_epochs",
            "CREATE TABLE mine (a INTEGER)",
        ):
            with pytest.raises(DBAPIError, match=r"read.?only"), frames._engine.connect() as connection:
                connection.execute(text(statement))

    def test_the_mode_and_the_bytes_of_a_file_stay(self, tmp_path: Path):
        path = tmp_path / "results.db"
        with Store.open(str(path), create=True) as store:
            fill(store)
        before = path.read_bytes()
        with Frames.open(str(path)) as opened:
            opened.frame("width")
            opened.studies()
        assert path.read_bytes() == before

    def test_a_database_that_is_not_there_is_not_made(self, tmp_path: Path):
        with pytest.raises(NoResultsError):
            Frames.open(str(tmp_path / "none.db"))
        assert list(tmp_path.iterdir()) == []

    def test_a_database_that_goes_away_is_told(self, tmp_path: Path):
        path = tmp_path / "results.db"
        with Store.open(str(path), create=True) as store:
            fill(store)
        with Frames.open(str(path)) as opened:
            opened.frame("width")
            opened._engine.dispose()
            path.unlink()
            with pytest.raises(StoreError):
                opened.studies()


def test_threads_share_one_frame(frames: Frames):
    found: list[Frame] = []
    threads = [threading.Thread(target=lambda: found.append(frames.frame("width"))) for _ in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert len(found) == 8
    assert len({id(each) for each in found}) == 1


def test_frames_looked_at_longest_ago_are_let_go(filled: Store, frames: Frames, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(frames_module, "MOST_TRIALS", len(TRIALS) + 1)
    filled.register("one", "?", {}, CANDIDATES, TRIALS[:1])
    filled.register("two", "?", {}, CANDIDATES, TRIALS[:1])
    first = frames.frame("width")
    one = frames.frame("one")
    frames.frame("two")
    frames.frame("one")
    assert frames.frame("one") is one
    assert frames.frame("width") is not first
