"""The source of a plan: its trials as they are, seed by seed where comparisons are open, or proposal by proposal."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from se_bench.records import StudyRecords, Trial
from se_bench.search.plan import Plan
from se_bench.search.proposals import proposals
from se_bench.search.sequential import Sequential
from se_bench.search.source import Fixed, Recall, Source


def source_of(
    plan: Plan, missing: Sequence[Trial], recall: Recall, decide: Callable[[StudyRecords], Collection[str]]
) -> Source:
    """What decides which trial of ``plan`` comes next.

    Args:
        plan: of a search with what earlier runs of it have proposed.
        missing: the trials that are not settled.
        recall: registers a candidate with its trials and says what is known of them.
        decide: the architectures that need one more seed, given what is known.
    """
    study = plan.study
    if study.plan.sampler:
        from se_bench.search.samplers import Sampled  # noqa: PLC0415 - Optuna and Ray take seconds

        return proposals(plan, recall, Sampled(plan.nets, plan.candidates))
    if study.plan.scheduler or study.budget:
        return proposals(plan, recall)
    if study.first_seeds < len(study.seeds):
        return Sequential(plan.candidates, plan.trials, study.first_seeds, recall, decide)
    return Fixed(missing)
