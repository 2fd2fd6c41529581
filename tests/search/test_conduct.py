"""What a driver makes of crashes, memory that does not suffice, and trials in other hands, event by event."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from se_bench.records import Ended, Epoch, KnownTrial, Record, Started, Status, Trial, TrialResult
from se_bench.search.conduct import CRASHES, Alone, Died, Event, Replayed, conduct
from se_bench.search.source import Fixed, Work

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def trial(name: str) -> Trial:
    return Trial(
        trial_id=name, architecture_id="a", architecture={}, dataset={}, dataset_fingerprint="", recipe={"epochs": 2},
        seed=0, numerics_version=1,
    )  # fmt: skip


def started(name: str) -> Started:
    return Started(trial_id=name, run_id="run", at=NOW)


def epoch(name: str, number: int = 1) -> Epoch:
    return Epoch(
        trial_id=name, epoch=number, train_loss=1, train_accuracy=0, test_loss=1, test_accuracy=0, train_seconds=1,
        test_seconds=0, gradient_norms=(), validation_accuracy=0.5,
    )  # fmt: skip


def ended(name: str, status: Status = Status.COMPLETED) -> Ended:
    return Ended(trial_id=name, status=status, at=NOW)


def died(name: str, **how: bool) -> Died:
    return Died(name, "the worker process died\nlast words", **how)


@dataclass
class Scripted:
    """A pool in which every try of a trial goes as written; without a script, it completes."""

    scripts: dict[str, list[list[Event]]]
    slots: int = 2
    ahead: int = 0
    submitted: list[str] = field(default_factory=list)
    most: int = 0
    _running: deque[Iterator[Event]] = field(default_factory=deque)

    def submit(self, work: Work) -> None:
        name = work.trial.trial_id
        self.submitted.append(name)
        tries = self.scripts.get(name, [])
        self._running.append(iter(tries.pop(0) if tries else [started(name), epoch(name), ended(name)]))
        self.most = max(self.most, len(self._running))

    def next(self, timeout: float | None) -> Event | None:
        while self._running:
            script = self._running[0]
            self._running.rotate(-1)
            event = next(script, None)
            if event is None:
                self._running.remove(script)
                continue
            if isinstance(event, Ended | Died | Replayed):
                self._running.remove(script)
            return event
        assert timeout is not None, "nothing runs, and nobody else is waited for: this would hang"
        return None


def conducted(pool: Scripted, *names: str) -> list[Record]:
    return list(conduct(Fixed([trial(name) for name in names]), pool, Alone()))


def ends(records: list[Record]) -> dict[str, Status]:
    found = [record for record in records if isinstance(record, Ended)]
    assert len({record.trial_id for record in found}) == len(found), "a trial ended twice"
    return {record.trial_id: record.status for record in found}


def test_a_crashed_trial_is_tried_again_and_its_end_comes_once():
    pool = Scripted({"a": [[started("a"), died("a")], [started("a"), epoch("a"), died("a")]]})
    records = conducted(pool, "a", "b")
    assert ends(records) == {"a": Status.COMPLETED, "b": Status.COMPLETED}
    assert pool.submitted.count("a") == 3


def test_a_trial_that_crashes_every_time_ends_with_its_last_lines():
    pool = Scripted({"a": [[started("a"), died("a")]] * 9})
    records = conducted(pool, "a", "b")
    assert ends(records) == {"a": Status.CRASHED, "b": Status.COMPLETED}
    assert pool.submitted.count("a") == 1 + CRASHES
    assert next(each.error for each in records if isinstance(each, Ended) and each.trial_id == "a").endswith("words")


def test_a_lost_machine_does_not_count_against_a_trial():
    pool = Scripted({"a": [[started("a"), died("a", by_trial=False)]] * 9})
    assert ends(conducted(pool, "a")) == {"a": Status.COMPLETED}
    assert pool.submitted.count("a") == 10


def test_out_of_memory_is_tried_again_alone_and_last():
    pool = Scripted({"a": [[started("a"), ended("a", Status.OUT_OF_MEMORY)]]})
    assert ends(conducted(pool, "a", "b", "c")) == dict.fromkeys("abc", Status.COMPLETED)
    assert pool.submitted == ["a", "b", "c", "a"]


def test_out_of_memory_alone_is_the_end():
    short = [started("a"), ended("a", Status.OUT_OF_MEMORY)]
    pool = Scripted({"a": [short, short], "b": [[started("b"), ended("b", Status.OUT_OF_MEMORY)]]})
    assert ends(conducted(pool, "a", "b", "c")) == {
        "a": Status.OUT_OF_MEMORY,
        "b": Status.COMPLETED,
        "c": Status.COMPLETED,
    }
    assert pool.submitted == ["a", "b", "c", "a", "b"], "one has the machine to itself"


def test_never_more_than_the_pool_takes():
    pool = Scripted({}, slots=2, ahead=1)
    conducted(pool, *"abcdefgh")
    assert pool.most == 3
    assert pool.submitted == list("abcdefgh")


@dataclass
class Shared:
    """A ledger in which others hold trials until they have been asked about so many times."""

    theirs: dict[str, int]
    """Trial -> how often it is looked for before it has ended there."""
    dies: bool = False
    """Whether the other driver lets go instead of ending its trials."""
    taken: set[str] = field(default_factory=set)
    """Trials that are taken over from this driver as soon as it has started them."""

    def claim(self, trial_id: str) -> bool:
        return trial_id not in self.theirs or (self.dies and self.theirs[trial_id] <= 0)

    def lost(self, trial_id: str) -> bool:
        return trial_id in self.taken

    def elsewhere(self, trial_ids: Collection[str]) -> Mapping[str, KnownTrial]:
        for name in trial_ids:
            self.theirs[name] = self.theirs.get(name, 0) - 1
        done = [name for name in trial_ids if self.theirs[name] <= 0 and not self.dies]
        return {name: KnownTrial(result=result(name), epochs=(epoch(name, 1), epoch(name, 2))) for name in done}


def result(name: str) -> TrialResult:
    return TrialResult(trial_id=name, architecture_id="a", seed=0, status=Status.COMPLETED, epochs=2)


class Listening(Fixed):
    """Remembers what it is told."""

    def __init__(self, *names: str) -> None:
        super().__init__([trial(name) for name in names])
        self.heard: list[Record] = []

    def told(self, record: Record) -> None:
        self.heard.append(record)


def test_a_trial_of_another_driver_is_waited_for_and_the_source_hears_of_it():
    source, notices = Listening("a", "b"), []
    records = list(conduct(source, Scripted({}), Shared({"a": 5}), notices.append))
    assert {record.trial_id for record in records} == {"b"}
    assert ends(source.heard) == {"a": Status.COMPLETED, "b": Status.COMPLETED}
    assert [record for record in source.heard if record.trial_id == "a"][:2] == [epoch("a", 1), epoch("a", 2)]
    assert notices == ["1 trials of this study are in other hands; waiting for them."]


def test_a_dead_drivers_trial_is_taken_over():
    pool = Scripted({})
    assert ends(list(conduct(Listening("a", "b"), pool, Shared({"a": 3}, dies=True)))) == dict.fromkeys(
        "ab", Status.COMPLETED
    )
    assert pool.submitted == ["b", "a"]


def test_what_was_taken_over_counts_as_the_other_driver_ends_it():
    source = Listening("a")
    list(conduct(source, Scripted({}), Taken("a")))
    assert ends(source.heard) == {"a": Status.COMPLETED}
    assert [type(record) for record in source.heard] == [Epoch, Epoch, Ended], "only what the other one measured"


class Taken(Shared):
    """The trial is claimed here first and then by another driver, who ends it."""

    def __init__(self, name: str) -> None:
        super().__init__({}, taken={name})
        self._claims = 0

    def claim(self, trial_id: str) -> bool:
        self._claims += 1
        return self._claims == 1


def test_what_needs_no_training_is_replayed_and_not_yielded():
    class Recorded(Listening):
        def take(self) -> Work | None:
            work = super().take()
            return work and Work(work.trial, (epoch("a", 1), epoch("a", 2)))

    for seen, status in ((2, Status.COMPLETED), (1, Status.STOPPED)):
        source = Recorded("a")
        assert list(conduct(source, Scripted({"a": [[Replayed("a", seen)]]}), Shared({"a": 9}))) == []
        assert source.heard[:-1] == [epoch("a", 1), epoch("a", 2)][:seen]
        assert ends(source.heard) == {"a": status}


@pytest.mark.parametrize("ahead", [0, 2])
def test_an_interrupted_caller_leaves_nothing_running(ahead: int):
    records = conduct(Fixed([trial("a"), trial("b")]), Scripted({}, ahead=ahead), Alone())
    assert isinstance(next(records), Started)
    records.close()
    assert list(records) == []
