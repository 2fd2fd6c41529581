"""Candidate by candidate: schedulers, several slots, and what is told of each candidate."""

from __future__ import annotations

from math import log
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from se_bench.records import Status, Trial
from se_bench.search.plan import make_plan
from se_bench.search.proposals import proposals
from tests.search.proposing import (
    ASHA,
    GRID,
    REDUCTIONS,
    SEARCH,
    Listed,
    finish,
    good,
    listed,
    stop_the_worse,
)
from tests.search.searching import Driver, Memory, accuracy, all_well, asked, run_through_kills

# What is told


def test_the_value_is_the_mean_over_the_seeds_of_the_last_epoch_on_the_validation_split(folder: Path) -> None:
    nets = asked(folder, f"{{{GRID}}}", seeds=3)
    driver = Driver(nets)
    proposer, source = listed(nets, [4, 8], driver.memory)
    while work := source.take():
        finish(driver, source, work.trial)
    for number, candidate in enumerate(proposer.candidates):
        values = [accuracy(trial, 2) for trial in nets.trials(candidate)]
        told = proposer.told[number]
        assert told is not None
        assert told.accuracy == pytest.approx(sum(values) / 3)
        assert told.loss == pytest.approx(1 - sum(values) / 3)


@pytest.mark.parametrize(
    ("outcomes", "value"),
    [
        ((Status.COMPLETED, Status.COMPLETED), "both"),
        ((Status.COMPLETED, Status.DIVERGED), "first and chance"),
        ((Status.COMPLETED, Status.OUT_OF_MEMORY), "first and chance"),
        ((Status.DIVERGED, Status.OUT_OF_MEMORY), "chance"),
        ((Status.COMPLETED, Status.FAILED), "first"),
        ((Status.COMPLETED, Status.CRASHED), "first"),
        ((Status.STOPPED, Status.FAILED), "first"),
        ((Status.FAILED, Status.CRASHED), "nothing"),
    ],
)
def test_what_went_wrong_is_told_as_it_is(folder: Path, outcomes: tuple[Status, Status], value: str) -> None:
    """A net that diverges, or is too large, is worth a guess; an error of the machine says nothing of the net."""
    nets = asked(folder, f"{{{GRID}}}", seeds=2)
    trials = nets.trials(nets.candidate({"reduction": 4}))
    of_trial = dict(zip((trial.trial_id for trial in trials), outcomes, strict=True))

    def outcome(trial: Trial, epoch: int) -> Status | None:
        return of_trial.get(trial.trial_id, all_well(trial, epoch))

    driver = Driver(nets, outcome=outcome)
    proposer, source = listed(nets, [4], driver.memory)
    while work := source.take():
        finish(driver, source, work.trial)
    first, second = (accuracy(trial, 1) for trial in trials)
    expected = {"both": [first, second], "first and chance": [first, 0.1], "chance": [0.1], "first": [first]}
    told = proposer.told[0]
    if value == "nothing":
        assert told is None
    else:
        assert told is not None
        assert told.accuracy == pytest.approx(sum(expected[value]) / len(expected[value]))
        assert (told.loss == pytest.approx(log(10))) == (value == "chance")


def test_what_is_known_is_answered_without_training(folder: Path) -> None:
    nets = asked(folder, f"{{{SEARCH}, candidates: 6}}", seeds=2)
    first = Driver(nets)
    first.run()
    again = Driver(nets, first.memory)
    trained = list(first.memory.trained)
    source = again.run()
    assert again.memory.trained == trained
    assert (source.proposed, source.end) == (6, "as many candidates as the plan asks for")


def test_a_failed_trial_is_tried_again_by_the_next_run_and_a_diverged_one_is_not(folder: Path) -> None:
    nets = asked(folder, f"{{{GRID}}}", rest="budget: {trials: 20}", seeds=1)
    ids = {r: nets.trials(nets.candidate({"reduction": r}))[0].trial_id for r in REDUCTIONS}
    ends = {ids[2]: Status.FAILED, ids[4]: Status.DIVERGED, ids[8]: Status.CRASHED}
    driver = Driver(nets, outcome=lambda trial, epoch: ends.get(trial.trial_id, all_well(trial, epoch)))
    driver.run()
    assert {driver.memory.ended[each] for each in ids.values()} == {Status.COMPLETED, *ends.values()}
    driver.memory.ended[ids[16]] = Status.STOPPED  # by a study with a scheduler
    driver.memory.epochs[ids[16]].pop()
    driver.outcome = all_well
    driver.run()
    left = {each for each, status in driver.memory.ended.items() if status is not Status.COMPLETED}
    assert left == {ids[4]}


