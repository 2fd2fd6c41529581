"""Leases, on SQLite and PostgreSQL: one holder a trial, takeover after the term, and writes that come too late."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from store_examples import at, candidate, ended, epoch, finish, run, started, trial

from se_bench.records import Started, Status
from se_bench.store.repository import Store

HOUR = timedelta(hours=1)
OVER = timedelta(0)
"""A term that has ended as soon as it begins."""

IDS = [trial(0, seed).trial_id for seed in range(3)]


@pytest.fixture(autouse=True)
def planned(store: Store) -> None:
    store.register("width", "?", {}, [candidate(0)], [trial(0, seed) for seed in range(3)])
    store.begin(run())
    store.begin(run("run-2"))


def test_a_trial_has_one_holder(store: Store, url: str):
    with Store.open(url) as other:
        assert store.claim(IDS[:2], holder="a", term=HOUR) == set(IDS[:2])
        assert other.claim(IDS, holder="b", term=HOUR) == {IDS[2]}
        assert store.claim(IDS, holder="a", term=HOUR) == set(IDS[:2])  # its own again


def test_a_lease_ends_with_its_term_or_its_process_or_when_it_is_given_back(store: Store, url: str):
    with Store.open(url) as other:
        store.claim(IDS[:1], holder="a", term=OVER)
        store.claim(IDS[1:], holder="dead", term=HOUR)
        assert other.claim(IDS, holder="b", term=HOUR, is_gone={"dead"}.__contains__) == set(IDS)
        other.release(holder="b", trial_ids=IDS[:1])
        assert store.claim(IDS, holder="a", term=HOUR) == {IDS[0]}
        other.release(holder="b")
        assert store.claim(IDS, holder="a", term=HOUR) == set(IDS)


def test_a_heartbeat_extends_every_lease_of_its_holder_and_no_other(store: Store, url: str):
    with Store.open(url) as other:
        store.claim(IDS[:2], holder="a", term=OVER)
        store.claim(IDS[2:], holder="c", term=OVER)
        store.renew(holder="a", term=HOUR)
        assert other.claim(IDS, holder="b", term=HOUR) == {IDS[2]}


def test_what_is_settled_is_never_leased_again(store: Store):
    store.claim(IDS, holder="a", term=HOUR)
    finish(store, trial(0, 0))
    store.keep(started(trial(0, 1)))
    store.keep(ended(trial(0, 1), Status.DIVERGED))
    store.keep(started(trial(0, 2)))
    store.keep(ended(trial(0, 2), Status.FAILED))
    assert store.claim(IDS, holder="b", term=HOUR) == {IDS[2]}


def test_an_end_gives_the_lease_back(store: Store, url: str):
    store.claim(IDS[:1], holder="a", term=HOUR)
    store.keep(started(trial(0, 0)))
    store.keep(ended(trial(0, 0), Status.STOPPED))
    with Store.open(url) as other:
        assert other.claim(IDS[:1], holder="b", term=HOUR) == set(IDS[:1])


def test_a_driver_that_was_paused_past_its_term_cannot_write(store: Store, url: str):
    store.claim(IDS[:1], holder="paused", term=OVER)
    assert store.keep_all([started(trial(0, 0)), epoch(trial(0, 0), 1)]) == [True, True]
    with Store.open(url) as other:
        assert other.claim(IDS[:1], holder="b", term=HOUR) == {IDS[0]}
        late = [epoch(trial(0, 0), 2), ended(trial(0, 0)), started(trial(0, 0))]
        assert [store.keep(record) for record in late] == [False] * 3  # though the other has written nothing yet
        finish(other, trial(0, 0), run_id="run-2")
    assert store.records([trial(0, 0)], []).trials[0].run_id == "run-2"


def test_a_resumed_trial_has_the_epochs_of_its_checkpoint_and_no_others(store: Store):
    of = trial(0, 0)
    store.keep_all([started(of), epoch(of, 1), epoch(of, 2), epoch(of, 3)])
    kept = (epoch(of, 1), epoch(of, 2, validation_accuracy=0.75))
    store.keep(Started(trial_id=of.trial_id, run_id="run-2", at=at(20), epochs=kept))
    records = store.records([of], [])
    assert records.epochs == kept
    assert (records.trials[0].epochs, records.trials[0].validation_accuracy) == (2, 0.75)
    assert records.trials[0].train_seconds == pytest.approx(2 * 1.75)


def test_many_drivers_that_claim_at_once_never_share_a_trial(url: str):
    trials = [trial(0, seed) for seed in range(40)]
    with Store.open(url, create=True) as store:
        store.register("width", "?", {}, [candidate(0)], trials)
    granted: dict[str, set[str]] = {}

    def drive(name: str) -> None:
        with Store.open(url) as own:
            granted[name] = set()
            for each in trials:
                granted[name] |= own.claim([each.trial_id], holder=name, term=HOUR)

    drivers = [threading.Thread(target=drive, args=(f"driver-{number}",)) for number in range(4)]
    for each in drivers:
        each.start()
    for each in drivers:
        each.join()
    everything = [trial_id for ids in granted.values() for trial_id in ids]
    assert sorted(everything) == sorted(each.trial_id for each in trials)
