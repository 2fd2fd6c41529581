"""The answer to a study: a line for each candidate, a verdict for each claim, and how the trials went."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from se_bench.analysis.claims import ClaimAnswer, judge
from se_bench.analysis.estimates import Difference, Estimate, difference, estimate
from se_bench.config.load import Study
from se_bench.config.study import Claim
from se_bench.records import Candidate, Status, StudyRecords, TrialResult, is_baseline_of

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
    unsuccessful: int
    """Trials that diverged or failed; they have no accuracy, so the means are of the others."""

    @property
    def label(self) -> str:
        """The candidate's label."""
        return self.candidate.label

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
    records: StudyRecords = field(repr=False)

    @property
    def finished(self) -> bool:
        """Whether no trial is left to be trained."""
        return not self.counts[Status.PLANNED] + self.counts[Status.RUNNING]


def answer(study: Study, records: StudyRecords, claims: Sequence[tuple[Claim, str, str]]) -> Answer:
    """Summarise ``records``; each claim comes with the two architectures that it compares."""
    metrics = {metric: by_architecture(records.trials, metric) for metric in METRICS}
    unsuccessful = Counter(trial.architecture_id for trial in records.trials if trial.status.unsuccessful)
    labels = {candidate.architecture_id: candidate.label for candidate in records.candidates}
    accuracy = metrics["accuracy"]
    baselines = [each for each in records.candidates if each.is_baseline]
    candidates = tuple(
        CandidateAnswer(
            candidate=each,
            metrics={
                metric: estimate(list(values.get(each.architecture_id, {}).values()))
                for metric, values in metrics.items()
            },
            difference=None
            if each.is_baseline
            else difference(accuracy.get(each.architecture_id, {}), accuracy.get(_baseline_of(each, baselines), {})),
            unsuccessful=unsuccessful[each.architecture_id],
        )
        for each in records.candidates
    )
    counts = Counter(trial.status for trial in records.trials)
    return Answer(
        study=study,
        candidates=candidates,
        claims=judge(claims, metrics, labels),
        counts={status: counts[status] for status in Status},
        failures=tuple(
            Failure(label=labels[trial.architecture_id], seed=trial.seed, status=trial.status, error=trial.error)
            for trial in records.trials
            if trial.status.unsuccessful
        ),
        records=records,
    )


def _baseline_of(candidate: Candidate, baselines: Sequence[Candidate]) -> str:
    return next(each.architecture_id for each in baselines if is_baseline_of(each, candidate))


def by_architecture(trials: Sequence[TrialResult], metric: str) -> dict[str, dict[int, float]]:
    """Architecture -> seed -> ``metric`` of the completed trials."""
    values: defaultdict[str, dict[int, float]] = defaultdict(dict)
    for trial in trials:
        if trial.status is Status.COMPLETED:
            values[trial.architecture_id][trial.seed] = getattr(trial, metric)
    return dict(values)


def to_json(found: Answer) -> dict[str, Any]:
    """The answer for scripts (docs/commands.md); keys are only ever added."""
    return {
        "study": found.study.name,
        "setting": found.study.setting.name,
        "candidates": [
            {
                "label": each.label,
                "axes": dict(each.candidate.axes),
                "baseline": each.candidate.is_baseline,
                "n": each.metrics["accuracy"].n,
                "unsuccessful": each.unsuccessful,
                "accuracy": _interval(each.metrics["accuracy"]),
                "difference": {
                    **_interval(each.difference),
                    "p": each.difference.p if each.difference else None,
                },
                "params": each.candidate.cost.params,
                "macs": each.candidate.cost.macs,
                "train_seconds": each.metrics["train_seconds"].mean,
            }
            for each in found.candidates
        ],
        "claims": [
            {
                "id": each.claim.id,
                "says": each.claim.says,
                "verdict": each.verdict.value,
                "estimate": each.difference.mean,
                "low": each.difference.low,
                "high": each.difference.high,
                "p": each.p,
                "n": each.difference.n,
            }
            for each in found.claims
        ],
        "trials": {status.value: number for status, number in found.counts.items()},
    }


def _interval(found: Estimate | None) -> dict[str, float | None]:
    if found is None:
        return {"mean": None, "low": None, "high": None}
    return {"mean": found.mean, "low": found.low, "high": found.high}
