"""The answer to a study: a line for each candidate, a verdict for each claim, and how the trials went."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from se_bench.analysis.chosen import chosen
from se_bench.analysis.claims import Asked, ClaimAnswer, Design, judge, seeds_that_count
from se_bench.analysis.estimates import Difference, Estimate, combination, estimate
from se_bench.analysis.failures import FailureRate
from se_bench.analysis.measures import Measured, Measures
from se_bench.analysis.pairing import Pairing, pairing
from se_bench.analysis.sequential import design_of, next_seed
from se_bench.config.load import Study
from se_bench.records import Candidate, Status, StudyRecords, is_baseline_of

METRICS = ("accuracy", "loss", "train_seconds")
"""What a completed trial measures."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CandidateAnswer:
    """What is known of one candidate, over its seeds."""

    candidate: Candidate
    metrics: Mapping[str, Estimate]
    """Metric -> mean over completed trials."""
    difference: Difference | None
    """Accuracy minus that of the same net without a block, seed by seed; None for such a baseline itself."""
    pairing: Pairing | None
    """What pairing brought to that difference; None for a baseline, or below three common seeds."""
    failure_rate: FailureRate
    """How many trials failed, so that the means are of the others."""
    stopped: int
    """Trials that a scheduler ended early."""
    chosen: bool = False
    """Whether a search has chosen it, by its objectives on the validation split."""

    @property
    def label(self) -> str:
        """The candidate's label."""
        return self.candidate.label

    @property
    def unsuccessful(self) -> int:
        """Trials that are over without a final accuracy."""
        return self.failure_rate.lost

    @property
    def ranked(self) -> bool:
        """Whether its means may stand beside those of others: of its trials that are over, each has a result."""
        return self.failure_rate.trials > 0 and not self.failure_rate.lost and not self.stopped

    def value(self, objective: str) -> float | None:
        """The mean of a metric, or a cost; None where no trial is completed."""
        if objective in self.metrics:
            return self.metrics[objective].mean
        return float(getattr(self.candidate.cost, objective))


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A trial without a final accuracy."""

    label: str
    seed: int
    status: Status
    error: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Everything that tables, verdicts, figures and reports show."""

    study: Study = field(repr=False)
    candidates: tuple[CandidateAnswer, ...]
    """In the order of the plan, the baseline first."""
    claims: tuple[ClaimAnswer, ...]
    counts: Mapping[Status, int]
    """Trials in each status, zeros included."""
    failures: tuple[Failure, ...]
    pairing: Pairing | None
    """What pairing by seed brought to the differences from the baseline, of all candidates together."""
    finished: bool
    """Whether no trial is left to be trained."""
    records: StudyRecords = field(repr=False)


def answer(study: Study, records: StudyRecords, claims: Sequence[Asked]) -> Answer:
    """Summarise ``records``; each claim comes with the architectures that it compares."""
    measures, design = Measures(records), design_of(study)
    metrics = {metric: measures.of(metric) for metric in METRICS}
    candidates = {each.architecture_id: each for each in records.candidates}
    baselines = [each for each in records.candidates if each.is_baseline]
    counts = Counter(trial.status for trial in records.trials)
    over = [trial for trial in records.trials if trial.status.ends]
    own = Counter((t.architecture_id, t.status.unsuccessful) for t in over if t.status is not Status.STOPPED)
    stopped = Counter(t.architecture_id for t in over if t.status is Status.STOPPED)
    accuracy, selected = metrics["accuracy"], chosen(study, records)
    pairs = {
        each.architecture_id: (each.architecture_id, _baseline_of(each, baselines))
        for each in records.candidates
        if not each.is_baseline
    }
    return Answer(
        study=study,
        candidates=tuple(
            CandidateAnswer(
                candidate=each,
                metrics={
                    metric: estimate(list(measured.values.get(each.architecture_id, {}).values()))
                    for metric, measured in metrics.items()
                },
                difference=_difference(pairs.get(each.architecture_id), accuracy, design),
                pairing=_pairing([pairs[each.architecture_id]], accuracy) if each.architecture_id in pairs else None,
                failure_rate=FailureRate(
                    own[each.architecture_id, True] + own[each.architecture_id, False], own[each.architecture_id, True]
                ),
                stopped=stopped[each.architecture_id],
                chosen=each.architecture_id in selected,
            )
            for each in records.candidates
        ),
        claims=judge(claims, measures.of_claim, candidates, design),
        counts={status: counts[status] for status in Status},
        failures=tuple(
            Failure(
                label=candidates[trial.architecture_id].label, seed=trial.seed, status=trial.status, error=trial.error
            )
            for trial in records.trials
            if trial.status.unsuccessful
        ),
        pairing=_pairing(list(pairs.values()), accuracy),
        finished=not counts[Status.RUNNING] and not _left(study, records, claims),
        records=records,
    )


def _difference(pair: tuple[str, str] | None, accuracy: Measured, design: Design) -> Difference | None:
    if pair is None:
        return None
    one, other = (accuracy.values.get(each, {}) for each in pair)
    return combination([(1.0, one), (-1.0, other)], seeds_that_count(pair, accuracy, design), design.looks)


def _pairing(pairs: Sequence[tuple[str, str]], accuracy: Measured) -> Pairing | None:
    values = accuracy.values
    return pairing((values.get(one, {}), values.get(other, {})) for one, other in pairs)


def _baseline_of(candidate: Candidate, baselines: Sequence[Candidate]) -> str:
    return next(each.architecture_id for each in baselines if is_baseline_of(each, candidate))


def _left(study: Study, records: StudyRecords, claims: Sequence[Asked]) -> bool:
    """Whether a trial that is needed is still to be started."""
    stopped = {trial.architecture_id for trial in records.trials if trial.status is Status.STOPPED}
    if stopped and study.plan.scheduler is None:  # by another study, which had one
        return True
    planned = [
        trial
        for trial in records.trials
        if trial.status is Status.PLANNED and trial.architecture_id not in stopped  # worth no other seed
    ]
    if any(trial.seed in study.seeds[: study.first_seeds] for trial in planned):
        return True
    return bool(planned) and bool(next_seed(study, records, claims).architectures)
