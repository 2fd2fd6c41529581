"""What is measured apart from training is kept beside it, replaced as a whole, and travels with a merge."""

from __future__ import annotations

from pathlib import Path

import pytest
from store_examples import at, candidate, finish, gates, latency, run, started, trial

from se_bench.errors import SeBenchError
from se_bench.records import StudyRecords
from se_bench.store.merge import merge
from se_bench.store.repository import Store

CANDIDATES = [candidate(number) for number in range(3)]
TRIALS = [trial(number) for number in range(3)]


@pytest.fixture
def trained(store: Store) -> Store:
    """Two trials of three are completed."""
    return fill(store)


def fill(store: Store) -> Store:
    store.register("width", "How wide?", {}, CANDIDATES, TRIALS)
    store.begin(run())
    for each in TRIALS[:2]:
        finish(store, each)
    return store


def records(store: Store) -> StudyRecords:
    return store.records(TRIALS, CANDIDATES)


def test_gates_come_back_bit_by_bit_in_the_order_of_trials(trained: Store):
    assert records(trained).gates == ()
    for each in TRIALS[1::-1]:
        trained.keep_gates(gates(each), "run-1")
    assert records(trained).gates == tuple(gates(each) for each in TRIALS[:2])
    assert trained.records(TRIALS[1:], []).gates == (gates(TRIALS[1]),)


def test_a_later_reading_is_in_place_of_an_earlier_one(trained: Store):
    trained.keep_gates(gates(TRIALS[0]), "run-1")
    trained.keep_gates(gates(TRIALS[0], accuracy=0.3), "run-1")
    assert [each.accuracy for each in records(trained).gates] == [0.3]


@pytest.mark.parametrize("of", [TRIALS[2], trial(7)], ids=["not completed", "unknown"])
def test_only_completed_trials_have_gates(trained: Store, of):
    trained.keep(started(TRIALS[2]))
    with pytest.raises(SeBenchError, match="the gates of trial"):
        trained.keep_gates(gates(of), "run-1")
    assert records(trained).gates == ()


def test_latencies_come_back_bit_by_bit(trained: Store):
    assert records(trained).latency is None
    trained.keep_latency(latency(*CANDIDATES), "run-1")
    assert records(trained).latency == latency(*CANDIDATES)
    assert trained.records(TRIALS, []).latency is None
    assert trained.records(TRIALS, [candidate(9)]).latency is None


def test_of_several_latencies_the_latest_of_those_that_timed_most_counts(trained: Store):
    for number, of in enumerate([CANDIDATES[:1], CANDIDATES[:2], CANDIDATES[:2], CANDIDATES[2:]]):
        trained.begin(run(f"measuring-{number}", started_at=at(number)))
        trained.keep_latency(latency(*of, milliseconds=number), f"measuring-{number}")
    assert records(trained).latency == latency(*CANDIDATES[:2], milliseconds=2)
    assert trained.records(TRIALS, CANDIDATES[2:]).latency == latency(CANDIDATES[2], milliseconds=3)


def test_what_is_not_here_comes_with_a_merge_and_what_is_stays(trained: Store, url: str, tmp_path: Path):
    other = str(tmp_path / "other.db")
    with Store.open(other, create=True) as there:
        fill(there)
        for each in TRIALS[:2]:
            there.keep_gates(gates(each, accuracy=0.9), "run-1")
        there.begin(run("run-2", started_at=at(5)))
        there.keep_latency(latency(*CANDIDATES), "run-2")
    trained.keep_gates(gates(TRIALS[0]), "run-1")
    for _ in range(2):
        assert merge(other, url).conflicts == ()
        assert records(trained).gates == (gates(TRIALS[0]), gates(TRIALS[1], accuracy=0.9))
        assert records(trained).latency == latency(*CANDIDATES)
