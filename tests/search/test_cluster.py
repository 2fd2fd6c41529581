"""The engine with a real Ray: order of records, reuse, equal numbers, failures, and a clean end.

Every start of Ray costs seconds, so a few runs serve many tests. Nothing here depends on how long anything
takes: a trial that is to be killed or stopped has far more epochs than it will live for.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from se_bench.records import Ended, Epoch, Record, Started, Status, Trial
from se_bench.search.cluster import Cluster, train_all
from se_bench.search.conduct import CRASHES, Alone, conduct
from se_bench.search.head import Head
from se_bench.search.plan import Plan
from se_bench.search.source import Fixed
from se_bench.search.trial import run_trial
from tests.search import processes

ENDLESS = 100_000  # epochs
PATIENCE = 500  # epochs, about a minute


@dataclass
class Outcome:
    """What one run of the engine yielded."""

    records: list[Record] = field(default_factory=list)
    workers: set[int] = field(default_factory=set)
    """Processes that were seen training."""
    folders: set[Path] = field(default_factory=set)
    """Where they work."""

    def of(self, trial: Trial) -> list[Record]:
        return [record for record in self.records if record.trial_id == trial.trial_id]

    def end(self, trial: Trial) -> Ended:
        last = self.of(trial)[-1]
        assert isinstance(last, Ended)
        return last

    def numbers(self, trial: Trial) -> list[Epoch]:
        return numbers(self.of(trial))

    def most_at_once(self) -> int:
        running: set[str] = set()
        most = 0
        for record in self.records:
            if isinstance(record, Ended):
                running.discard(record.trial_id)
            elif record.trial_id != "victim":
                running.add(record.trial_id)
            most = max(most, len(running))
        return most


def numbers(records: Sequence[Record]) -> list[Epoch]:
    """The epochs without their times, which alone may differ."""
    epochs = [record for record in records if isinstance(record, Epoch)]
    return [replace(epoch, train_seconds=0.0, test_seconds=0.0) for epoch in epochs]


def with_recipe(trial: Trial, name: str, **changes: object) -> Trial:
    return replace(trial, trial_id=name, recipe={**trial.recipe, **changes})


def observe(trials: Sequence[Trial], *, slots: int, gpus_per_trial: float = 0.0) -> Outcome:
    outcome = Outcome()
    for record in train_all(trials, run_id="run", slots=slots, gpus_per_trial=gpus_per_trial):
        outcome.records.append(record)
        if isinstance(record, Epoch):
            seen = processes.workers()
            outcome.workers |= seen
            outcome.folders |= {processes.folder(pid) for pid in seen}
    return outcome


@pytest.fixture(scope="module")
def good(small_plan: Plan) -> tuple[Trial, ...]:
    """The baseline and two reductions with seed 0, and the baseline with seed 1."""
    by_label = {candidate.label: candidate.architecture_id for candidate in small_plan.candidates}
    wanted = [("baseline", 0), ("reduction=2", 0), ("reduction=16", 0), ("baseline", 1)]
    found = {(trial.architecture_id, trial.seed): trial for trial in small_plan.trials}
    return tuple(found[by_label[label], seed] for label, seed in wanted)


@pytest.fixture(scope="module")
def alone(good: tuple[Trial, ...]) -> dict[str, list[Epoch]]:
    """The numbers of each good trial, trained in this process."""
    return {trial.trial_id: numbers(list(run_trial(trial, "run"))) for trial in good}


@pytest.fixture(scope="module")
def raising(good: tuple[Trial, ...]) -> Trial:
    """Another dataset than the one that the worker finds."""
    return replace(good[1], trial_id="raising", dataset_fingerprint="0" * 32)


@pytest.fixture(scope="module")
def diverging(good: tuple[Trial, ...]) -> Trial:
    return with_recipe(good[0], "diverging", learning_rate=1e6)


@pytest.fixture(scope="module")
def together(good: tuple[Trial, ...], raising: Trial, diverging: Trial) -> Outcome:
    """Six trials on two slots, the bad ones before most of the good ones."""
    return observe([good[0], raising, diverging, *good[1:]], slots=2)


@pytest.fixture(scope="module")
def killed(good: tuple[Trial, ...]) -> tuple[Trial, Outcome]:
    """The good trials backwards on one slot, after one whose worker is killed whenever it has made an epoch."""
    victim = with_recipe(good[0], "victim", epochs=ENDLESS)
    outcome = Outcome()
    last = 0
    for record in train_all([victim, *reversed(good)], run_id="run", slots=1):
        outcome.records.append(record)
        if isinstance(record, Started):
            last = 0
        elif isinstance(record, Epoch):
            last += 1
            seen = processes.workers()
            outcome.workers |= seen
            if record.trial_id == "victim" and last == 1:
                for pid in seen:
                    os.kill(pid, signal.SIGKILL)
    return victim, outcome


def test_records_come_in_a_legal_order(together: Outcome, good: tuple[Trial, ...]) -> None:
    per_trial = defaultdict(list)
    for record in together.records:
        per_trial[record.trial_id].append(record)
    assert set(per_trial) == {"raising", "diverging", *(trial.trial_id for trial in good)}
    for records in per_trial.values():
        first, *epochs, last = records
        assert isinstance(first, Started)
        assert first.run_id == "run"
        assert isinstance(last, Ended)
        assert first.at <= last.at
        assert [epoch.epoch for epoch in epochs] == list(range(1, len(epochs) + 1))


def test_trials_start_in_the_order_of_the_plan(killed: tuple[Trial, Outcome], good: tuple[Trial, ...]) -> None:
    victim, outcome = killed
    started = [record.trial_id for record in outcome.records if isinstance(record, Started)]
    others = [trial.trial_id for trial in reversed(good)]
    # The next trial is at hand when a worker dies, and so comes before the second try.
    assert started[0] == victim.trial_id
    assert started.count(victim.trial_id) == 1 + CRASHES
    assert [each for each in started if each != victim.trial_id] == others


def test_never_more_trials_at_once_than_slots(together: Outcome, killed: tuple[Trial, Outcome]) -> None:
    assert together.most_at_once() <= 2
    assert killed[1].most_at_once() == 1


def test_workers_are_reused_from_trial_to_trial(together: Outcome, killed: tuple[Trial, Outcome]) -> None:
    assert 1 <= len(together.workers) <= 2  # six trials, one of which raised and one diverged
    assert len(killed[1].workers) <= 1 + CRASHES + 1


def test_a_relative_path_means_the_same_in_a_worker(together: Outcome) -> None:
    assert together.folders == {Path.cwd()}


def test_good_trials_complete(together: Outcome, good: tuple[Trial, ...]) -> None:
    for trial in good:
        assert together.end(trial).status is Status.COMPLETED
        assert together.end(trial).error == ""
        assert len(together.numbers(trial)) == trial.recipe["epochs"]


def test_numbers_beside_others_are_bitwise_those_alone(
    together: Outcome, good: tuple[Trial, ...], alone: dict[str, list[Epoch]]
) -> None:
    for trial in good:
        assert together.numbers(trial) == alone[trial.trial_id]


def test_numbers_in_another_order_and_in_a_fresh_worker_are_bitwise_the_same(
    killed: tuple[Trial, Outcome], good: tuple[Trial, ...], alone: dict[str, list[Epoch]]
) -> None:
    for trial in good:  # the last of them is the first trial of its worker, the others are not
        assert killed[1].numbers(trial) == alone[trial.trial_id]


def test_different_trials_have_different_numbers(good: tuple[Trial, ...], alone: dict[str, list[Epoch]]) -> None:
    """Or equal numbers would say nothing."""
    losses = {alone[trial.trial_id][-1].train_loss for trial in good}
    assert len(losses) == len(good)


def test_a_trial_that_raises_fails_with_its_cause_and_the_others_go_on(
    together: Outcome, raising: Trial, good: tuple[Trial, ...]
) -> None:
    end = together.end(raising)
    assert end.status is Status.FAILED
    assert end.error.startswith("SeBenchError: this worker's digits is ")
    assert good[0].dataset_fingerprint in end.error
    assert "0" * 32 in end.error
    assert together.numbers(raising) == []


def test_a_trial_that_diverges_says_so(together: Outcome, diverging: Trial) -> None:
    end = together.end(diverging)
    assert end.status is Status.DIVERGED
    assert re.fullmatch(r"epoch \d: train loss \S+, test loss \S+ \(not finite\)", end.error)
    assert f"epoch {len(together.numbers(diverging))}:" in end.error


def test_a_worker_that_dies_again_and_again_crashes_its_trial_and_the_others_go_on(
    killed: tuple[Trial, Outcome], good: tuple[Trial, ...]
) -> None:
    victim, outcome = killed
    end = outcome.end(victim)
    assert end.status is Status.CRASHED
    assert end.error.startswith("the worker process died: Worker exit type: ")
    assert [type(record) for record in outcome.of(victim)].count(Ended) == 1
    assert [outcome.end(trial).status for trial in good] == [Status.COMPLETED] * len(good)


@pytest.fixture
def short_temp(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A temporary folder of our own, short enough for Ray's sockets."""
    folder = Path(tempfile.mkdtemp(prefix="seb-", dir="/tmp"))
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    yield folder
    shutil.rmtree(folder)


