"""What the store promises, on SQLite and on PostgreSQL alike."""

from __future__ import annotations

import math
import time
from dataclasses import astuple, replace
from datetime import timedelta, timezone
from types import MappingProxyType

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from store_examples import NOON, at, candidate, ended, epoch, finish, run, started, trial

from se_bench.errors import SeBenchError, UnknownNameError
from se_bench.records import Epoch, Status, TrialResult
from se_bench.store.repository import Store

CANDIDATES = [candidate(number) for number in range(3)]
TRIALS = [trial(number, seed) for number in range(3) for seed in range(2)]
FIRST, SECOND = TRIALS[:2]


@pytest.fixture
def planned(store: Store) -> Store:
    """A store with a study of six trials and a run."""
    store.register("width", "How wide?", {"seeds": 2}, CANDIDATES, TRIALS)
    store.begin(run())
    return store


def result(store: Store, of=FIRST) -> TrialResult:
    return store.records([of], []).trials[0]


def same(one: Epoch, other: Epoch) -> bool:
    """Equality that takes NaN for equal to NaN."""
    return repr(astuple(one)) == repr(astuple(other))


number = st.floats(allow_nan=True, allow_infinity=True)
seconds = st.floats(min_value=0, max_value=1e6)


class TestRoundTrip:
    def test_a_study_comes_back_as_it_was_registered(self, planned: Store):
        study = planned.study("width")
        assert (study.name, study.question, study.definition) == ("width", "How wide?", {"seeds": 2})
        assert study.candidates == tuple(CANDIDATES)
        assert study.trials == tuple(TRIALS)

    def test_order_is_that_of_the_plan(self, planned: Store):
        planned.register("width", "?", {}, CANDIDATES[::-1], TRIALS[::-1])
        study = planned.study("width")
        assert study.candidates == tuple(CANDIDATES[::-1])
        assert study.trials == tuple(TRIALS[::-1])
        assert [each.trial_id for each in planned.records(TRIALS[::-1], []).trials] == [
            each.trial_id for each in TRIALS[::-1]
        ]

    def test_read_only_mappings_and_tuples_are_kept_as_json(self, store: Store):
        axes = MappingProxyType({"places": (1, 2), "inner": MappingProxyType({"a": 1})})
        store.register("s", "?", MappingProxyType({"x": ()}), [candidate(0, axes=axes)], [])
        assert store.study("s").candidates[0].axes == {"places": [1, 2], "inner": {"a": 1}}

    def test_a_number_that_is_none_cannot_hide_in_a_definition(self, store: Store):
        with pytest.raises(Exception, match="not JSON compliant"):
            store.register("s", "?", {"lr": math.nan}, [], [])
        assert store.studies() == []

    def test_a_run_comes_back_with_the_trials_it_trained(self, planned: Store):
        east = timezone(timedelta(hours=5))
        later = run("run-2", started_at=at(3).astimezone(east))
        planned.begin(later)
        planned.begin(run("run-idle"))
        planned.keep(started(FIRST, "run-2"))
        planned.keep(started(SECOND, "run-1"))
        runs = planned.records(TRIALS, []).runs
        assert runs == (run(), later)
        assert all(each.started_at.utcoffset() == timedelta(0) for each in runs)
        assert planned.records([FIRST], []).runs == (later,)

    def test_a_run_begins_once(self, planned: Store):
        planned.keep(started(FIRST))
        planned.begin(run(command="another"))
        assert planned.records(TRIALS, []).runs == (run(),)

    def test_a_whole_trial(self, planned: Store):
        finish(planned, FIRST)
        records = planned.records(TRIALS, CANDIDATES)
        assert records.candidates == tuple(CANDIDATES)
        assert records.epochs == (epoch(FIRST, 1), epoch(FIRST, 2))
        assert records.trials[0] == TrialResult(
            trial_id=FIRST.trial_id,
            architecture_id=FIRST.architecture_id,
            seed=0,
            status=Status.COMPLETED,
            epochs=2,
            accuracy=0.2,
            loss=0.5,
            train_seconds=3.5,
            run_id="run-1",
            started_at=NOON,
            ended_at=at(9),
        )
        assert {each.status for each in records.trials[1:]} == {Status.PLANNED}

    def test_costs(self, planned: Store):
        ids = [each.architecture_id for each in CANDIDATES]
        assert planned.costs([*ids, "unknown"]) == {each.architecture_id: each.cost for each in CANDIDATES}

    @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(
        losses=st.tuples(number, number, number, number),
        times=st.tuples(seconds, seconds),
        norms=st.lists(number, max_size=6),
        index=st.integers(1, 2**31),
    )
    def test_any_epoch(self, planned: Store, losses, times, norms, index):
        """NaN and infinities are what a diverged trial measures: they come back."""
        planned.keep(started(FIRST))
        kept = epoch(
            FIRST,
            index,
            train_loss=losses[0] + 0.0,  # SQLite has no negative zero
            train_accuracy=losses[1] + 0.0,
            test_loss=losses[2] + 0.0,
            test_accuracy=losses[3] + 0.0,
            train_seconds=times[0],
            test_seconds=times[1],
            gradient_norms=tuple(norms),
        )
        planned.keep(kept)
        (found,) = planned.records([FIRST], []).epochs
        assert same(found, kept)
        assert result(planned).train_seconds == pytest.approx(sum(times), rel=1e-15)

    @pytest.mark.parametrize("error", ["RuntimeError: ünï\n  at 'x'", "nul\0 byte", "lone \udc80 surrogate"])
    def test_any_error_message(self, planned: Store, error: str):
        planned.keep(started(FIRST))
        assert planned.keep(ended(FIRST, Status.FAILED, error=error))
        found = result(planned).error
        assert len(found) == len(error)
        assert found == error or not error.isprintable()


