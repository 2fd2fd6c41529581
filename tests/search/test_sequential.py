"""Seeds one by one: a plain loop instead of workers, a made-up accuracy instead of training."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime

import pytest

from se_bench.records import Candidate, Ended, Epoch, KnownTrial, Started, Status, StudyRecords, Trial, TrialResult
from se_bench.search.sequential import Sequential
from tests.analysis.small_studies import candidate, epoch

LABELS = ("baseline", "a", "b")
NOW = datetime(2025, 3, 1, tzinfo=UTC)
CANDIDATES = [candidate(label, place) for place, label in enumerate(LABELS)]
Decide = Callable[[StudyRecords], Collection[str]]


def trial(of: Candidate, seed: int) -> Trial:
    return Trial(
        trial_id=f"{of.label}/{seed}",
        architecture_id=of.architecture_id,
        architecture={},
        dataset={},
        dataset_fingerprint="",
        recipe={"epochs": 2},
        seed=seed,
        numerics_version=1,
    )


TRIALS = [trial(of, seed) for seed in range(6) for of in CANDIDATES]


def identity(label: str) -> str:
    return CANDIDATES[LABELS.index(label)].architecture_id


def accuracy(label: str, seed: int) -> float:
    return 0.5 + seed / 100 + LABELS.index(label) / 10


class Database:
    """What earlier runs have ended, and who asked for it."""

    def __init__(self, known: Mapping[str, Status] | None = None) -> None:
        self.known = known or {}
        self.asked: list[str] = []

    def recall(self, of: Candidate, trials: Sequence[Trial]) -> dict[str, KnownTrial]:
        self.asked.append(of.label)
        return {each.trial_id: ended(each, self.known[each.trial_id]) for each in trials if each.trial_id in self.known}


def epochs_of(each: Trial) -> tuple[Epoch, ...]:
    label = each.trial_id.partition("/")[0]
    return tuple(epoch(label, each.seed, number, accuracy(label, each.seed) * number / 2) for number in (1, 2))


def ended(each: Trial, status: Status) -> KnownTrial:
    done = status is Status.COMPLETED
    epochs = epochs_of(each)[: 2 if done else 1]
    result = TrialResult(
        trial_id=each.trial_id,
        architecture_id=each.architecture_id,
        seed=each.seed,
        status=status,
        epochs=len(epochs),
        accuracy=epochs[-1].test_accuracy if done else None,
        loss=epochs[-1].test_loss if done else None,
        train_seconds=sum(one.train_seconds + one.test_seconds for one in epochs),
    )
    return KnownTrial(result=result, epochs=epochs)


def trained(source: Sequential, *, slots: int = 1, fails: Collection[str] = (), backwards: bool = False) -> list[str]:
    """The trials that a runner with so many slots trains; the newest ends first where ``backwards``."""
    given: list[str] = []
    running: list[Trial] = []
    while True:
        while len(running) < slots and (work := source.take()):
            running.append(work.trial)
            given.append(work.trial.trial_id)
            source.told(Started(trial_id=work.trial.trial_id, run_id="run", at=NOW))
        if not running:
            return given
        each = running.pop(-1 if backwards else 0)
        failed = each.trial_id in fails
        for record in epochs_of(each)[: 1 if failed else 2]:
            source.told(record)
        status = Status.FAILED if failed else Status.COMPLETED
        source.told(Ended(trial_id=each.trial_id, status=status, at=NOW))


def source(decide: Decide, database: Database | None = None, *, first: int = 2) -> Sequential:
    return Sequential(CANDIDATES, TRIALS, first, (database or Database()).recall, decide)


def until(seeds: Mapping[str, int]) -> Decide:
    """Wants another seed for each candidate until it has as many as are given here."""

    def decide(records: StudyRecords) -> set[str]:
        counts = Counter(each.architecture_id for each in records.trials)
        return {identity(label) for label, wanted in seeds.items() if counts[identity(label)] < wanted}

    return decide


def nothing(records: StudyRecords) -> set[str]:
    return set()


def test_every_candidate_gets_its_first_seeds_seed_by_seed() -> None:
    assert trained(source(nothing)) == [f"{label}/{seed}" for seed in (0, 1) for label in LABELS]


def test_then_only_those_that_are_wanted_get_one_more_a_round() -> None:
    found = trained(source(until({"baseline": 4, "a": 4, "b": 3})))
    assert found[6:] == ["baseline/2", "a/2", "b/2", "baseline/3", "a/3"]


def test_a_candidate_gets_no_more_than_all_its_seeds() -> None:
    found = trained(source(until({"a": 99})))
    assert [each for each in found if each.startswith("a/")] == [f"a/{seed}" for seed in range(6)]


@pytest.mark.parametrize(("slots", "backwards"), [(1, False), (4, False), (4, True), (50, True)])
def test_which_trials_are_trained_does_not_depend_on_who_ends_first(slots: int, backwards: bool) -> None:
    wanted = until({"baseline": 5, "a": 5})
    assert trained(source(wanted), slots=slots, backwards=backwards) == trained(source(wanted))


def test_a_round_waits_for_the_one_before_it() -> None:
    own = source(until({"a": 3}), first=1)
    given = [own.take() for _ in range(4)]
    assert [work.trial.trial_id if work else None for work in given] == ["baseline/0", "a/0", "b/0", None]


def test_the_decision_sees_what_was_measured_and_nothing_that_was_not_given() -> None:
    seen: list[StudyRecords] = []

    def decide(records: StudyRecords) -> set[str]:
        seen.append(records)
        return {identity("a")} if len(seen) == 1 else set()

    trained(source(decide), fails={"b/1"}, slots=3, backwards=True)
    first, second = seen
    assert len(first.trials) == 6
    assert len(second.trials) == 7
    for each in second.trials:
        label = each.trial_id.partition("/")[0]
        if each.trial_id == "b/1":
            assert (each.status, each.epochs, each.accuracy) == (Status.FAILED, 1, None)
            continue
        assert each == ended(trial(CANDIDATES[LABELS.index(label)], each.seed), Status.COMPLETED).result
    assert len(second.epochs) == 13
    assert second.candidates == tuple(CANDIDATES)


def test_what_the_database_knows_is_not_trained_again_and_counts() -> None:
    known = {"a/0": Status.COMPLETED, "b/1": Status.DIVERGED, "baseline/2": Status.COMPLETED, "a/1": Status.FAILED}
    database = Database(known)
    sizes: list[int] = []

    def decide(records: StudyRecords) -> Collection[str]:
        sizes.append(len(records.trials))
        return until({"baseline": 4, "a": 3})(records)

    found = trained(source(decide, database))
    assert database.asked == list(LABELS)
    assert found == ["baseline/0", "b/0", "baseline/1", "a/1", "a/2", "baseline/3"]
    assert sizes == [6, 8, 9]


def test_a_study_that_is_known_whole_trains_nothing() -> None:
    known = {each.trial_id: Status.COMPLETED for each in TRIALS}
    assert trained(source(until({"a": 6, "baseline": 6}), Database(known))) == []


def test_an_epoch_that_comes_again_counts_once() -> None:
    own = source(nothing, first=1)
    work = own.take()
    assert work is not None
    one, two = epochs_of(work.trial)
    for record in (one, two, one, two):
        own.told(record)
    own.told(Ended(trial_id=work.trial.trial_id, status=Status.COMPLETED, at=NOW))
    for rest in (own.take(), own.take()):
        assert rest is not None
        own.told(Ended(trial_id=rest.trial.trial_id, status=Status.FAILED, at=NOW))
    assert own.take() is None


def test_it_trains_what_the_analysis_needs() -> None:
    """With the decision that the trunk gives it: the far candidate stops early, the near one goes on to the end."""
    from se_bench.analysis.sequential import next_seed
    from tests.analysis.small_studies import study
    from tests.analysis.test_sequential import FAR, NEAR, RANGE, known, needed
    from tests.analysis.test_sequential import LABELS as OWN

    candidates = known(dict.fromkeys(OWN, 1)).candidates
    trials = [trial(of, seed) for seed in range(RANGE[1]) for of in candidates]
    results = {each.trial_id: each for each in known(dict.fromkeys(OWN, RANGE[1])).trials}
    own = Sequential(
        candidates,
        trials,
        RANGE[0],
        lambda of, trials: {},
        lambda records: next_seed(study(seeds=RANGE), records, [FAR, NEAR]).architectures,
    )
    given: Counter[str] = Counter()
    while work := own.take():
        label = work.trial.trial_id.partition("/")[0]
        given[label] += 1
        own.told(epoch(label, work.trial.seed, 1, results[work.trial.trial_id].accuracy))
        own.told(Ended(trial_id=work.trial.trial_id, status=Status.COMPLETED, at=NOW))
    assert needed(given, [FAR, NEAR]) == set()
    assert given["spare"] == RANGE[0] <= given["far"] < given["near"] == given["baseline"] == RANGE[1]
