"""Schedulers judge the epochs of the trials that they may stop, once and in order, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest
from ray.tune.experiment import Trial as TuneTrial
from ray.tune.schedulers import TrialScheduler

from se_bench.config.plan import Scheduler
from se_bench.search.tuning import scheduler

EPOCHS = 4
GOES_ON, STOPS = TrialScheduler.CONTINUE, TrialScheduler.STOP
KINDS = ["asha", "hyperband", "median"]


@dataclass(eq=False)
class Shown:
    """A trial as schedulers know it."""

    trial_id: str
    whole: bool = False
    status: str = TuneTrial.RUNNING
    is_saving: bool = False
    config: dict[str, Any] = field(init=False)

    def __post_init__(self) -> None:
        self.config = {"work": {"whole": self.whole}}


@dataclass
class Controller:
    """Tune's, as far as schedulers ask it."""

    trials: list[Shown]

    def get_trials(self) -> list[Shown]:
        return self.trials

    def get_live_trials(self) -> list[Shown]:
        return self.trials

    def stop_trial(self, trial: Shown) -> None:
        trial.status = TuneTrial.TERMINATED


def judge(kind: str, reduction: int = 2) -> TrialScheduler:
    keys = {} if kind == "median" else {"reduction": reduction}
    made = scheduler(Scheduler(kind=kind, **keys), EPOCHS)  # type: ignore[arg-type]
    assert made is not None
    return made


def scored(epoch: int, score: float) -> dict[str, Any]:
    return {"begun": True, "record": object(), "epoch": epoch, "score": score}


UNSCORED = {"begun": True, "record": object()}


@pytest.mark.parametrize("kind", KINDS)
def test_starts_ends_and_trials_without_an_epoch_are_no_trouble(kind: str) -> None:
    trials = [Shown(str(number)) for number in range(3)]
    controller, made = Controller(trials), judge(kind)
    for trial in trials:
        made.on_trial_add(controller, trial)
        assert made.on_trial_result(controller, trial, UNSCORED) == GOES_ON
    made.on_trial_error(controller, trials[0])
    made.on_trial_complete(controller, trials[1], UNSCORED)
    assert made.on_trial_result(controller, trials[2], scored(1, 0.5)) == GOES_ON
    made.on_trial_complete(controller, trials[2], UNSCORED)
    late = Shown("late")
    made.on_trial_add(controller, late)
    assert made.on_trial_result(controller, late, scored(1, 0.4)) in (GOES_ON, STOPS)


@pytest.mark.parametrize("kind", ["asha", "median"])
def test_the_worst_is_stopped_and_a_whole_one_never(kind: str) -> None:
    others = [Shown(str(number)) for number in range(5)]
    worst, whole = Shown("worst"), Shown("whole", whole=True)
    controller, made = Controller([*others, worst, whole]), judge(kind)
    for trial in controller.trials:
        made.on_trial_add(controller, trial)
    for epoch in (1, 2):
        for place, trial in enumerate(others):
            made.on_trial_result(controller, trial, scored(epoch, 0.5 + place / 10))
    assert made.on_trial_result(controller, worst, scored(1, 0.1)) == STOPS
    assert [made.on_trial_result(controller, whole, scored(epoch, 0.0)) for epoch in (1, 2, 3)] == [GOES_ON] * 3


@pytest.mark.parametrize("kind", ["asha", "median"])
def test_a_whole_one_judges_no_other(kind: str) -> None:
    """Beside five whole trials that are far better, a trial is alone."""
    best = [Shown(str(number), whole=True) for number in range(5)]
    trial = Shown("trial")
    controller, made = Controller([*best, trial]), judge(kind)
    for each in controller.trials:
        made.on_trial_add(controller, each)
    for each in best:
        made.on_trial_result(controller, each, scored(1, 0.9))
    assert made.on_trial_result(controller, trial, scored(1, 0.1)) == GOES_ON


def test_an_epoch_that_comes_again_is_judged_once() -> None:
    """After a pause a trial is shown from its first epoch; its running mean must not weigh those twice."""
    trials = [Shown(str(number)) for number in range(5)]
    controller, made = Controller(trials), judge("median")
    for trial in trials:
        made.on_trial_add(controller, trial)
    for trial, scores in zip(trials, [(0.1, 0.9), (0.1, 0.9), (0.1, 0.9)], strict=False):
        for epoch, score in enumerate(scores, start=1):
            made.on_trial_result(controller, trial, scored(epoch, score))
        for _ in range(5):  # again and again
            made.on_trial_result(controller, trial, scored(1, 0.1))
    made.on_trial_result(controller, trials[3], scored(1, 0.3))
    assert made.on_trial_result(controller, trials[3], scored(2, 0.45)) == STOPS  # below the means, 0.5


def test_hyperband_halves_a_bracket_when_all_of_it_is_there() -> None:
    """Of 4 epochs and a reduction of 2: the first three run whole, then a bracket of three to the second epoch."""
    trials = [Shown(str(number)) for number in range(6)]
    baseline = Shown("baseline", whole=True, status=TuneTrial.PENDING)
    controller, made = Controller([*trials, baseline]), judge("hyperband")
    made.on_trial_add(controller, baseline)
    assert made.choose_trial_to_run(controller) is baseline
    baseline.status = TuneTrial.RUNNING
    for trial in trials:
        made.on_trial_add(controller, trial)
    for trial in trials[:3]:
        assert [made.on_trial_result(controller, trial, scored(epoch, 0.1)) for epoch in (1, 2)] == [GOES_ON] * 2
    for trial, score in zip(trials[3:], (0.9, 0.2, 0.8), strict=True):
        made.on_trial_result(controller, trial, scored(1, score))
        action = made.on_trial_result(controller, trial, scored(2, score))
        if trial is not trials[5]:
            assert action == TrialScheduler.PAUSE
            trial.status = TuneTrial.PAUSED
    assert [trial.status for trial in trials[3:]] == [TuneTrial.PAUSED, TuneTrial.TERMINATED, TuneTrial.RUNNING]
    assert made.choose_trial_to_run(controller) is trials[3]