class TestKeep:
    def test_a_trial_runs_until_it_ends(self, planned: Store):
        assert planned.keep(started(FIRST, seconds=1))
        assert result(planned).status is Status.RUNNING
        assert result(planned).started_at == at(1)
        assert planned.keep(epoch(FIRST, 1))
        assert (result(planned).epochs, result(planned).train_seconds) == (1, 1.75)
        assert result(planned).accuracy is None
        assert planned.keep(ended(FIRST))
        assert result(planned).status is Status.COMPLETED

    @pytest.mark.parametrize("status", [Status.DIVERGED, Status.FAILED])
    def test_without_success_there_is_no_accuracy(self, planned: Store, status: Status):
        planned.keep(started(FIRST))
        planned.keep(epoch(FIRST, 1, test_loss=math.nan))
        planned.keep(ended(FIRST, status, error="no"))
        found = result(planned)
        assert (found.status, found.accuracy, found.loss, found.error) == (status, None, None, "no")
        assert (found.epochs, found.ended_at) == (1, at(9))

    def test_started_voids_an_interrupted_attempt(self, planned: Store):
        planned.begin(run("run-2"))
        planned.keep(started(FIRST))
        planned.keep(epoch(FIRST, 1))
        planned.keep(epoch(FIRST, 2))
        planned.keep(started(SECOND))
        planned.keep(epoch(SECOND, 1))
        planned.keep(ended(FIRST, Status.FAILED, error="out of memory"))
        assert planned.keep(started(FIRST, "run-2", seconds=20))
        records = planned.records([FIRST, SECOND], [])
        assert records.epochs == (epoch(SECOND, 1),)
        assert records.trials[0] == TrialResult(
            trial_id=FIRST.trial_id,
            architecture_id=FIRST.architecture_id,
            seed=0,
            status=Status.RUNNING,
            run_id="run-2",
            started_at=at(20),
        )

    def test_completed_is_for_ever(self, planned: Store):
        planned.begin(run("run-2"))
        finish(planned, FIRST)
        before = planned.records([FIRST], [])
        assert not planned.keep(started(FIRST, "run-2"))
        assert not planned.keep(epoch(FIRST, 1, test_loss=9.0))
        assert not planned.keep(epoch(FIRST, 3))
        assert not planned.keep(ended(FIRST, Status.FAILED, error="too late"))
        assert planned.records([FIRST], []) == before

    def test_an_epoch_again_replaces_itself(self, planned: Store):
        planned.keep(started(FIRST))
        planned.keep(epoch(FIRST, 1, test_loss=9.0, train_seconds=100.0))
        planned.keep(epoch(FIRST, 1))
        assert planned.records([FIRST], []).epochs == (epoch(FIRST, 1),)
        assert result(planned).train_seconds == 1.75

    def test_an_overtaken_attempt_no_longer_counts(self, planned: Store, url: str):
        """A driver that slept while another took its trial over must not mix its epochs into the new ones."""
        planned.keep(started(FIRST, "run-1"))
        planned.keep(epoch(FIRST, 1))
        with Store.open(url) as other:
            other.begin(run("run-2"))
            other.keep(started(FIRST, "run-2"))
            assert not planned.keep(epoch(FIRST, 2))
            assert not planned.keep(ended(FIRST))
            assert other.keep(epoch(FIRST, 1))
            assert other.keep(ended(FIRST))
        found = planned.records([FIRST], [])
        assert found.epochs == (epoch(FIRST, 1),)
        assert found.trials[0].run_id == "run-2"

    def test_the_last_epoch_counts_in_whatever_order_they_came(self, planned: Store):
        planned.keep(started(FIRST))
        for index in (10, 9, 2):
            planned.keep(epoch(FIRST, index, test_accuracy=index / 100))
        planned.keep(ended(FIRST))
        assert result(planned).accuracy == 0.1
        assert [each.epoch for each in planned.records([FIRST], []).epochs] == [2, 9, 10]

    def test_what_cannot_be_is_refused_and_changes_nothing(self, planned: Store):
        stranger = trial(9)
        for record in (started(stranger), epoch(stranger, 1), ended(stranger)):
            with pytest.raises(SeBenchError, match="'trial-00009-0' was never registered"):
                planned.keep(record)
        with pytest.raises(SeBenchError, match="'run-9' never began"):
            planned.keep(started(FIRST, "run-9"))
        planned.keep(started(FIRST))
        with pytest.raises(SeBenchError, match="without an epoch"):
            planned.keep(ended(FIRST))
        for status in (Status.PLANNED, Status.RUNNING):
            with pytest.raises(SeBenchError, match=f"cannot end as '{status}'"):
                planned.keep(ended(FIRST, status))
        with pytest.raises(Exception, match="without a timezone"):
            planned.keep(replace(started(FIRST), at=NOON.replace(tzinfo=None)))
        assert result(planned).status is Status.RUNNING
        assert planned.statuses([stranger.trial_id]) == {}


