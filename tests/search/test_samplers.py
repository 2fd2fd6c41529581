"""Optuna's samplers: the same proposals again, after whatever interruption, and none beyond the constraints."""

from __future__ import annotations

import random
from importlib.util import find_spec
from itertools import count
from pathlib import Path

import optuna
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from se_bench.config.constraint import holds
from se_bench.config.samplers import SAMPLERS
from se_bench.errors import ConfigError
from se_bench.search import samplers
from se_bench.search.candidates import Nets
from se_bench.search.evaluation import Measured
from se_bench.search.samplers import Sampled
from tests.search.searching import Driver, Killed, Memory, asked, run_through_kills

QUICK = ["tpe", "nsga2", "NSGAIIISampler", "QMCSampler", "RandomSampler", "BruteForceSampler"]
SMALL_GENERATIONS = "sampler_options: {population_size: 4}"
OPTIONS = {
    "tpe": "sampler_options: {n_startup_trials: 3}",
    "nsga2": SMALL_GENERATIONS,
    "NSGAIIISampler": SMALL_GENERATIONS,
}


def searching(folder: Path, kind: str, *, candidates: int = 10, rest: str = "", seeds: int = 1, more: str = "") -> Nets:
    options = f", {OPTIONS[kind]}" if kind in OPTIONS else ""
    return asked(folder, f"{{kind: {kind}, candidates: {candidates}{options}{more}}}", rest=rest, seeds=seeds)


@pytest.mark.parametrize("kind", QUICK)
def test_a_search_that_is_killed_anywhere_proposes_what_an_undisturbed_one_does(folder: Path, kind: str) -> None:
    nets = searching(folder, kind)
    undisturbed = Driver(nets)
    undisturbed.run()
    assert len(undisturbed.memory.proposed) == 10
    killed = Driver(nets)
    for after in count(1):
        try:
            killed.run(kill_after=after)
        except Killed:
            continue
        break
    assert killed.memory.proposed == undisturbed.memory.proposed
    assert killed.memory.epochs == undisturbed.memory.epochs
    assert sorted(killed.memory.trained) == sorted(undisturbed.memory.trained)


@settings(max_examples=8, deadline=None)
@given(
    kind=st.sampled_from(["tpe", "nsga2"]),
    seed=st.integers(0, 2**32 - 1),
    kills=st.lists(st.integers(0, 40), max_size=4),
    seeds=st.integers(1, 3),
    checkpoints=st.booleans(),
)
def test_whatever_the_seed_and_the_kills(
    folder: Path, kind: str, seed: int, kills: list[int], seeds: int, checkpoints: bool
) -> None:
    nets = searching(folder, kind, candidates=9, seeds=seeds, more=f", seed: {seed}")
    undisturbed, killed = Driver(nets), Driver(nets, checkpoints=checkpoints)
    undisturbed.run()
    run_through_kills(killed, kills)
    assert killed.memory.proposed == undisturbed.memory.proposed
    assert killed.memory.epochs == undisturbed.memory.epochs


def test_another_seed_is_another_search(folder: Path) -> None:
    one, other = (Driver(searching(folder, "tpe", candidates=6, more=f", seed: {seed}")) for seed in (0, 1))
    one.run()
    other.run()
    assert one.memory.proposed != other.memory.proposed


@settings(max_examples=8, deadline=None)
@given(
    kind=st.sampled_from(["tpe", "nsga2", "RandomSampler"]),
    slots=st.integers(2, 4),
    order=st.randoms(use_true_random=False),
    after=st.integers(1, 60),
)
def test_what_several_slots_proposed_is_proposed_again(
    folder: Path, kind: str, slots: int, order: random.Random, after: int
) -> None:
    """Their trials ended in another order than one slot's would, and a second run tells them in yet another."""
    driver = Driver(searching(folder, kind, candidates=10, seeds=2), slots=slots, order=order)
    try:
        driver.run(kill_after=after)
    except Killed:
        before = list(driver.memory.proposed)
        driver.run()
        assert driver.memory.proposed[: len(before)] == before
    assert len(driver.memory.proposed) == 10
    assert len(driver.memory.trained) == len(set(driver.memory.trained)) == (10 + 1) * 2 * 2
    trained = list(driver.memory.trained)
    driver.run()
    assert driver.memory.trained == trained


def test_a_search_that_is_extended_trains_only_what_is_new(folder: Path) -> None:
    memory = Memory()
    Driver(searching(folder, "tpe", candidates=5), memory).run()
    Driver(searching(folder, "tpe", candidates=9), memory).run()
    whole = Driver(searching(folder, "tpe", candidates=9))
    whole.run()
    assert memory.proposed == whole.memory.proposed
    assert memory.trained == whole.memory.trained