def test_stopping_early_takes_the_cluster_down(good: tuple[Trial, ...], short_temp: Path) -> None:
    endless = [with_recipe(trial, f"endless {trial.trial_id}", epochs=ENDLESS) for trial in good[:2]]
    others = set(processes.below(os.getpid()))
    started = 0
    with contextlib.closing(train_all(endless, run_id="run", slots=2)) as records:
        for record in records:
            started += isinstance(record, Started)
            if started == 2:  # both train at once
                break
            assert not (isinstance(record, Epoch) and record.epoch > PATIENCE), "the second slot stays empty"
        cluster = set(processes.below(os.getpid())) - others
        assert processes.workers() <= cluster
        assert len(ours(short_temp)) == 1
        watched = processes.watch(cluster)
    assert processes.alive_after(watched, seconds=20) == set()
    assert ours(short_temp) == []


def test_workers_that_start_early_train_what_comes_later(
    good: tuple[Trial, ...], alone: dict[str, list[Epoch]], small_plan: Plan
) -> None:
    records: defaultdict[str, list[Record]] = defaultdict(list)
    with Head(2) as head, Cluster(slots=2, head=head) as cluster:
        cluster.start()
        while len(seen := processes.workers()) < 2:
            assert head.is_alive
        pool = cluster.serve(run_id="run", images=small_plan.images)
        for record in conduct(Fixed(good), pool, Alone()):
            records[record.trial_id].append(record)
            if isinstance(record, Started):
                assert processes.workers() <= seen
    assert {trial_id: numbers(found) for trial_id, found in records.items()} == alone