class TestRegister:
    def test_twice_is_once(self, planned: Store):
        before = planned.study("width"), planned.records(TRIALS, CANDIDATES)
        planned.register("width", "How wide?", {"seeds": 2}, CANDIDATES, TRIALS)
        assert (planned.study("width"), planned.records(TRIALS, CANDIDATES)) == before

    def test_results_stay(self, planned: Store):
        finish(planned, FIRST)
        planned.keep(started(SECOND))
        planned.keep(epoch(SECOND, 1))
        before = planned.records(TRIALS, CANDIDATES)
        planned.register("width", "Reworded?", {"seeds": 3}, CANDIDATES, TRIALS)
        assert planned.records(TRIALS, CANDIDATES) == before
        assert planned.studies()[0].question == "Reworded?"

    def test_a_narrower_plan_owns_less_and_forgets_nothing(self, planned: Store):
        finish(planned, FIRST)
        planned.register("width", "?", {}, CANDIDATES[1:], TRIALS[2:])
        assert planned.study("width").candidates == tuple(CANDIDATES[1:])
        assert planned.studies()[0].counts == {Status.PLANNED: 4}
        assert planned.statuses([FIRST.trial_id]) == {FIRST.trial_id: Status.COMPLETED}
        planned.register("width", "?", {}, CANDIDATES, TRIALS)
        assert planned.studies()[0].counts == {Status.PLANNED: 5, Status.COMPLETED: 1}

    def test_two_studies_share_a_trial(self, planned: Store):
        finish(planned, FIRST)
        planned.register("depth", "How deep?", {}, [candidate(0, label="plain")], TRIALS[:2])
        assert planned.records(TRIALS[:2], []).trials[0].status is Status.COMPLETED
        assert planned.study("depth").candidates[0].label == "plain"
        assert planned.study("width").candidates[0].label == "baseline"
        finish(planned, SECOND)
        counts = {each.name: each.counts for each in planned.studies()}
        assert counts == {
            "width": {Status.COMPLETED: 2, Status.PLANNED: 4},
            "depth": {Status.COMPLETED: 2},
        }

    def test_corrected_costs_are_taken(self, planned: Store):
        corrected = replace(CANDIDATES[0], cost=replace(CANDIDATES[0].cost, macs=1))
        planned.register("width", "?", {}, [corrected, *CANDIDATES[1:]], TRIALS)
        assert planned.costs(["arch-00000"])["arch-00000"].macs == 1

    def test_an_impossible_plan_is_refused_whole(self, store: Store):
        with pytest.raises(SeBenchError, match="architecture more than once: arch-00000"):
            store.register("s", "?", {}, [candidate(0), candidate(0, label="again")], [])
        with pytest.raises(SeBenchError, match="trial more than once: trial-00000-0"):
            store.register("s", "?", {}, [candidate(0)], [FIRST, FIRST])
        with pytest.raises(SeBenchError, match="no candidates: \\['arch-00001'\\]"):
            store.register("s", "?", {}, [candidate(0)], [trial(1)])
        assert store.studies() == []

    def test_ten_thousand_trials_at_once(self, store: Store):
        """More than SQLite's 999 and 32,766 and PostgreSQL's 65,535 parameters a statement."""
        candidates = [candidate(index) for index in range(2_000)]
        trials = [trial(index, seed) for index in range(2_000) for seed in range(5)]
        began = time.perf_counter()
        store.register("large", "?", {}, candidates, trials)
        store.register("large", "?", {}, candidates, trials)
        records = store.records(trials, candidates)
        assert time.perf_counter() - began < 30  # a query a trial takes minutes
        assert [each.trial_id for each in records.trials] == [each.trial_id for each in trials]
        assert store.statuses(each.trial_id for each in trials) == {}
        assert len(store.costs(each.architecture_id for each in candidates)) == 2_000
        assert store.studies()[0].counts == {Status.PLANNED: 10_000}


