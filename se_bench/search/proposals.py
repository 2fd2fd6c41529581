"""The source of a search, and of every plan with a scheduler or a budget: one candidate after the other.

A candidate is evaluated on the study's seeds, and what they measured on the validation split is told to whoever
proposed it. What the database knows is not trained again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from se_bench.records import Candidate, Ended, Epoch, Record, Started, Trial
from se_bench.search.budget import Spending
from se_bench.search.evaluation import Evaluation, Measured
from se_bench.search.plan import Plan
from se_bench.search.source import Recall, Work


@dataclass(frozen=True)
class Proposal:
    """A candidate to be evaluated."""

    number: int
    """By which its value is told."""
    candidate: Candidate
    baseline: Candidate | None = None
    """The same net without a block, which is evaluated before it."""


class Proposer(Protocol):
    """Proposes candidates within the constraints, each net once and no baseline."""

    def ask(self) -> Proposal | None:
        """The next; None where there is none."""

    def tell(self, number: int, measured: Measured | None) -> None:
        """What the candidate of a proposal measured; None where its trials failed and say nothing of it."""


class InOrder:
    """Proposes candidates that are known from the start."""

    def __init__(self, candidates: Iterable[Candidate]) -> None:
        self._left = (Proposal(number, candidate) for number, candidate in enumerate(candidates))

    def ask(self) -> Proposal | None:
        """The next in order."""
        return next(self._left, None)

    def tell(self, number: int, measured: Measured | None) -> None:
        """Nothing depends on results."""


class Proposals:
    """Gives away the trials of one candidate after the other: a :class:`~se_bench.search.source.Source`."""

    eager = False

    def __init__(
        self,
        proposer: Proposer,
        baselines: Sequence[Candidate],
        *,
        trials_of: Callable[[Candidate], Sequence[Trial]],
        recall: Recall,
        spending: Spending,
        most: int | None = None,
        scheduled: bool = False,
    ) -> None:
        """``baselines`` come first, then up to ``most`` distinct candidates of ``proposer``."""
        self._proposer = proposer
        self._trials_of = trials_of
        self._recall = recall
        self._spending = spending
        self._most = most
        self._scheduled = scheduled
        self._seeds = len(trials_of(baselines[0]))
        self._next = list(baselines)
        self._begun: set[str] = set()
        self._open: list[Evaluation] = []
        self._of_trial: dict[str, Evaluation] = {}
        self._numbers: dict[str, int] = {}
        self.proposed = 0
        """Distinct candidates so far, the baselines left out."""
        self.end = ""
        """Why nothing more is proposed; empty while something may be."""

    def take(self) -> Work | None:
        """The next trial; None where none comes before a running one has ended, which is the end if none runs."""
        while True:
            for evaluation in self._open:
                if work := evaluation.take():
                    return work
            if not self._next and not self._propose():
                return None
            if not self._fits(sum(len(self._trials_of(candidate)) for candidate in self._next)):
                return None
            for candidate in self._next:
                self._begin(candidate)
            self._next = []

    def told(self, record: Record) -> None:
        """A record of a trial that was taken is in the database."""
        evaluation = self._of_trial[record.trial_id]
        if isinstance(record, Started):
            self._spending.void(record.trial_id)
            for epoch in record.epochs:
                self._spending.saw(epoch)
        elif isinstance(record, Epoch):
            self._spending.saw(record)
        for trial_id in evaluation.told(record):
            self._spending.leave_out(trial_id)
        if isinstance(record, Ended):
            self._spending.end(record.trial_id)
            if evaluation.over:
                self._open.remove(evaluation)
                self._tell(evaluation)

    def _propose(self) -> bool:
        """Have a candidate next; False where there is none now."""
        if not self.end and self.proposed == self._most:
            self.end = "as many candidates as the plan asks for"
        if self.end or not self._fits(self._seeds):
            return False
        proposal = self._proposer.ask()
        if proposal is None:
            self.end = "nothing new is left to propose within the constraints"
            return False
        self.proposed += 1
        self._numbers[proposal.candidate.architecture_id] = proposal.number
        pair = (proposal.baseline, proposal.candidate)
        self._next = [each for each in pair if each and each.architecture_id not in self._begun]
        return True

    def _fits(self, trials: int) -> bool:
        """Whether the budget has room for so many trials; where it never will, that is the end."""
        fits = self._spending.admits(trials)
        if not fits and not self._open:
            self.end = "the budget has no room for another candidate"
        return fits

    def _begin(self, candidate: Candidate) -> None:
        trials = self._trials_of(candidate)
        known = self._recall(candidate, trials)
        evaluation = Evaluation(candidate, trials, known, scheduled=self._scheduled)
        self._begun.add(candidate.architecture_id)
        self._of_trial |= {trial.trial_id: evaluation for trial in trials}
        self._spending.begin(trial.trial_id for trial in trials)
        for trial_id, epochs in evaluation.answered.items():
            for epoch in epochs:
                self._spending.saw(epoch)
            self._spending.end(trial_id)
        if evaluation.over:
            self._tell(evaluation)
        else:
            self._open.append(evaluation)

    def _tell(self, evaluation: Evaluation) -> None:
        number = self._numbers.pop(evaluation.candidate.architecture_id, None)
        if number is not None:
            self._proposer.tell(number, evaluation.measured())


def proposals(plan: Plan, recall: Recall, proposer: Proposer | None = None) -> Proposals:
    """The source of ``plan``; a search needs its ``proposer``, see :class:`se_bench.search.samplers.Sampled`."""
    study = plan.study
    return Proposals(
        proposer or InOrder(each for each in plan.candidates if not each.is_baseline),
        [each for each in plan.candidates if each.is_baseline],
        trials_of=plan.nets.trials,
        recall=recall,
        spending=Spending(study.budget, study.setting.recipe.epochs),
        most=study.plan.candidates if proposer else None,
        scheduled=study.plan.scheduler is not None,
    )
