"""What claims ask for apart from training: of which nets, when it is on record, and that it comes with its values."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from se_bench.config.load import load_study
from se_bench.errors import ConfigError
from se_bench.records import GateReading, LatencyReading, Status, StudyRecords, TrialResult
from se_bench.search.measuring import measure, wanted, with_gates
from se_bench.search.plan import Plan, make_plan
from se_bench.training.checkpoint import Checkpoints

STUDY = """\
name: looked_at
question: What do gates and clocks say?
space: se_block
setting: digits
plan: {kind: grid, vary: {reduction: [4, 8, 16]}}
seeds: 2
claims:
  - {id: gates, says: ..., candidate: {reduction: 4}, metric: gate_class_share, stage: 3, expect: higher}
  - {id: time, says: ..., candidate: {reduction: 8}, metric: latency_ms, expect: not_worse, margin: 0.5, relative: true}
  - {id: accuracy, says: ..., candidate: {reduction: 16}, expect: better}
"""
SMALL = (
    "recipe.epochs=1",
    "recipe.warmup_epochs=0.0",
    "dataset.train_images=256",
    "dataset.validation_images=10",
    "dataset.test_images=64",
)


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    file = tmp_path_factory.mktemp("study") / "looked_at.yaml"
    file.write_text(STUDY)
    return make_plan(load_study(str(file), overrides=SMALL))


def identity(plan: Plan, label: str) -> str:
    return next(each.architecture_id for each in plan.candidates if each.label == label)


def records(plan: Plan, *open_seeds: int) -> StudyRecords:
    """All trials are completed but those of the open seeds."""
    trials = tuple(
        TrialResult(
            trial_id=trial.trial_id,
            architecture_id=trial.architecture_id,
            seed=trial.seed,
            status=Status.PLANNED if trial.seed in open_seeds else Status.COMPLETED,
        )
        for trial in plan.trials
    )
    return StudyRecords(candidates=plan.candidates, trials=trials, epochs=())


def reading(trial_id: str, seed: int) -> GateReading:
    return GateReading(trial_id=trial_id, seed=seed, accuracy=0.5, classes=(), images=(), units=(), interventions=())


def timed(plan: Plan, rounds: int, *labels: str) -> LatencyReading:
    times = {identity(plan, label): (1.0,) * rounds for label in labels}
    return LatencyReading(batch=16, threads=1, device="cpu", forward_ms=times, train_step_ms=times)


def test_only_what_claims_are_about_is_asked_for(plan: Plan) -> None:
    found = wanted(plan, records(plan))
    assert with_gates(plan) == {identity(plan, "reduction=4")}
    assert [(trial.architecture_id, trial.seed) for trial in found.gates] == [
        (identity(plan, "reduction=4"), seed) for seed in (0, 1)
    ]
    assert list(found.latency) == [identity(plan, label) for label in ("baseline", "reduction=8")]
    assert found.rounds == 2


def test_gates_of_trials_that_are_not_completed_or_read_already_are_not_asked_for(plan: Plan) -> None:
    assert [trial.seed for trial in wanted(plan, records(plan, 1)).gates] == [0]
    first, second = wanted(plan, records(plan)).gates
    known = replace(records(plan), gates=(reading(first.trial_id, 0),))
    assert wanted(plan, known).gates == (second,)


@pytest.mark.parametrize(
    ("rounds", "labels", "known"),
    [
        (2, ("baseline", "reduction=8"), True),
        (3, ("baseline", "reduction=8", "reduction=4"), True),
        (1, ("baseline", "reduction=8"), False),
        (2, ("reduction=8",), False),
    ],
)
def test_times_are_asked_for_unless_enough_rounds_are_known_of_all(
    plan: Plan, rounds: int, labels: tuple[str, ...], known: bool
) -> None:
    found = wanted(plan, replace(records(plan), latency=timed(plan, rounds, *labels)))
    assert list(found.latency) == ([] if known else [identity(plan, label) for label in ("baseline", "reduction=8")])


def test_nothing_is_asked_for_where_no_claim_does(plan: Plan) -> None:
    without = replace(plan, claims=plan.claims[2:])
    assert not wanted(without, records(plan))
    assert with_gates(without) == frozenset()


def test_readings_come_one_by_one_and_are_what_was_asked_for(plan: Plan, tmp_path: Path) -> None:
    asked = wanted(plan, records(plan))
    gates, more, latency = measure(asked, Checkpoints(tmp_path / "nets"))
    assert isinstance(gates, GateReading)
    assert isinstance(more, GateReading)
    assert [gates.trial_id, more.trial_id] == [trial.trial_id for trial in asked.gates]
    assert isinstance(latency, LatencyReading)
    assert {name: len(times) for name, times in latency.forward_ms.items()} == dict.fromkeys(asked.latency, 2)


def test_seeds_are_not_added_by_what_is_measured_after_training(tmp_path: Path) -> None:
    file = tmp_path / "looked_at.yaml"
    file.write_text(STUDY.replace("seeds: 2", "seeds: {min: 3, max: 6}"))
    with pytest.raises(ConfigError, match="`gate_class_share` is measured after all training") as refused:
        load_study(str(file), overrides=SMALL)
    assert refused.value.line == STUDY.splitlines().index("seeds: 2") + 1
