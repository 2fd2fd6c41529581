"""Proposals without training: a grid and a search, a scheduler that stops the worse, a proposer that listens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from se_bench.records import Candidate, Status, Trial
from se_bench.search.budget import Spending
from se_bench.search.candidates import Nets
from se_bench.search.evaluation import Measured
from se_bench.search.proposals import Proposal, Proposals
from tests.search.searching import Driver, Memory, accuracy, all_well

REDUCTIONS = (1, 2, 4, 8, 16, 32)
GRID = f"kind: grid, vary: {{reduction: {list(REDUCTIONS)}}}"
SEARCH = "kind: RandomSampler"
ASHA = "scheduler: {kind: asha}"


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
