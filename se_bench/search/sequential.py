"""Seeds one by one: every candidate's first seeds, then one more for those that a comparison still needs."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Collection, Sequence
from typing import TypeAlias

from se_bench.records import (
    Candidate,
    Ended,
    Epoch,
    Record,
    Started,
    Status,
    StudyRecords,
    Trial,
    TrialResult,
)
from se_bench.search.source import Recall, Work

Decide: TypeAlias = Callable[[StudyRecords], Collection[str]]
"""The architectures that need one more seed, given what is known of all."""


class Sequential:
    """A source that gives rounds of one seed to the candidates that ``decide`` names, until it names none.

    A round begins when the one before it has ended, so that which trials are trained depends on results alone and
    not on which of them ended first.
    """

    eager = False

    def __init__(
        self, candidates: Sequence[Candidate], trials: Sequence[Trial], first_seeds: int, recall: Recall, decide: Decide
    ) -> None:
        """Plan the first round.

        Args:
            candidates: of the study.
            trials: of each candidate with each seed that it may get, the seeds in their order.
            first_seeds: how many of its trials every candidate gets.
            recall: asked once for each candidate, before its first trial is given away.
            decide: asked after each round.
        """
        self._candidates = tuple(candidates)
        self._decide = decide
        self._trials: defaultdict[str, list[Trial]] = defaultdict(list)
        for trial in trials:
            self._trials[trial.architecture_id].append(trial)
        self._given = dict.fromkeys(self._trials, 0)
        self._results: dict[str, TrialResult] = {}
        self._epochs: defaultdict[str, list[Epoch]] = defaultdict(list)
        self._queue: deque[Trial] = deque()
        self._running: dict[str, Trial] = {}
        for candidate in candidates:
            for trial_id, known in recall(candidate, self._trials[candidate.architecture_id]).items():
                if known.result.status.settled:
                    self._results[trial_id] = known.result
                    self._epochs[trial_id] = list(known.epochs)
        for _ in range(first_seeds):
            self._add(self._given)

    def take(self) -> Work | None:
        """The next trial of this round, or the first of the next one once it is over; None while it is not."""
        while not self._queue and not self._running and self._add(self._decide(self._records())):
            pass
        if not self._queue:
            return None
        trial = self._queue.popleft()
        self._running[trial.trial_id] = trial
        return Work(trial)

    def told(self, record: Record) -> None:
        """Remember what a trial measured."""
        if isinstance(record, Started):
            self._epochs[record.trial_id] = list(record.epochs)
        elif isinstance(record, Epoch):
            self._epochs[record.trial_id][record.epoch - 1 :] = [record]  # another driver may begin again
        else:
            self._results[record.trial_id] = self._result(self._running.pop(record.trial_id), record)

    def _add(self, architectures: Collection[str]) -> bool:
        """Give each of these one more seed, where it has one left; whether any has."""
        added = False
        for candidate in self._candidates:
            own = self._trials[candidate.architecture_id]
            given = self._given[candidate.architecture_id]
            if candidate.architecture_id in architectures and given < len(own):
                self._given[candidate.architecture_id] += 1
                if own[given].trial_id not in self._results:
                    self._queue.append(own[given])
                added = True
        return added

    def _records(self) -> StudyRecords:
        """What is known of the trials that were given a turn."""
        taken = [trial for architecture, own in self._trials.items() for trial in own[: self._given[architecture]]]
        return StudyRecords(
            candidates=self._candidates,
            trials=tuple(self._results[trial.trial_id] for trial in taken),
            epochs=tuple(epoch for trial in taken for epoch in self._epochs[trial.trial_id]),
        )

    def _result(self, trial: Trial, end: Ended) -> TrialResult:
        epochs = self._epochs[trial.trial_id]
        last = epochs[-1] if end.status is Status.COMPLETED else None
        return TrialResult(
            trial_id=trial.trial_id,
            architecture_id=trial.architecture_id,
            seed=trial.seed,
            status=end.status,
            epochs=len(epochs),
            accuracy=last.test_accuracy if last else None,
            loss=last.test_loss if last else None,
            train_seconds=sum(epoch.train_seconds + epoch.test_seconds for epoch in epochs) if epochs else None,
            error=end.error,
        )
