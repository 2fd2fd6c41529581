"""What a study may use: trials, epochs and hours, with several slots, stops and other drivers."""

from __future__ import annotations

import random
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from se_bench.config.plan import Budget
from se_bench.records import Ended, Epoch, Started, Status
from se_bench.search.budget import Spending
from se_bench.search.plan import make_plan
from se_bench.search.proposals import InOrder, Proposals, proposals
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
    take_all,
)
from tests.search.searching import AT, SECONDS, Driver, Killed, Memory, accuracy, all_well, asked


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