def test_workers_that_start_early_end_where_nothing_comes(short_temp: Path) -> None:
    others = set(processes.below(os.getpid()))
    with Head(2) as head, Cluster(slots=2, head=head) as cluster:
        cluster.start()
        while not head.processes:
            assert head.is_alive
        watched = processes.watch(set(processes.below(os.getpid())) - others)
    assert watched
    assert processes.alive_after(watched, seconds=20) == set()
    assert ours(short_temp) == []


def test_nothing_to_train_starts_nothing(short_temp: Path) -> None:
    assert list(train_all([], run_id="run", slots=2)) == []
    assert list(short_temp.iterdir()) == []


def ours(temp: Path) -> list[Path]:
    """Our folders; torch keeps a cache of its own there."""
    return list(temp.glob("se-bench-*"))


def test_trials_wait_for_a_gpu_and_not_only_for_a_slot(
    good: tuple[Trial, ...],
    alone: dict[str, list[Epoch]],
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """One GPU as far as scheduling is concerned; where there is none, trials compute on the CPU as ever."""
    monkeypatch.setenv("RAY_OVERRIDE_RESOURCES", '{"GPU": 1}')
    outcome = observe(good[:3], slots=2, gpus_per_trial=1.0)
    assert outcome.most_at_once() == 1
    assert len(outcome.workers) == 1
    assert [outcome.numbers(trial) for trial in good[:3]] == [alone[trial.trial_id] for trial in good[:3]]
    assert capfd.readouterr() == ("", "")  # the terminal belongs to whoever iterates