def test_more_seeds_keep_the_candidates_that_were_found(folder: Path) -> None:
    """Their values change, so a sampler alone would turn elsewhere."""
    memory = Memory()
    Driver(searching(folder, "tpe", candidates=8), memory).run()
    before = list(memory.proposed)
    Driver(searching(folder, "tpe", candidates=8, seeds=3), memory).run()
    assert memory.proposed == before
    assert len(memory.trained) == len(set(memory.trained)) == (8 + 1) * 3 * 2


def test_candidates_that_the_plan_holds_no_longer_are_left_alone(folder: Path) -> None:
    memory = Memory()
    Driver(searching(folder, "RandomSampler", candidates=8), memory).run()
    before = len(memory.candidates)
    narrow = asked(folder, "{kind: RandomSampler, candidates: 3, vary: {reduction: [2, 4, 8]}}", seeds=1)
    Driver(narrow, memory).run()
    nets = {narrow.candidate({"reduction": reduction}).architecture_id for reduction in (2, 4, 8)}
    assert nets <= set(memory.proposed)
    assert {each.architecture_id for each in memory.candidates[before:]} <= nets


@pytest.mark.parametrize("kind", ["tpe", "nsga2", "RandomSampler"])
def test_nothing_beyond_the_constraints_is_proposed(folder: Path, kind: str) -> None:
    rest = 'constraints: {params: "<= 76e3", macs: "<= 3.0615e6"}'
    driver = Driver(searching(folder, kind, candidates=10, rest=rest))
    driver.run()
    assert len(driver.memory.proposed) == 10
    for candidate in driver.memory.candidates:
        assert candidate.is_baseline or holds("<= 76e3", candidate.cost.params)
        assert candidate.is_baseline or holds("<= 3.0615e6", candidate.cost.macs)


