"""What a study's claims ask for that training does not measure: gates of trained nets, and times of passes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from se_bench.config.claim import GATES, LATENCIES
from se_bench.cost.latency import measure_in_turns
from se_bench.nets.architecture import Architecture
from se_bench.records import GateReading, LatencyReading, Status, StudyRecords, Trial
from se_bench.search.gates import read_trial
from se_bench.search.plan import Plan
from se_bench.training.checkpoint import Checkpoints


@dataclass(frozen=True)
class Wanted:
    """What is asked for and not on record."""

    gates: tuple[Trial, ...]
    """Completed trials whose gates are to be read."""
    latency: dict[str, Architecture]
    """Architectures to be timed, all of them together."""
    rounds: int
    """How often: once a seed of the study."""

    def __bool__(self) -> bool:
        return bool(self.gates or self.latency)


def with_gates(plan: Plan) -> frozenset[str]:
    """The architectures whose gates a claim is about."""
    gated = {each.architecture_id for each in plan.candidates if not each.is_baseline}
    return frozenset(
        architecture
        for each in plan.claims
        if each.claim.metric in GATES
        for architecture in each.architectures
        if architecture in gated
    )


def trials_with_gates(plan: Plan) -> frozenset[str]:
    """The trials whose trained nets such a claim is about."""
    gated = with_gates(plan)
    return frozenset(trial.trial_id for trial in plan.trials if trial.architecture_id in gated)


def wanted(plan: Plan, records: StudyRecords) -> Wanted:
    """What the plan's claims ask for beyond ``records``, which are those of the plan's trials."""
    completed = {trial.trial_id for trial in records.trials if trial.status is Status.COMPLETED}
    open_trials = completed - {reading.trial_id for reading in records.gates}
    gated = with_gates(plan)
    timed = {name for each in plan.claims if each.claim.metric in LATENCIES for name in each.architectures}
    known = records.latency.forward_ms if records.latency else {}
    rounds = len(plan.study.seeds)
    is_known = all(len(known.get(name, ())) >= rounds for name in timed)
    built = {each.architecture_id: each.architecture for each in plan.candidates}
    return Wanted(
        gates=tuple(trial for trial in plan.trials if trial.architecture_id in gated and trial.trial_id in open_trials),
        latency={} if is_known else {name: Architecture.from_data(built[name]) for name in built if name in timed},
        rounds=rounds,
    )


def measure(asked: Wanted, nets: Checkpoints) -> Iterator[GateReading | LatencyReading]:
    """Each reading as it comes; ``nets`` has trained nets, or gets those that are trained again for it."""
    for trial in asked.gates:
        yield read_trial(trial, nets)
    if asked.latency:
        yield measure_in_turns(asked.latency, rounds=asked.rounds)