class TestQueries:
    def test_an_empty_database(self, store: Store):
        assert store.studies() == []
        assert store.statuses([]) == {}
        assert store.costs([]) == {}
        assert store.durations([]) == {}
        records = store.records([], [])
        assert (records.candidates, records.trials, records.epochs, records.runs) == ((), (), (), ())

    def test_unknown_trials_are_planned(self, store: Store):
        (found,) = store.records([trial(7, 3)], []).trials
        assert found == TrialResult(
            trial_id="trial-00007-3", architecture_id="arch-00007", seed=3, status=Status.PLANNED
        )

    def test_statuses_are_of_trials_that_started(self, planned: Store):
        finish(planned, TRIALS[0])
        planned.keep(started(TRIALS[1]))
        for of, status in ((TRIALS[2], Status.FAILED), (TRIALS[3], Status.DIVERGED)):
            planned.keep(started(of))
            planned.keep(ended(of, status))
        assert planned.statuses([*[each.trial_id for each in TRIALS], "unknown"]) == {
            TRIALS[0].trial_id: Status.COMPLETED,
            TRIALS[1].trial_id: Status.RUNNING,
            TRIALS[2].trial_id: Status.FAILED,
            TRIALS[3].trial_id: Status.DIVERGED,
        }

    def test_epochs_come_in_order_of_trial_and_epoch(self, planned: Store):
        for of in TRIALS[:3]:
            planned.keep(started(of))
        for index in (11, 2, 1):
            for of in TRIALS[:3]:
                planned.keep(epoch(of, index))
        epochs = planned.records(TRIALS[2::-1], []).epochs
        assert [(each.trial_id, each.epoch) for each in epochs] == [
            (of.trial_id, index) for of in TRIALS[2::-1] for index in (1, 2, 11)
        ]

    def test_durations_are_of_completed_trials_that_differ_in_the_seed(self, store: Store):
        seeds = [trial(0, seed) for seed in range(5)]
        other = trial(0, 5, recipe={"epochs": 3, "lr": 0.1})
        reordered = trial(0, 6, recipe={"lr": 0.1, "epochs": 2})
        elsewhere = trial(0, 7, dataset_fingerprint="beef")
        store.register("s", "?", {}, CANDIDATES, [*seeds, other, reordered, elsewhere, trial(1)])
        store.begin(run())
        for of, took in zip(seeds, (1.0, 50.0, 3.0), strict=False):
            finish(store, of, epochs=1, train_seconds=took, test_seconds=0.0)
        store.keep(started(seeds[3]))
        store.keep(epoch(seeds[3], 1, train_seconds=1000.0))
        assert store.durations([seeds[0], seeds[4], other, reordered, elsewhere, trial(1)]) == {
            seeds[0].trial_id: 3.0,
            seeds[4].trial_id: 3.0,
            reordered.trial_id: 3.0,
        }

    def test_accuracies_are_of_completed_trials_in_the_same_circumstances(self, store: Store):
        same = [trial(0, 0), trial(0, 1), trial(1, 0), trial(0, 2, recipe={"lr": 0.1, "epochs": 2})]
        others = [
            trial(0, 5, recipe={"epochs": 3, "lr": 0.1}),
            trial(0, 6, dataset_fingerprint="beef"),
            trial(0, 7, numerics_version=2),
        ]
        store.register("s", "?", {}, CANDIDATES, [*same, trial(0, 8), *others])
        store.begin(run())
        for place, of in enumerate([*same, *others]):
            finish(store, of, epochs=1, test_accuracy=place / 10)
        store.keep(started(trial(0, 8)))
        assert store.accuracies(trial(5, 9)) == {"arch-00000": {0: 0.0, 1: 0.1, 2: 0.3}, "arch-00001": {0: 0.2}}
        assert store.accuracies(trial(dataset_fingerprint="cafe")) == {}

    def test_studies_come_with_the_last_touched_first(self, planned: Store):
        planned.register("empty", "Nothing?", {}, [], [])
        assert [(each.name, each.counts) for each in planned.studies()] == [
            ("empty", {}),
            ("width", {Status.PLANNED: 6}),
        ]
        before = planned.studies()[0].updated_at
        planned.keep(started(FIRST))
        assert [each.name for each in planned.studies()] == ["width", "empty"]
        assert planned.studies()[0].updated_at > before
        assert planned.studies()[0].updated_at.utcoffset() == timedelta(0)

    def test_an_unknown_study_is_named_with_its_neighbours(self, planned: Store):
        with pytest.raises(UnknownNameError) as caught:
            planned.study("widht")
        assert (caught.value.nearest, caught.value.allowed) == ("width", ("width",))
