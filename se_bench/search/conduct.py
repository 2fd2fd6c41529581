"""One run: trials from a source to a pool of workers and their records back, through crashes and other drivers.

A trial whose worker process dies is tried again from its checkpoint, twice. One that runs out of memory is
tried again once, when it has the machine to itself. One that another driver trains is waited for.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Protocol, TypeAlias

from se_bench.records import Ended, KnownTrial, Record, Status
from se_bench.search.source import Source, Work

CRASHES = 2
"""How often a trial is tried again after its worker process has died."""
POLL_SECONDS = 1.0
"""Between two looks at what other drivers have done."""


@dataclass(frozen=True, slots=True)
class Died:
    """The worker process of a trial has ended."""

    trial_id: str
    log: str
    """Why, and its last lines."""
    by_trial: bool = True
    """Whether the trial may have to do with it; a machine that was taken away has not."""


@dataclass(frozen=True, slots=True)
class Replayed:
    """A trial that needed no training was shown to the scheduler."""

    trial_id: str
    epochs: int
    """How many it saw before it stopped the trial, or all."""


Event: TypeAlias = Record | Died | Replayed


class Pool(Protocol):
    """Worker processes."""

    slots: int
    """Trials at once."""
    ahead: int
    """Trials that it takes beyond those, so that no slot waits for the next."""

    def submit(self, work: Work) -> None:
        """Have ``work`` done when its turn comes."""

    def next(self, timeout: float | None) -> Event | None:
        """What happens next; None where nothing does within ``timeout`` seconds."""


class Ledger(Protocol):
    """What a driver may know and say of the trials that it shares with others."""

    def claim(self, trial_id: str) -> bool:
        """Whether this driver may train the trial: nobody else does, and it is not settled."""

    def lost(self, trial_id: str) -> bool:
        """Whether somebody else has taken the trial over since."""

    def elsewhere(self, trial_ids: Collection[str]) -> Mapping[str, KnownTrial]:
        """Those of the trials that others have ended, with what they measured."""


class Alone:
    """The ledger of a driver without others and without a database."""

    def claim(self, trial_id: str) -> bool:
        """Always."""
        return True

    def lost(self, trial_id: str) -> bool:
        """Never."""
        return False

    def elsewhere(self, trial_ids: Collection[str]) -> Mapping[str, KnownTrial]:
        """None."""
        return {}


@dataclass
class _State:
    """Where each trial is that the source gave away and that has not ended."""

    in_pool: dict[str, Work] = field(default_factory=dict)
    again: deque[Work] = field(default_factory=deque)
    """To be tried again, before anything new."""
    alone: deque[Work] = field(default_factory=deque)
    """To be tried again when nothing else is left."""
    held: dict[str, Work] = field(default_factory=dict)
    """Trained by another driver."""
    crashes: Counter[str] = field(default_factory=Counter)
    starved: set[str] = field(default_factory=set)
    """Have run out of memory once."""
    waiting: bool = False
    """Whether nothing is left to do here but to wait for others."""


def conduct(
    source: Source, pool: Pool, ledger: Ledger, notice: Callable[[str], None] = lambda _: None
) -> Iterator[Record]:
    """Train what ``source`` gives away and yield every record as it comes, to be kept before the next is asked for.

    The end of a trial comes once, however often it was tried. ``notice`` is told, in a sentence, of what delays.
    """
    state = _State()
    while True:
        _fill(source, pool, ledger, state)
        if not state.in_pool and not state.held:
            if not state.alone:
                return  # the source has nothing more, and nothing is left that could change that
            _submit(state.alone.popleft(), pool, ledger, state)
            continue
        if state.held and not state.in_pool and not state.waiting:
            notice(f"{len(state.held)} trials of this study are in other hands; waiting for them.")
        state.waiting = bool(state.held) and not state.in_pool
        event = pool.next(POLL_SECONDS if state.held else None)
        if state.held:
            _of_others(source, ledger, state)
        if event is None:
            continue
        record = _settle(event, source, state)
        if record is None:
            continue
        yield record
        if ledger.lost(record.trial_id):
            if isinstance(record, Ended) and record.trial_id not in state.held:
                state.held[record.trial_id] = state.in_pool.pop(record.trial_id)
            continue
        if isinstance(record, Ended):
            state.in_pool.pop(record.trial_id, None)
        source.told(record)


def _fill(source: Source, pool: Pool, ledger: Ledger, state: _State) -> None:
    """Give the pool as much as it takes."""
    while len(state.in_pool) < pool.slots + (pool.ahead if source.eager else 0):
        if state.again:
            work: Work | None = state.again.popleft()
        elif state.starved & state.in_pool.keys():
            return  # one has the machine to itself
        else:
            work = source.take()
        if work is None:
            return
        _submit(work, pool, ledger, state)


def _submit(work: Work, pool: Pool, ledger: Ledger, state: _State) -> None:
    trial_id = work.trial.trial_id
    if work.answered or ledger.claim(trial_id):
        state.in_pool[trial_id] = work
        pool.submit(work)
    else:
        state.held[trial_id] = work


def _settle(event: Event, source: Source, state: _State) -> Record | None:
    """The record that ``event`` means, or None where it means another try or no training."""
    trial_id = event.trial_id
    if isinstance(event, Replayed):
        work = state.in_pool.pop(trial_id)
        for epoch in work.recorded[: event.epochs]:
            source.told(epoch)
        status = Status.COMPLETED if work.answered and event.epochs == len(work.recorded) else Status.STOPPED
        source.told(Ended(trial_id=trial_id, status=status, at=datetime.now(UTC)))
        return None
    if isinstance(event, Died):
        state.crashes[trial_id] += event.by_trial
        if state.crashes[trial_id] <= CRASHES:
            state.again.append(state.in_pool.pop(trial_id))
            return None
        return Ended(trial_id=trial_id, status=Status.CRASHED, at=datetime.now(UTC), error=event.log)
    if isinstance(event, Ended) and event.status is Status.OUT_OF_MEMORY and trial_id not in state.starved:
        state.starved.add(trial_id)
        state.alone.append(state.in_pool.pop(trial_id))
        return None
    return event


def _of_others(source: Source, ledger: Ledger, state: _State) -> None:
    """Tell the source what other drivers have ended, and try what they have let go of."""
    for trial_id, known in ledger.elsewhere(state.held.keys()).items():
        del state.held[trial_id]
        for epoch in known.epochs:
            source.told(epoch)
        status, at, error = known.result.status, known.result.ended_at or datetime.now(UTC), known.result.error
        source.told(Ended(trial_id=trial_id, status=status, at=at, error=error))
    for trial_id in [each for each in state.held if ledger.claim(each)]:
        state.again.append(state.held.pop(trial_id))