# Schedulers


@pytest.mark.parametrize("plan", [f"{{{SEARCH}, candidates: 8, {ASHA}}}", f"{{{GRID}, {ASHA}}}"])
def test_with_a_scheduler_the_next_seed_comes_when_the_one_before_was_not_stopped(folder: Path, plan: str) -> None:
    nets = asked(folder, plan, seeds=3, epochs=4)
    driver = Driver(nets, outcome=stop_the_worse, slots=2)
    driver.run()
    for candidate in driver.memory.candidates:
        epochs = [len(driver.memory.epochs.get(trial.trial_id, ())) for trial in nets.trials(candidate)]
        better = candidate.is_baseline or good(nets.trials(candidate)[0])
        assert epochs == ([4, 4, 4] if better else [2, 0, 0])
    assert len({good(nets.trials(each)[0]) for each in driver.memory.candidates[1:]}) == 2


@pytest.mark.parametrize("known", [False, True])
def test_what_was_trained_whole_once_is_confirmed_whole(folder: Path, known: bool) -> None:
    """The scheduler judges the first seed; the others may all train at once."""
    nets = asked(folder, f"{{{GRID}, {ASHA}}}", seeds=3, epochs=4)

    def only_first(trial: Trial, epoch: int) -> Status | None:
        return all_well(trial, epoch) if trial.seed == 0 or epoch < 2 else Status.STOPPED

    driver = Driver(nets, outcome=only_first)
    if known:
        driver.run()
    _, source = listed(nets, [4], driver.memory, scheduled=True)
    taken = [source.take() for _ in range(2 if known else 5)]
    first = next(work for work in taken if work and not work.whole)
    assert first.trial.seed == 0
    assert source.take() is None
    if known:
        assert len(first.recorded) == 4
        driver.run()
        assert len(driver.memory.trained) == 7 * 3 * 4
        return
    finish(driver, source, first.trial)
    second, third = source.take(), source.take()
    assert second is not None
    assert third is not None
    assert second.whole
    assert third.whole


def test_the_baseline_is_whole_and_its_seeds_need_not_wait(folder: Path) -> None:
    nets = asked(folder, f"{{{GRID}, {ASHA}}}", seeds=3)
    source = proposals(make_plan(nets.study), Memory().recall)
    taken = [source.take() for _ in range(5)]
    assert [work is not None and work.whole for work in taken] == [True, True, True, False, False]
    assert len({work.trial.architecture_id for work in taken if work}) == 3


@pytest.mark.parametrize("plan", [f"{{{SEARCH}, candidates: 7, {ASHA}}}", f"{{{GRID}, {ASHA}}}"])
def test_known_trials_are_shown_to_the_scheduler_and_not_trained_again(folder: Path, plan: str) -> None:
    nets = asked(folder, plan, seeds=2, epochs=4)
    driver = Driver(nets, outcome=stop_the_worse)
    driver.run()
    memory, trained = driver.memory, list(driver.memory.trained)
    source = proposals(make_plan(nets.study), memory.recall, Listed(memory.candidates[1:]))
    work = source.take()
    assert work is not None
    assert work.recorded == tuple(memory.epochs[work.trial.trial_id])
    assert not work.whole
    driver.run()
    assert driver.memory.trained == trained


@settings(max_examples=15, deadline=None)
@given(
    kills=st.lists(st.integers(0, 30), max_size=5),
    seeds=st.integers(1, 3),
    checkpoints=st.booleans(),
    kind=st.sampled_from([f"{SEARCH}, candidates: 6", "kind: nsga2, candidates: 6", GRID]),
)
def test_a_scheduled_plan_that_is_killed_ends_as_an_undisturbed_one(
    folder: Path, kills: list[int], seeds: int, checkpoints: bool, kind: str
) -> None:
    nets = asked(folder, f"{{{kind}, {ASHA}}}", seeds=seeds, epochs=4)
    undisturbed = Driver(nets, outcome=stop_the_worse)
    killed = Driver(nets, outcome=stop_the_worse, checkpoints=checkpoints)
    undisturbed.run()
    run_through_kills(killed, kills)
    assert killed.memory.proposed == undisturbed.memory.proposed
    assert killed.memory.epochs == undisturbed.memory.epochs
    assert killed.memory.ended == undisturbed.memory.ended
