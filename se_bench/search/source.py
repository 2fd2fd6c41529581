"""Sources: which trial comes next. The runner asks one whenever a slot is free and tells it every record."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from se_bench.records import Candidate, Epoch, KnownTrial, Record, Trial

Recall: TypeAlias = Callable[[Candidate, Sequence[Trial]], Mapping[str, KnownTrial]]
"""What the database knows of a candidate's trials that have ended, by trial id; it registers them with the study."""


@dataclass(frozen=True, slots=True)
class Work:
    """A trial to be trained."""

    trial: Trial
    recorded: tuple[Epoch, ...] = ()
    """Epochs that are known, for a scheduler to see before training goes on after them."""
    whole: bool = False
    """Whether no scheduler may stop it, nor judge others by it: the baseline, which all are compared with."""

    @property
    def answered(self) -> bool:
        """Whether every epoch is recorded, so that nothing is left to be trained."""
        return bool(len(self.recorded) == self.trial.recipe["epochs"])


class Source(Protocol):
    """Gives away trials, from one thread."""

    @property
    def eager(self) -> bool:
        """Whether trials may be taken before a slot is free, so that no slot waits: they depend on no result."""

    def take(self) -> Work | None:
        """The next trial; None where none comes before a running one has ended, which is the end if none runs."""

    def told(self, record: Record) -> None:
        """``record``, of a trial that was taken, is in the database."""


class Fixed:
    """Trials that are known from the start, in their order."""

    eager = True

    def __init__(self, trials: Iterable[Trial]) -> None:
        self._left = deque(trials)

    def take(self) -> Work | None:
        """The next in order."""
        return Work(self._left.popleft()) if self._left else None

    def told(self, record: Record) -> None:
        """Nothing depends on results."""
