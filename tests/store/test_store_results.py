"""Results that come in whole are what the same trials are when they are kept record by record."""

from __future__ import annotations

import pytest
from store_examples import at, candidate, ended, epoch, finish, run, started, trial

from se_bench.errors import SeBenchError
from se_bench.records import Status, TrialResult
from se_bench.store.repository import Store

TRIALS = [trial(number, seed) for number in range(2) for seed in range(2)]


@pytest.fixture
def planned(store: Store) -> Store:
    store.register("width", "?", {}, [candidate(0), candidate(1)], TRIALS)
    store.begin(run())
    return store


def whole(number: int, **changes) -> TrialResult:
    of = TRIALS[number]
    values = {
        "status": Status.COMPLETED,
        "epochs": 2,
        "accuracy": 0.2,
        "loss": 0.5,
        "train_seconds": 3.5,
        "run_id": "run-1",
        "started_at": at(0),
        "ended_at": at(9),
    }
    return TrialResult(trial_id=of.trial_id, architecture_id=of.architecture_id, seed=of.seed, **{**values, **changes})


def test_they_are_as_if_kept_one_by_one(planned: Store):
    finish(planned, TRIALS[0])
    assert planned.keep_results([whole(1)], [epoch(TRIALS[1], 1), epoch(TRIALS[1], 2)]) == 1
    records = planned.records(TRIALS[:2], [])
    one_by_one, at_once = records.trials
    assert at_once == whole(1)
    assert [getattr(at_once, name) for name in ("status", "epochs", "accuracy", "loss", "train_seconds")] == [
        getattr(one_by_one, name) for name in ("status", "epochs", "accuracy", "loss", "train_seconds")
    ]
    assert records.epochs[2:] == (epoch(TRIALS[1], 1), epoch(TRIALS[1], 2))
    assert planned.keep(started(TRIALS[1])) is False  # it is completed, for ever


def test_what_somebody_has_started_stays(planned: Store):
    planned.keep(started(TRIALS[0]))
    finish(planned, TRIALS[1])
    planned.keep_all([started(TRIALS[2]), ended(TRIALS[2], Status.FAILED, error="broken")])
    before = planned.records(TRIALS, [])
    found = planned.keep_results([whole(number) for number in range(4)], [epoch(each, 1) for each in TRIALS])
    after = planned.records(TRIALS, [])
    assert found == 1
    assert after.trials[:3] == before.trials[:3]
    assert after.trials[3] == whole(3)
    assert [each.trial_id for each in after.epochs] == [TRIALS[1].trial_id] * 2 + [TRIALS[3].trial_id]


def test_a_failure_may_say_anything(planned: Store):
    error = "zero \0 and \udcff bytes; DROP TABLE"
    planned.keep_results([whole(0, status=Status.FAILED, accuracy=None, loss=None, error=error)], [])
    (result,) = planned.records(TRIALS[:1], []).trials
    assert result.error == "zero \N{REPLACEMENT CHARACTER} and ? bytes; DROP TABLE"


def test_a_trial_that_was_never_registered_is_an_error_and_nothing_is_kept(planned: Store):
    stranger = TrialResult(trial_id="stranger", architecture_id="arch-00000", seed=0, status=Status.COMPLETED)
    with pytest.raises(SeBenchError, match="'stranger' was never registered"):
        planned.keep_results([whole(0), stranger], [epoch(TRIALS[0], 1)])
    assert planned.statuses([TRIALS[0].trial_id]) == {}


def test_nothing_is_nothing(planned: Store):
    assert planned.keep_results([], []) == 0
