"""Candidate by candidate: budgets, schedulers, several slots, and what is told of each candidate."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import log
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from se_bench.config.plan import Budget
from se_bench.records import Candidate, Ended, Epoch, Started, Status, Trial
from se_bench.search.budget import Spending
from se_bench.search.candidates import Nets
from se_bench.search.evaluation import Measured
from se_bench.search.plan import make_plan
from se_bench.search.proposals import InOrder, Proposal, Proposals, proposals
from tests.search.searching import AT, SECONDS, Driver, Killed, Memory, accuracy, all_well, asked

REDUCTIONS = (1, 2, 4, 8, 16, 32)
GRID = f"kind: grid, vary: {{reduction: {list(REDUCTIONS)}}}"
SEARCH = "kind: RandomSampler"
ASHA = "scheduler: {kind: asha}"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("studies")


def good(trial: Trial) -> bool:
    """Whether the net is among the better ones, whatever the seed."""
    return accuracy(trial, 0) > 0.55


def stop_the_worse(trial: Trial, epoch: int) -> Status | None:
    return all_well(trial, epoch) if good(trial) or epoch < 2 else Status.STOPPED


@dataclass
class Listed:
    """Proposes what it is given, and keeps what it is told."""

    candidates: Sequence[Candidate]
    told: dict[int, Measured | None] = field(default_factory=dict)
    asked: int = 0

    def ask(self) -> Proposal | None:
        if self.asked == len(self.candidates):
            return None
        self.asked += 1
        return Proposal(self.asked - 1, self.candidates[self.asked - 1])

    def tell(self, number: int, measured: Measured | None) -> None:
        assert number not in self.told
        self.told[number] = measured


def listed(
    nets: Nets, reductions: Sequence[int], memory: Memory, *, scheduled: bool = False
) -> tuple[Listed, Proposals]:
    proposer = Listed([nets.candidate({"reduction": reduction}) for reduction in reductions])
    source = Proposals(
        proposer,
        [nets.baseline({})],
        trials_of=nets.trials,
        recall=memory.recall,
        spending=Spending(None, nets.study.setting.recipe.epochs),
        scheduled=scheduled,
    )
    return proposer, source


def finish(driver: Driver, source: Proposals, trial: Trial) -> None:
    """Train a trial that was taken to its end."""
    driver.start(source, trial)
    while not driver.advance(source, trial, whole=False):
        pass


def take_all(source: Proposals) -> list[Trial]:
    return [work.trial for work in iter(source.take, None)]


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
    for after in kills:
        try:
            killed.run(kill_after=after)
        except Killed:
            continue
    killed.run()
    assert killed.memory.proposed == undisturbed.memory.proposed
    assert killed.memory.epochs == undisturbed.memory.epochs
    assert killed.memory.ended == undisturbed.memory.ended


# Budgets


@settings(max_examples=25, deadline=None)
@given(
    trials=st.none() | st.integers(1, 25),
    epochs=st.none() | st.integers(1, 70),
    hours=st.none() | st.integers(1, 70),
    seeds=st.integers(1, 3),
    slots=st.integers(1, 4),
    order=st.randoms(use_true_random=False),
    scheduled=st.booleans(),
    kills=st.lists(st.integers(0, 40), max_size=2),
    kind=st.sampled_from([f"{SEARCH}, candidates: 9", GRID]),
)
def test_a_budget_is_kept_by_however_many_slots_and_used_up(
    folder: Path, trials: int | None, epochs: int | None, hours: int | None, seeds: int, slots: int,
    order: random.Random, scheduled: bool, kills: list[int], kind: str,
) -> None:  # fmt: skip
    if trials is epochs is hours is None:
        trials = 5
    limits = {"trials": trials, "epochs": epochs, "hours": None if hours is None else hours * SECONDS / 3600 + 1e-9}
    budget = ", ".join(f"{name}: {value!r}" for name, value in limits.items() if value is not None)
    plan = f"{{{kind}{f', {ASHA}' if scheduled else ''}}}"
    nets = asked(folder, plan, rest=f"budget: {{{budget}}}", seeds=seeds, epochs=3)
    driver = Driver(nets, outcome=stop_the_worse if scheduled else all_well, slots=slots, order=order)
    for after in kills:
        try:
            driver.run(kill_after=after)
        except Killed:
            continue
    source = driver.run()
    memory = driver.memory
    used = {"trials": len(memory.begun), "epochs": memory.spent, "hours": memory.spent}
    most = {"trials": trials, "epochs": epochs, "hours": hours}
    # Two slots may begin before any epoch was timed; then hours are overdrawn by what was under way, and no more.
    slack = {"trials": 0, "epochs": 0, "hours": slots * seeds * 3}
    for name, limit in most.items():
        assert limit is None or used[name] <= limit + slack[name]
    if source.end.startswith("the budget"):
        whole = {"trials": seeds, "epochs": 3 * seeds, "hours": 3 * seeds}
        assert any(limit is not None and used[name] + whole[name] > limit for name, limit in most.items())
    else:
        assert len(memory.proposed) == (9 if "Sampler" in kind else len(REDUCTIONS))


def test_hours_are_those_of_the_records(folder: Path) -> None:
    """Baseline and three candidates of one seed and two epochs take eight epochs of two seconds."""
    nets = asked(folder, f"{{{GRID}}}", rest=f"budget: {{hours: {17.9 / 3600}}}", seeds=1)
    driver = Driver(nets)
    source = driver.run()
    assert (len(driver.memory.trained), source.end) == (8, "the budget has no room for another candidate")
    wider = Driver(asked(folder, f"{{{GRID}}}", rest=f"budget: {{hours: {20.1 / 3600}}}", seeds=1), driver.memory)
    wider.run()
    assert len(driver.memory.trained) == 10


def test_what_is_known_counts_against_the_budget(folder: Path) -> None:
    """Else a search would propose more because another study had trained some of its nets."""
    free = Driver(asked(folder, f"{{{GRID}}}", seeds=1))
    free_plan = make_plan(free.nets.study)
    known = [each for each in free_plan.candidates if not each.is_baseline][:3]
    for candidate in known:
        _, source = listed(free.nets, [], free.memory)
        source = Proposals(
            InOrder([candidate]), [free_plan.candidates[0]], trials_of=free.nets.trials, recall=free.memory.recall,
            spending=Spending(None, 2),
        )  # fmt: skip
        while work := source.take():
            finish(free, source, work.trial)
    memory = free.memory
    memory.candidates.clear()
    limited = Driver(asked(folder, f"{{{GRID}}}", rest="budget: {trials: 5}", seeds=1), memory)
    limited.run()
    assert len(memory.proposed) == 4
    assert len(memory.begun) == 5


def test_a_candidate_begins_only_where_all_of_its_seeds_fit(folder: Path) -> None:
    nets = asked(folder, f"{{{GRID}}}", rest="budget: {trials: 8}", seeds=3)
    driver = Driver(nets, slots=2)
    driver.run()
    assert len(driver.memory.begun) == 6


def test_a_budget_below_the_baseline_trains_nothing(folder: Path) -> None:
    driver = Driver(asked(folder, f"{{{GRID}}}", rest="budget: {epochs: 3}", seeds=2))
    source = driver.run()
    assert driver.memory.trained == []
    assert source.end == "the budget has no room for another candidate"


def test_a_stopped_trial_leaves_its_epochs_to_others(folder: Path) -> None:
    """Six nets of 4 epochs and the baseline would need 28; stopped ones need 2."""
    nets = asked(folder, f"{{{GRID}, {ASHA}}}", rest="budget: {epochs: 20}", seeds=1, epochs=4)
    driver = Driver(nets, outcome=stop_the_worse)
    driver.run()
    stopped = sum(status is Status.STOPPED for status in driver.memory.ended.values())
    assert stopped > 1
    assert len(driver.memory.begun) == 1 + min(6, (16 + 2 * stopped) // 4)


def an_epoch(trial_id: str, number: int) -> Epoch:
    return Epoch(
        trial_id=trial_id, epoch=number, train_loss=1.0, train_accuracy=0.5, test_loss=9.0, test_accuracy=0.0,
        train_seconds=1.0, test_seconds=1.0, gradient_norms=(),
    )  # fmt: skip


def test_spending_counts_each_epoch_once_and_no_void_one() -> None:
    spending = Spending(None, 2)
    spending.begin(["a", "b"])
    for trial_id, number in [("a", 1), ("a", 2), ("a", 2), ("b", 1)]:
        spending.saw(an_epoch(trial_id, number))
    assert (spending.trials, spending.epochs, spending.seconds) == (2, 3, 6.0)
    spending.void("a")
    assert (spending.trials, spending.epochs, spending.seconds) == (2, 1, 2.0)
    spending.saw(an_epoch("a", 1))
    assert (spending.epochs, spending.seconds) == (2, 4.0)


def test_spending_reserves_what_a_trial_under_way_still_needs() -> None:
    spending = Spending(Budget(trials=3, epochs=12), 4)
    spending.begin(["a"])
    assert spending.admits(2)
    assert not spending.admits(3)
    spending.saw(an_epoch("a", 1))
    assert spending.admits(2)
    spending.begin(["b", "c"])
    assert not spending.admits(1)
    spending.leave_out("c")
    assert spending.admits(1)
    spending.end("a")  # after one epoch
    assert spending.admits(1)


def test_seeds_that_a_scheduler_leaves_out_are_not_counted(folder: Path) -> None:
    nets = asked(folder, f"{{{GRID}, {ASHA}}}", rest="budget: {trials: 9}", seeds=2, epochs=4)
    driver = Driver(nets, outcome=stop_the_worse)
    driver.run()
    expected = 2
    for reduction in REDUCTIONS:
        needed = 2 if good(nets.trials(nets.candidate({"reduction": reduction}))[0]) else 1
        expected += needed if expected + 2 <= 9 else 0
    assert len(driver.memory.begun) == expected > 2 * 3


def test_room_for_another_candidate_may_come_when_a_trial_is_stopped(folder: Path) -> None:
    nets = asked(folder, f"{{{GRID}, {ASHA}}}", rest="budget: {epochs: 13}", seeds=1, epochs=4)
    drawn = {each.architecture_id: each for each in (nets.candidate({"reduction": r}) for r in range(1, 17))}
    driver = Driver(nets, outcome=stop_the_worse)
    proposer = Listed([each for each in drawn.values() if not good(nets.trials(each)[0])])
    source = proposals(make_plan(nets.study), driver.memory.recall, proposer)
    baseline, first, second = take_all(source)
    assert source.end == ""
    for trial in (first, second):
        driver.start(source, trial)
        while not driver.advance(source, trial, whole=False):
            pass
    (third,) = take_all(source)
    assert third.architecture_id not in (baseline.architecture_id, first.architecture_id, second.architecture_id)


def test_records_of_a_trial_that_another_driver_trained_are_taken_as_ours(folder: Path) -> None:
    """The runner tells them when they are in the database: epochs and an end, without a start."""
    nets = asked(folder, f"{{{GRID}}}", seeds=1)
    elsewhere = Driver(nets)
    proposer, source = listed(nets, [4], Memory())
    taken = take_all(source)
    _, other = listed(nets, [4], elsewhere.memory)
    for trial in take_all(other):
        finish(elsewhere, other, trial)
    for trial in taken:
        for epoch in elsewhere.memory.epochs[trial.trial_id]:
            source.told(epoch)
        source.told(Ended(trial_id=trial.trial_id, status=Status.COMPLETED, at=AT))
    assert proposer.told[0] is not None
    assert proposer.told[0].accuracy == accuracy(taken[1], 2)


def test_a_trial_that_begins_again_is_judged_by_its_new_epochs_alone(folder: Path) -> None:
    nets = asked(folder, f"{{{GRID}}}", seeds=1)
    driver = Driver(nets, checkpoints=False)
    proposer, source = listed(nets, [4], driver.memory)
    _, trial = take_all(source)
    finish_first = driver.memory
    driver.start(source, trial)
    driver.advance(source, trial, whole=False)
    source.told(Started(trial_id=trial.trial_id, run_id="run", at=AT))
    source.told(Ended(trial_id=trial.trial_id, status=Status.FAILED, at=AT))
    assert proposer.told == {0: None}
    assert finish_first.spent == 1
