"""Many records in one transaction are kept by the rules for one."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from store_examples import at, candidate, ended, epoch, finish, run, started, trial

from se_bench.errors import SeBenchError
from se_bench.records import Record, Status
from se_bench.store.repository import Store

TRIALS = [trial(0, seed) for seed in range(3)]
FIRST, SECOND, _ = TRIALS


def plan(store: Store) -> Store:
    store.register("width", "?", {}, [candidate(0)], TRIALS)
    for name in ("run-1", "run-2"):
        store.begin(run(name))
    return store


of = st.sampled_from(TRIALS)
record = st.one_of(
    st.builds(started, of, st.sampled_from(["run-1", "run-2"])),
    st.builds(epoch, of, st.integers(1, 3), test_loss=st.sampled_from([1.0, 2.0])),
    st.builds(ended, of, st.sampled_from([Status.COMPLETED, Status.DIVERGED, Status.FAILED]), error=st.just("why")),
)


def one_by_one(store: Store, records: list[Record]) -> list[bool | None]:
    said: list[bool | None] = []
    for each in records:
        try:
            said.append(store.keep(each))
        except SeBenchError:  # completed without an epoch
            said.append(None)
    return said


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(records=st.lists(record, max_size=14), sizes=st.lists(st.integers(1, 14), min_size=14, max_size=14))
def test_batches_of_any_size_say_and_keep_what_single_records_do(
    tmp_path_factory: pytest.TempPathFactory, records: list[Record], sizes: list[int]
):
    folder = tmp_path_factory.mktemp("batches")
    with (
        Store.open(str(folder / "one.db"), create=True) as one,
        Store.open(str(folder / "many.db"), create=True) as many,
    ):
        plan(one)
        plan(many)
        said = one_by_one(one, records)
        possible = [(each, counted) for each, counted in zip(records, said, strict=True) if counted is not None]
        while possible:
            size = sizes.pop()
            batch, possible = possible[:size], possible[size:]
            assert many.keep_all([each for each, _ in batch]) == [counted for _, counted in batch]
        assert many.records(TRIALS, []) == one.records(TRIALS, [])


def test_several_trials_from_start_to_end(store: Store):
    plan(store)
    records = [started(FIRST), started(SECOND)]
    records += [epoch(each, number) for number in (1, 2) for each in (FIRST, SECOND)]
    assert store.keep_all([*records, ended(FIRST), ended(SECOND)]) == [True] * 8
    found = store.records(TRIALS[:2], [])
    assert [(each.status, each.epochs, each.accuracy, each.train_seconds) for each in found.trials] == [
        (Status.COMPLETED, 2, 0.2, 3.5)
    ] * 2
    assert found.epochs == tuple(epoch(each, number) for each in (FIRST, SECOND) for number in (1, 2))
    assert store.keep_all([]) == []


def test_all_or_none(store: Store):
    plan(store)
    with pytest.raises(SeBenchError, match="'trial-00009-0' was never registered; Epoch lost"):
        store.keep_all([started(FIRST), epoch(FIRST, 1), epoch(trial(9), 1)])
    with pytest.raises(SeBenchError, match="without an epoch"):
        store.keep_all([started(FIRST, "run-2"), started(SECOND), epoch(SECOND, 1), ended(FIRST)])
    assert store.statuses([each.trial_id for each in TRIALS]) == {}
    assert store.records(TRIALS, []).epochs == ()
    store.keep(started(FIRST, "run-1"))  # that run-2 had it was never committed
    assert store.keep(epoch(FIRST, 1))


def test_an_overtaken_attempt_does_not_count_in_a_batch_either(store: Store, url: str):
    plan(store)
    store.keep_all([started(FIRST, "run-1"), epoch(FIRST, 1)])
    with Store.open(url) as other:
        other.keep_all([started(FIRST, "run-2"), started(SECOND, "run-2")])
        assert store.keep_all([epoch(FIRST, 2), ended(FIRST), epoch(SECOND, 1)]) == [False, False, True]
        finish(other, FIRST, run_id="run-2")
    assert store.keep_all([started(FIRST, "run-1", 30), epoch(FIRST, 3)]) == [False, False]
    assert store.records([FIRST], []).trials[0].ended_at == at(9)


def test_a_kilobatch_is_one_transaction(tmp_path: Path):
    """More trials than a query's parameters, and nothing is seen of it until all of it is there."""
    trials = [trial(0, seed) for seed in range(1_200)]
    with Store.open(str(tmp_path / "it.db"), create=True) as store:
        store.register("s", "?", {}, [candidate(0)], trials)
        store.begin(run())
        records = [each for own in trials for each in (started(own), epoch(own, 1), ended(own))]
        assert all(store.keep_all(records))
        assert store.studies()[0].counts == {Status.COMPLETED: 1_200}
