"""What a study has used of its budget, whoever trained it, and what its running trials may still use."""

from __future__ import annotations

from collections.abc import Iterable

from se_bench.config.plan import Budget
from se_bench.records import Epoch


class Spending:
    """Trials, epochs and hours of one study.

    A trial that is under way counts with all of its epochs until it ends, so that several at once never go beyond
    the budget together. Hours that nobody has measured yet are expected at the mean of those that were.
    """

    def __init__(self, budget: Budget | None, epochs_a_trial: int) -> None:
        self._budget = budget or Budget.model_construct()
        self._epochs_a_trial = epochs_a_trial
        self._seconds: dict[str, dict[int, float]] = {}
        self._under_way: set[str] = set()
        self.trials = 0
        """Trials under way or ended."""
        self.epochs = 0
        """Epochs on record."""
        self.seconds = 0.0
        """Their steps and evaluations."""

    def admits(self, trials: int) -> bool:
        """Whether so many more whole trials fit beside what is used and what is under way."""
        budget = self._budget
        epochs = (len(self._under_way) + trials) * self._epochs_a_trial
        epochs -= sum(len(self._seconds[trial_id]) for trial_id in self._under_way)
        pace = self.seconds / self.epochs if self.epochs else 0.0
        return (
            (budget.trials is None or self.trials + trials <= budget.trials)
            and (budget.epochs is None or self.epochs + epochs <= budget.epochs)
            and (budget.hours is None or self.seconds + epochs * pace <= budget.hours * 3600)
        )

    def begin(self, trial_ids: Iterable[str]) -> None:
        """These trials are under way, or will be."""
        for trial_id in trial_ids:
            self._seconds[trial_id] = {}
            self._under_way.add(trial_id)
            self.trials += 1

    def saw(self, epoch: Epoch) -> None:
        """An epoch is on record; the same epoch again replaces it."""
        of_trial = self._seconds[epoch.trial_id]
        self.epochs += epoch.epoch not in of_trial
        self.seconds -= of_trial.get(epoch.epoch, 0.0)
        of_trial[epoch.epoch] = epoch.train_seconds + epoch.test_seconds
        self.seconds += of_trial[epoch.epoch]

    def void(self, trial_id: str) -> None:
        """The trial begins again: its epochs do not count."""
        self.epochs -= len(self._seconds[trial_id])
        self.seconds -= sum(self._seconds[trial_id].values())
        self._seconds[trial_id] = {}

    def end(self, trial_id: str) -> None:
        """The trial will have no further epoch."""
        self._under_way.discard(trial_id)

    def leave_out(self, trial_id: str) -> None:
        """The trial, which has no epoch, will not be trained."""
        del self._seconds[trial_id]
        self._under_way.discard(trial_id)
        self.trials -= 1
