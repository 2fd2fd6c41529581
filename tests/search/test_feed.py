"""The feed between the driver's thread and Tune's: trials that are none while workers start, then what is handed in."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace

import pytest

from se_bench.records import Trial
from se_bench.search import feed as feeds
from se_bench.search.feed import Feed, Stopped
from se_bench.search.plan import Plan
from se_bench.search.source import Work

ALIVE = {"record": None, "done": False}


@pytest.fixture
def trials(small_plan: Plan) -> tuple[Trial, ...]:
    return small_plan.trials[:4]


@pytest.fixture
def tune() -> Iterator[ThreadPoolExecutor]:
    """Tune's thread."""
    with ThreadPoolExecutor(1) as thread:
        yield thread


def feed(early: int, most: int = 2) -> Feed:
    found = Feed(most=most, early=early)
    found.serve("run", None, None)
    return found


def waits(suggestion: Future[object]) -> bool:
    """Whether Tune's thread is inside the feed and stays there."""
    with pytest.raises(TimeoutError):
        suggestion.result(timeout=0.1)
    return True


def test_early_workers_end_when_all_have_started_and_another_trial_follows(
    trials: tuple[Trial, ...], tune: ThreadPoolExecutor
) -> None:
    early = feed(early=2)
    assert [early.suggest(name)["trial"] for name in "ab"] == [None, None]
    assert early.suggest("c") is None, "Tune goes on, so that the workers start"
    assert not early.is_over("a", ALIVE)
    assert early.suggest("c") is None
    assert not early.is_over("b", ALIVE), "all have started, and nothing is there to follow"
    suggestion = tune.submit(early.suggest, "c")
    assert waits(suggestion)
    early.put(Work(trials[0]))
    assert waits(suggestion), "or the second worker would end before the second trial is there"
    early.put(Work(trials[1]))
    assert suggestion.result()["trial"]["trial_id"] == trials[0].trial_id
    assert early.is_over("a", ALIVE)
    assert not early.is_over("b", ALIVE), "one follows, and it has a worker"
    early.on_trial_complete("a")
    assert early.suggest("d")["trial"]["trial_id"] == trials[1].trial_id
    assert early.is_over("b", ALIVE)
    assert not early.is_over("c", {"record": None, "done": False}), "trials end by themselves"


def test_fewer_trials_than_early_workers_let_the_others_go(trials: tuple[Trial, ...], tune: ThreadPoolExecutor) -> None:
    early = feed(early=2)
    for name in "ab":
        early.suggest(name)
        early.is_over(name, ALIVE)
    suggestion = tune.submit(early.suggest, "c")
    early.put(Work(trials[0]))
    assert waits(suggestion)
    early.all_in()
    assert suggestion.result()["trial"]["trial_id"] == trials[0].trial_id
    assert early.is_over("a", ALIVE)
    assert early.is_over("b", ALIVE)


def test_where_trials_wait_already_none_is_a_placeholder(trials: tuple[Trial, ...]) -> None:
    late = feed(early=2)
    late.put(Work(trials[0]))
    assert late.suggest("a")["trial"]["trial_id"] == trials[0].trial_id
    assert late.suggest("b") is None


def test_what_comes_after_a_pause_finds_the_worker_that_is_left(trials: tuple[Trial, ...]) -> None:
    """As where another driver had all trials, and has died."""
    early = feed(early=2)
    for name in "ab":
        early.suggest(name)
    early.all_in()
    over = [early.is_over(name, ALIVE) for name in "ab"]
    assert over == [False, True], "all in, none waits: the last to start sees that it is not needed"
    early.on_trial_complete("b")
    early.put(Work(trials[0]))
    early.put(Work(trials[1]))
    assert early.suggest("c")["trial"]["trial_id"] == trials[0].trial_id
    assert early.is_over("a", ALIVE)


def test_no_more_are_handed_out_than_placeholders_end_for(trials: tuple[Trial, ...]) -> None:
    wide = feed(early=2, most=4)
    for name in "ab":
        wide.suggest(name)
    for trial in trials:
        wide.put(Work(trial))
    assert [bool(wide.suggest(name)) for name in "cde"] == [True, True, False]
    for name in "ab":
        wide.is_over(name, ALIVE)
    assert wide.is_over("a", ALIVE)
    wide.on_trial_complete("a")
    wide.on_trial_complete("b")
    assert [bool(wide.suggest(name)) for name in "efg"] == [True, True, False]


def test_a_worker_that_never_starts_is_not_waited_for_for_ever(
    trials: tuple[Trial, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feeds, "_PATIENCE", -1.0)
    early = feed(early=2)
    early.suggest("a")
    early.suggest("b")
    early.put(Work(trials[0]))
    early.suggest("c")
    assert early.is_over("a", ALIVE)


def test_an_early_worker_that_dies_is_not_waited_for(trials: tuple[Trial, ...]) -> None:
    early = feed(early=2)
    early.suggest("a")
    early.suggest("b")
    early.on_trial_complete("b", error=True)
    early.put(Work(trials[0]))
    early.suggest("c")
    assert early.is_over("a", ALIVE)


def test_never_more_at_once_than_asked_for(trials: tuple[Trial, ...]) -> None:
    plain = feed(early=0)
    for trial in trials:
        plain.put(Work(trial))
    assert [plain.suggest(name)["trial"]["trial_id"] for name in "ab"] == [trial.trial_id for trial in trials[:2]]
    assert plain.suggest("c") is None
    plain.on_trial_complete("a")
    assert plain.suggest("c")["trial"]["trial_id"] == trials[2].trial_id


@pytest.mark.parametrize("early", [0, 2])
def test_the_end_comes_at_once(early: int, tune: ThreadPoolExecutor) -> None:
    ended = feed(early)
    for name in "ab"[:early]:
        ended.suggest(name)
        ended.is_over(name, ALIVE)
    inside = threading.Event()
    suggestion = tune.submit(lambda: (inside.set(), ended.suggest("c")))
    inside.wait()
    ended.end()
    with pytest.raises(Stopped):
        suggestion.result()
    with pytest.raises(Stopped):
        ended.check()


def test_a_trial_is_handed_over_whole(trials: tuple[Trial, ...]) -> None:
    plain = feed(early=0)
    whole = Work(replace(trials[0], trial_id="one"), whole=True)
    plain.put(whole)
    found = plain.suggest("a")
    assert Trial(**found["trial"]) == whole.trial
    assert Work(whole.trial, **found["work"]) == whole
    assert (found["run_id"], found["checkpoints"], found["images"]) == ("run", None, None)