def test_constraints_that_nothing_keeps_end_the_search(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(samplers, "MOST_REFUSALS", 20)
    driver = Driver(searching(folder, "RandomSampler", rest='constraints: {params: "< 1"}'))
    source = driver.run()
    assert source.end == "nothing new is left to propose within the constraints"
    assert driver.memory.proposed == []


def test_what_cannot_be_built_is_not_proposed(folder: Path) -> None:
    """Eight groups do not divide the four channels of a narrow net."""
    plan = "{kind: tpe, candidates: 3, vary: {excite: [grouped_full, diagonal], groups: [1, 2, 8]}}"
    driver = Driver(asked(folder, plan, "backbone.width=4", seeds=1))
    driver.run()
    assert {(each.axes["excite"], each.axes.get("groups")) for each in driver.memory.candidates[1:]} == {
        ("grouped_full", 1), ("grouped_full", 2), ("diagonal", None),
    }  # fmt: skip


def test_a_small_space_is_searched_to_its_end(folder: Path) -> None:
    plan = "{kind: tpe, candidates: 50, vary: {reduction: [2, 4, 8, 64, 128, 256]}}"
    driver = Driver(asked(folder, plan, seeds=1))
    source = driver.run()
    assert len(driver.memory.proposed) == 4
    assert source.end == "nothing new is left to propose within the constraints"


class Stubborn(optuna.samplers.BaseSampler):
    """Proposes one net for ever."""

    def infer_relative_search_space(self, study: object, trial: object) -> dict[str, object]:  # type: ignore[override]
        return {}

    def sample_relative(self, study: object, trial: object, search_space: object) -> dict[str, object]:
        return {}

    def sample_independent(self, study: object, trial: object, param_name: str, param_distribution: object) -> object:
        return 1


def test_a_sampler_that_repeats_itself_is_given_a_net_at_random(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(samplers, "_maker", lambda study: lambda number: Stubborn())
    driver = Driver(asked(folder, "{kind: tpe, candidates: 6, vary: {reduction: [1, 2, 4, 8, 16, 32, 64]}}", seeds=1))
    driver.run()
    assert len(driver.memory.proposed) == 6


def test_a_block_of_another_net_brings_its_baseline(folder: Path) -> None:
    plan = "{kind: RandomSampler, candidates: 4, vary: {width: [8, 16], reduction: [2, 4]}}"
    driver = Driver(asked(folder, plan, space="full", seeds=1))
    driver.run()
    labels = [each.label for each in driver.memory.candidates]
    assert labels[0] == "baseline"
    assert {"baseline width=8", "width=8 reduction=2", "width=16 reduction=4"} <= set(labels)
    assert labels.index("baseline width=8") < min(labels.index(f"width=8 reduction={r}") for r in (2, 4))


def tell_of(proposer: Sampled) -> optuna.Study:
    """Optuna's study behind a proposer: what its sampler was told."""
    return proposer._search._ot_study


def test_the_objectives_are_validation_accuracy_and_exact_costs(folder: Path) -> None:
    proposer = Sampled(
        searching(folder, "tpe", rest="objectives: {accuracy: maximize, loss: minimize, params: minimize}")
    )
    proposal = proposer.ask()
    assert proposal is not None
    proposer.tell(proposal.number, Measured(accuracy=0.75, loss=0.5))
    told = tell_of(proposer).trials[0]
    assert told.values == [0.75, 0.5, proposal.candidate.cost.params]
    assert [direction.name for direction in tell_of(proposer).directions] == ["MAXIMIZE", "MINIMIZE", "MINIMIZE"]


def test_a_net_is_proposed_once_and_told_once(folder: Path) -> None:
    nets = asked(folder, "{kind: RandomSampler, candidates: 3, vary: {reduction: [2, 4, 64, 128, 256]}}")
    proposer = Sampled(nets)
    found = list(iter(proposer.ask, None))
    assert len({each.candidate.architecture_id for each in found}) == len(found) == 3
    for each in found:
        proposer.tell(each.number, Measured(accuracy=0.5, loss=0.5))
    told = [trial.number for trial in tell_of(proposer).trials if trial.state.name == "COMPLETE"]
    assert told == [each.number for each in found]


def test_the_baseline_is_no_proposal(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A space may hold it: here with `block: none` among its values."""
    monkeypatch.setattr(samplers, "MOST_REFUSALS", 50)
    space = folder / "own.yaml"
    space.write_text(
        "name: own\naxes:\n  block: {values: [none, se]}\n  reduction: {values: [2, 4], when: {block: se}}\n"
    )
    proposer = Sampled(asked(folder, "{kind: RandomSampler, candidates: 3}", space=str(space)))
    assert sorted(each.candidate.label for each in iter(proposer.ask, None)) == ["reduction=2", "reduction=4"]


def test_a_proposal_of_which_nothing_is_known_is_told_as_failed(folder: Path) -> None:
    proposer = Sampled(searching(folder, "tpe"))
    proposal = proposer.ask()
    assert proposal is not None
    proposer.tell(proposal.number, None)
    assert tell_of(proposer).trials[0].state.name == "FAIL"


def test_what_is_beyond_the_constraints_is_told_as_infeasible(folder: Path) -> None:
    proposer = Sampled(searching(folder, "RandomSampler", rest='constraints: {params: "<= 76e3"}'))
    kept = {proposal.number for _ in range(10) if (proposal := proposer.ask())}
    told = [trial for trial in tell_of(proposer).trials if trial.state.name != "FAIL"]
    assert len(told) > len(kept) == 10
    for trial in told:
        beyond = trial.constraints["params"] > 0
        assert (trial.number in kept) != beyond
        if beyond:
            assert trial.values[0] == 0.1  # ten classes: what guessing gives


def test_an_axis_is_asked_for_only_where_it_matters(folder: Path) -> None:
    proposer = Sampled(searching(folder, "RandomSampler"))
    for _ in range(20):
        proposer.ask()
    for trial in tell_of(proposer).trials:
        assert ("reduction" in trial.params) == (trial.params["excite"] == "bottleneck")
        assert ("shared" in trial.params) == (trial.params["excite"] == "grouped_shared")


@pytest.mark.parametrize(
    ("plan", "says"),
    [
        ("{kind: nsga2, candidates: 3, sampler_options: {population_size: 1}}", "greater than or equal to 2"),
        ("{kind: QMCSampler, candidates: 3, sampler_options: {qmc_type: halted}}", "halton"),
    ],
)
def test_a_value_that_the_sampler_does_not_take_is_refused(folder: Path, plan: str, says: str) -> None:
    with pytest.raises(ConfigError, match=says) as caught:
        Sampled(asked(folder, plan))
    assert caught.value.key == "plan.sampler_options"


@pytest.mark.skipif(find_spec("cmaes") is not None, reason="cmaes is installed")
def test_a_sampler_without_its_package_is_refused(folder: Path) -> None:
    nets = asked(folder, "{kind: CmaEsSampler, candidates: 3}", rest="objectives: {accuracy: maximize}")
    with pytest.raises(ConfigError, match="needs the package cmaes"):
        Sampled(nets)


@pytest.mark.slow
@pytest.mark.parametrize("kind", [kind for kind, sampler in SAMPLERS.items() if not sampler.needs])
def test_every_sampler_goes_on_as_it_began(folder: Path, kind: str) -> None:
    plan = f"{{kind: {kind}, candidates: 14, vary: {{reduction: [1, 2, 4, 8, 16, 32], min_width: [1, 2, 4, 8]}}}}"
    nets = asked(folder, plan, space="se_block", rest="objectives: {accuracy: maximize, params: minimize}", seeds=1)
    undisturbed, killed = Driver(nets), Driver(nets)
    undisturbed.run()
    with pytest.raises(Killed):
        killed.run(kill_after=50)
    killed.run()
    assert killed.memory.proposed == undisturbed.memory.proposed
