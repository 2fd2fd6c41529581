"""Tune's schedulers, shown only what they are to judge by.

They expect a score with each result and judge every trial. Here a trial's start and end have none, an epoch may come
twice, when a trial goes on after a pause, and a trial that must be whole is neither judged nor judged by.
"""

from __future__ import annotations

from typing import Any

from ray.tune.experiment import Trial
from ray.tune.schedulers import TrialScheduler


class Judge(TrialScheduler):
    """Passes on to ``inner`` each epoch of the trials that it may stop, once and in order."""

    def __init__(self, inner: TrialScheduler) -> None:
        super().__init__()
        self._inner = inner
        self._last: dict[str, dict[str, Any]] = {}

    def set_search_properties(self, metric: str | None, mode: str | None, **spec: Any) -> bool:
        """Metric and mode are those of ``inner``."""
        return True

    def on_trial_add(self, tune_controller: Any, trial: Trial) -> None:
        """It is to be trained."""
        if not _is_whole(trial):
            self._inner.on_trial_add(tune_controller, trial)

    def on_trial_result(self, tune_controller: Any, trial: Trial, result: dict[str, Any]) -> str:
        """What is to become of it."""
        if _is_whole(trial) or "score" not in result or result["epoch"] <= self._epoch(trial):
            return str(TrialScheduler.CONTINUE)
        self._last[trial.trial_id] = result
        return str(self._inner.on_trial_result(tune_controller, trial, result))

    def on_trial_complete(self, tune_controller: Any, trial: Trial, result: dict[str, Any]) -> None:
        """It is over: what counts is its last epoch, not its last result."""
        if _is_whole(trial):
            return
        if trial.trial_id in self._last:
            self._inner.on_trial_complete(tune_controller, trial, self._last.pop(trial.trial_id))
        else:
            self._inner.on_trial_remove(tune_controller, trial)

    def on_trial_remove(self, tune_controller: Any, trial: Trial) -> None:
        """It is over, and was paused."""
        if not _is_whole(trial):
            self._last.pop(trial.trial_id, None)
            self._inner.on_trial_remove(tune_controller, trial)

    def on_trial_error(self, tune_controller: Any, trial: Trial) -> None:
        """It is over, by an error."""
        if not _is_whole(trial):
            self._last.pop(trial.trial_id, None)
            self._inner.on_trial_error(tune_controller, trial)

    def choose_trial_to_run(self, tune_controller: Any) -> Trial | None:
        """The next: those that must be whole before those that ``inner`` chooses."""
        for trial in tune_controller.get_trials():
            if _is_whole(trial) and trial.status == Trial.PENDING:
                return trial
        return self._inner.choose_trial_to_run(tune_controller)

    def debug_string(self) -> str:
        """For Tune's own display, which is off."""
        return str(self._inner.debug_string())

    def save(self, checkpoint_path: str) -> None:
        """Nothing: the database is the only memory."""

    def restore(self, checkpoint_path: str) -> None:
        """See :meth:`save`."""

    def _epoch(self, trial: Trial) -> int:
        return self._last[trial.trial_id]["epoch"] if trial.trial_id in self._last else 0


def _is_whole(trial: Trial) -> bool:
    return bool(trial.config["work"]["whole"])
