"""The feed between the driver's thread and Tune's: trials that are none while workers start, then what is handed in."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace

import pytest

from se_bench.records import Trial
from se_bench.search import tuning
from se_bench.search.plan import Plan
from se_bench.search.source import Work
from se_bench.search.tuning import Feed, Stopped

ALIVE = {"record": None, "done": False}


@pytest.fixture
def trials(small_plan: Plan) -> tuple[Trial, ...]:
    return small_plan.trials[:4]


@pytest.fixture
def tune() -> Iterator[ThreadPoolExecutor]:
    """Tune's thread."""
    with ThreadPoolExecutor(1) as thread:
        yield thread


def feed(warm: int, most: int = 2) -> Feed:
    found = Feed(most=most, warm=warm)
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
    early = feed(warm=2)
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
    early = feed(warm=2)
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


def test_a_worker_that_never_starts_is_not_waited_for_for_ever(
    trials: tuple[Trial, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tuning, "_PATIENCE", -1.0)
    early = feed(warm=2)
    early.suggest("a")
    early.suggest("b")
    early.put(Work(trials[0]))
    early.suggest("c")
    assert early.is_over("a", ALIVE)


def test_an_early_worker_that_dies_is_not_waited_for(trials: tuple[Trial, ...]) -> None:
    early = feed(warm=2)
    early.suggest("a")
    early.suggest("b")
    early.on_trial_complete("b", error=True)
    early.put(Work(trials[0]))
    early.suggest("c")
    assert early.is_over("a", ALIVE)


def test_never_more_at_once_than_asked_for(trials: tuple[Trial, ...]) -> None:
    plain = feed(warm=0)
    for trial in trials:
        plain.put(Work(trial))
    assert [plain.suggest(name)["trial"]["trial_id"] for name in "ab"] == [trial.trial_id for trial in trials[:2]]
    assert plain.suggest("c") is None
    plain.on_trial_complete("a")
    assert plain.suggest("c")["trial"]["trial_id"] == trials[2].trial_id


@pytest.mark.parametrize("warm", [0, 2])
def test_the_end_comes_at_once(warm: int, tune: ThreadPoolExecutor) -> None:
    ended = feed(warm)
    for name in "ab"[:warm]:
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
    plain = feed(warm=0)
    whole = Work(replace(trials[0], trial_id="one"), whole=True)
    plain.put(whole)
    found = plain.suggest("a")
    assert Trial(**found["trial"]) == whole.trial
    assert Work(whole.trial, **found["work"]) == whole
    assert (found["run_id"], found["checkpoints"], found["images"]) == ("run", None, None)
