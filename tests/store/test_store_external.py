"""Trials from elsewhere: kept without epochs, once, never over other numbers; and the database stays in order."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from store_examples import NOON, candidate, finish, run, trial

from se_bench.errors import SeBenchError
from se_bench.records import EXTERNAL, ExternalTrial, Status, TrialResult
from se_bench.store.check import check
from se_bench.store.external import settle
from se_bench.store.merge import merge
from se_bench.store.repository import Store

CANDIDATES = [candidate(0), candidate(1)]
TRIALS = [trial(number, seed, numerics_version=EXTERNAL) for number in range(2) for seed in range(3)]
RUN = run("import-1", environment={"imported_from": "runs.csv", "source": "elsewhere"})
RESULTS = [
    *(
        ExternalTrial(trial=each, status=Status.COMPLETED, accuracy=0.1 + 0.2 * place, loss=1 / 3, train_seconds=None)
        for place, each in enumerate(TRIALS[:4])
    ),
    ExternalTrial(trial=TRIALS[4], status=Status.DIVERGED, accuracy=None, loss=None, train_seconds=7.5),
]


@pytest.fixture
def registered(url: str) -> str:
    with Store.open(url, create=True) as store:
        store.register("width", "How wide?", {}, CANDIDATES, TRIALS)
    return url


def results(url: str) -> list[TrialResult]:
    with Store.open(url) as store:
        return list(store.records(TRIALS, CANDIDATES).trials)


def faults(url: str) -> tuple[str, ...]:
    return check(
        url,
        architecture_id=lambda architecture: f"arch-{architecture['block']['reduction']:05}",
        trial_id=lambda *, architecture, seed, **_: f"trial-{architecture['block']['reduction']:05}-{seed}",
    ).faults


def test_numbers_come_back_exactly_and_without_epochs(registered: str) -> None:
    done = settle(registered, RESULTS, RUN)
    assert (done.added, done.equal, done.conflicts) == (5, 0, ())
    for result, given in zip(results(registered), RESULTS, strict=False):
        assert (result.status, result.accuracy, result.loss) == (given.status, given.accuracy, given.loss)
        assert (result.train_seconds, result.epochs, result.run_id) == (given.train_seconds, 0, "import-1")
        assert result.ended_at == NOON
    assert results(registered)[5].status is Status.PLANNED
    with Store.open(registered) as store:
        records = store.records(TRIALS, CANDIDATES)
    assert (records.epochs, records.runs) == ((), (RUN,))
    assert faults(registered) == ()


def test_a_second_time_nothing_changes(registered: str) -> None:
    settle(registered, RESULTS, RUN)
    before = results(registered)
    done = settle(registered, RESULTS, replace(RUN, run_id="import-2"))
    assert (done.added, done.equal, done.conflicts) == (0, 5, ())
    assert results(registered) == before
    with Store.open(registered) as store:
        assert [each.run_id for each in store.records(TRIALS, CANDIDATES).runs] == ["import-1"]


@pytest.mark.parametrize(
    ("place", "changes"),
    [
        (0, {"accuracy": math.nextafter(0.1, 1)}),
        (1, {"loss": None}),
        (2, {"train_seconds": 3.0}),
        (3, {"status": Status.DIVERGED, "accuracy": None, "loss": None}),
        (4, {"status": Status.COMPLETED, "accuracy": 0.5}),
    ],
)
def test_other_numbers_are_told_and_never_kept(registered: str, place: int, changes: dict[str, object]) -> None:
    settle(registered, RESULTS, RUN)
    before = results(registered)
    given = [replace(each, **changes) if at == place else each for at, each in enumerate(RESULTS)]  # type: ignore[arg-type]
    done = settle(registered, given, replace(RUN, run_id="import-2", environment={"imported_from": "other.csv"}))
    (conflict,) = done.conflicts
    assert (done.added, done.equal) == (0, 4)
    assert (conflict.trial_id, conflict.here) == (RESULTS[place].trial.trial_id, before[place])
    there = given[place]
    assert (conflict.there.status, conflict.there.accuracy, conflict.there.loss) == (
        there.status,
        there.accuracy,
        there.loss,
    )
    assert conflict.environment_here == RUN.environment
    assert conflict.environment_there == {"imported_from": "other.csv"}
    assert results(registered) == before


def test_one_trial_that_was_never_registered_and_none_is_kept(registered: str) -> None:
    stranger = replace(RESULTS[0], trial=trial(9, 9))
    with pytest.raises(SeBenchError, match="never registered"):
        settle(registered, [*RESULTS, stranger], RUN)
    assert {each.status for each in results(registered)} == {Status.PLANNED}


def test_a_trial_that_was_trained_here_is_not_given_other_numbers(registered: str) -> None:
    with Store.open(registered) as store:
        store.begin(run())
        finish(store, TRIALS[0])
    done = settle(registered, RESULTS[:1], RUN)
    assert [each.here.accuracy for each in done.conflicts] == [0.2]
    assert results(registered)[0].epochs == 2


def test_what_was_imported_can_be_merged_and_is_in_order_there(
    registered: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    settle(registered, RESULTS, RUN)
    other = str(tmp_path_factory.mktemp("other") / "all.db")
    assert merge(registered, other).settled == 5
    assert results(other) == results(registered)
    assert faults(other) == ()
    assert merge(registered, other).equal == 5


def test_a_trial_of_ours_without_epochs_is_still_a_fault(registered: str) -> None:
    ours = replace(trial(1, 7), numerics_version=1)
    with Store.open(registered) as store:
        store.register("other", "?", {}, CANDIDATES[1:], [ours])
    settle(registered, [replace(RESULTS[0], trial=ours)], RUN)
    assert faults(registered) == (f"trial {ours.trial_id}: it is completed without an epoch",)
