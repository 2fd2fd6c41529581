"""Who takes part in a run: what is known beforehand, the workers, and whoever looks on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Protocol

from se_bench.records import Candidate, Record, Status, Trial
from se_bench.search.conduct import Pool
from se_bench.search.plan import Plan
from se_bench.training.checkpoint import Checkpoints


class Watch(Protocol):
    """Who looks on while a study is trained."""

    def saw(self, record: Record) -> None:
        """``record`` is in the database."""

    def planned(self, candidate: Candidate, trials: Sequence[Trial]) -> None:
        """A candidate has joined the study, and with it ``trials`` that are not settled."""

    def notice(self, text: str) -> None:
        """Something that a user should know, and need not act on."""


class Workers(Protocol):
    """Opens a pool of workers."""

    def __call__(
        self, *, run_id: str, slots: int, gpus_per_trial: float, checkpoints: Checkpoints
    ) -> AbstractContextManager[Pool]:
        """A context with the pool."""


@dataclass(frozen=True)
class Known:
    """A plan beside what the database has of it."""

    plan: Plan
    statuses: dict[str, Status]
    """Trial id -> how far it came, for the trials that were ever started."""
    durations: dict[str, float]
    """Trial id -> seconds that the same trial with other seeds took, where any was completed."""
    changes: tuple[str, ...] = ()
    """What the study's definition says otherwise than when it was last run, a line for each key."""
    accuracies: Mapping[str, Mapping[int, float]] = field(default_factory=dict)
    """Architecture -> seed -> accuracy of everything that was completed in this setting."""

    @property
    def missing(self) -> tuple[Trial, ...]:
        """The trials that a run would train."""
        return tuple(
            trial for trial in self.plan.trials if not self.statuses.get(trial.trial_id, Status.PLANNED).settled
        )
