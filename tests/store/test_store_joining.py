"""A search's candidates join its study one by one, on SQLite and PostgreSQL."""

from __future__ import annotations

from store_examples import candidate, ended, epoch, finish, run, started, trial

from se_bench.records import Status
from se_bench.store.repository import Store


def test_a_candidate_that_joins_a_study_says_what_is_known_of_its_trials(store: Store):
    store.register("width", "?", {}, [candidate(0)], [trial(0)])
    store.begin(run())
    trials = [trial(1, seed) for seed in range(4)]
    assert store.extend("width", candidate(1), trials) == {}
    finish(store, trials[0])
    store.keep_all([started(trials[1]), epoch(trials[1], 1), ended(trials[1], Status.STOPPED)])
    store.keep_all([started(trials[2]), ended(trials[2], Status.FAILED)])
    known = store.extend("width", candidate(1), trials)
    assert {trial_id: each.result.status for trial_id, each in known.items()} == {
        trials[0].trial_id: Status.COMPLETED,
        trials[1].trial_id: Status.STOPPED,
    }
    assert known[trials[0].trial_id].epochs == (epoch(trials[0], 1), epoch(trials[0], 2))
    assert known[trials[1].trial_id].epochs == (epoch(trials[1], 1),)
    study = store.study("width")
    assert study.candidates == (candidate(0), candidate(1))
    assert study.trials == (trial(0), *trials), "it joins once"
