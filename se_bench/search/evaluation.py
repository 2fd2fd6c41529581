"""One candidate being evaluated on its seeds: which of its trials comes next, and what they have measured."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import log
from statistics import fmean

from se_bench.records import Candidate, Ended, Epoch, KnownTrial, Record, Started, Status, Trial
from se_bench.search.source import Work


@dataclass(frozen=True)
class Measured:
    """What a candidate is chosen by, a mean over its seeds: never a number of the test split."""

    accuracy: float
    """On the validation split after the last epoch that each trial has."""
    loss: float


def chance(classes: int) -> Measured:
    """What guessing gives: the number of a net that has none of its own."""
    return Measured(accuracy=1 / classes, loss=log(classes))


@dataclass
class _Course:
    """One trial as far as it came."""

    recorded: tuple[Epoch, ...] = ()
    epochs: dict[int, Epoch] = field(default_factory=dict)
    status: Status = Status.PLANNED

    def measured(self, classes: int) -> Measured | None:
        """A net that diverges or does not fit into memory is worth a guess; an error says nothing of the net."""
        if self.status in (Status.DIVERGED, Status.OUT_OF_MEMORY):
            return chance(classes)
        if self.status not in (Status.COMPLETED, Status.STOPPED) or not self.epochs:
            return None
        last = self.epochs[max(self.epochs)]
        if last.validation_accuracy is None or last.validation_loss is None:
            return None
        return Measured(last.validation_accuracy, last.validation_loss)


class Evaluation:
    """A candidate's trials, from the first that is given away to the last that has ended.

    All seeds may be given away at once. A scheduler judges a candidate by its first seed: the next comes only when
    that one has ended, and none when it was stopped. Once a seed was trained whole, so are the others: they are to
    confirm it, and a scheduler that has seen the best of everything would stop half of them.
    """

    def __init__(
        self, candidate: Candidate, trials: Sequence[Trial], known: Mapping[str, KnownTrial], *, scheduled: bool
    ) -> None:
        self.candidate = candidate
        self._judged = scheduled and not candidate.is_baseline
        self._courses: dict[str, _Course] = {}
        self._waiting: deque[Trial] = deque()
        self._running: set[str] = set()
        for trial in trials:
            of_trial = known.get(trial.trial_id)
            course = self._courses[trial.trial_id] = _Course()
            if of_trial is None:
                self._waiting.append(trial)
            elif of_trial.result.status.settled and not self._judged:
                course.status = of_trial.result.status
                course.epochs = {epoch.epoch: epoch for epoch in of_trial.epochs}
            else:
                self._waiting.append(trial)
                course.recorded = of_trial.epochs if self._judged else ()

    @property
    def over(self) -> bool:
        """Whether nothing is running and nothing more is given away."""
        return not self._waiting and not self._running

    @property
    def answered(self) -> dict[str, tuple[Epoch, ...]]:
        """The trials that were known and need no training, with their epochs."""
        ended = ((trial_id, course) for trial_id, course in self._courses.items() if course.status.ends)
        return {trial_id: tuple(course.epochs.values()) for trial_id, course in ended}

    def take(self) -> Work | None:
        """The next trial that may be given away now."""
        if not self._waiting or (self._judged and self._running):
            return None
        trial = self._waiting.popleft()
        self._running.add(trial.trial_id)
        return Work(trial, self._courses[trial.trial_id].recorded, whole=not self._judged)

    def told(self, record: Record) -> list[str]:
        """Take a record of one of the trials into account; returns those that will not be trained after all."""
        course = self._courses[record.trial_id]
        if isinstance(record, Started):
            course.epochs = {epoch.epoch: epoch for epoch in record.epochs}
        elif isinstance(record, Epoch):
            course.epochs[record.epoch] = record
        else:
            return self._end(record)
        return []

    def measured(self) -> Measured | None:
        """The mean over the seeds that say something of the net; None where none does, or while some still run."""
        classes = self.candidate.architecture["classes"]
        found = [each for course in self._courses.values() if (each := course.measured(classes)) is not None]
        if not self.over or not found:
            return None
        return Measured(fmean(each.accuracy for each in found), fmean(each.loss for each in found))

    def _end(self, record: Ended) -> list[str]:
        self._courses[record.trial_id].status = record.status
        self._running.discard(record.trial_id)
        if record.status is Status.COMPLETED:
            self._judged = False
        left_out = []
        if record.status is Status.STOPPED:
            left_out = [trial.trial_id for trial in self._waiting]
            self._waiting.clear()
        return left_out
