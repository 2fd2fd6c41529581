"""The trunk, read top to bottom: load > plan > train what is missing > keep > analyse.

This module alone holds the database in one hand and the runner in the other. How a trial is retried, how
progress is shown and what a report looks like is decided elsewhere.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from contextlib import contextmanager

from se_bench.analysis.answer import Answer, answer
from se_bench.analysis.sequential import next_seed
from se_bench.config.difference import differences, same_search
from se_bench.config.load import Study
from se_bench.errors import NoResultsError
from se_bench.records import Candidate, Ended, KnownTrial, Record, StudyRecords, Trial
from se_bench.search import process
from se_bench.search.conduct import conduct
from se_bench.search.environment import describe
from se_bench.search.measuring import trials_with_gates
from se_bench.search.plan import Plan, make_plan, with_candidates
from se_bench.search.session import Known, Watch, Workers
from se_bench.search.sources import source_of
from se_bench.store.keeper import BUSY_SECONDS, Keeper
from se_bench.store.repository import Store
from se_bench.training.checkpoint import Checkpoints
from se_bench.upkeep import new_run


def look_up(study: Study, database: str, *, must_exist: bool = False) -> Known:
    """Plan a study and ask the database what is known already; nothing is written or created."""
    plan = make_plan(study)
    with _store_if_any(database, must_exist=must_exist) as store:
        if store is None:
            return Known(plan, {}, {})
        before = store.definition(study.name)
        changes = differences(before, definition(study)) if before else ()
        if study.plan.sampler and same_search(changes):
            plan = with_candidates(plan, store.candidates(study.name))
        ids = [trial.trial_id for trial in plan.trials]
        accuracies = store.accuracies(plan.trials[0])
        return Known(plan, store.statuses(ids), store.durations(plan.trials), changes, accuracies)


def train_missing(
    known: Known,
    database: str,
    watch: Watch,
    *,
    workers: Workers,
    checkpoints: Checkpoints,
    nets: Checkpoints,
    slots: int,
    gpus_per_trial: float,
) -> Plan:
    """Train what the database does not have, committing every record before anyone sees it.

    ``nets`` keeps the trained nets whose gates a claim is about, for ``measurements``. Returns the plan, of a search
    with what it has proposed.
    """
    plan = known.plan
    study = plan.study
    looked_at = trials_with_gates(plan)
    with Store.open(database, create=True, busy_seconds=BUSY_SECONDS) as store:
        store.register(study.name, study.question, definition(study), plan.candidates, plan.trials)
        if not (known.missing or study.plan.sampler):
            return plan

        def join(candidate: Candidate, trials: Sequence[Trial]) -> dict[str, KnownTrial]:
            found = store.extend(study.name, candidate, trials)
            watch.planned(candidate, [trial for trial in trials if trial.trial_id not in found])
            return found

        def decide(records: StudyRecords) -> frozenset[str]:
            return next_seed(study, records, plan.asked).architectures

        run = new_run(study.name, database, describe(slots=slots, gpus_per_trial=gpus_per_trial))
        store.begin(run)
        _forget(checkpoints, store)
        holder = f"{process.identity()}/{run.run_id}"
        with (
            Keeper(store, holder=holder, is_gone=process.is_gone, notice=watch.notice) as keeper,
            workers(run_id=run.run_id, slots=slots, gpus_per_trial=gpus_per_trial, checkpoints=checkpoints) as pool,
        ):
            source = source_of(plan, known.missing, join, decide)
            for record in conduct(source, pool, keeper, watch.notice):
                _show(keeper.keep(record), watch, checkpoints, nets, looked_at)
            _show(keeper.drain(), watch, checkpoints, nets, looked_at)
        return with_candidates(plan, store.candidates(study.name)) if study.plan.sampler else plan


def recall(plan: Plan, database: str) -> tuple[Answer, StudyRecords]:
    """The answer to a study from what the database holds of it, finished or not."""
    with Store.open(database) as store:
        records = store.records(plan.trials, plan.candidates)
    return answer(plan.study, records, plan.asked), records


def definition(study: Study) -> dict[str, object]:
    """The study as it was asked, overrides applied, for the record."""
    return {name: document.data for name, document in study.documents.items()}


def _show(
    kept: list[Record], watch: Watch, checkpoints: Checkpoints, nets: Checkpoints, looked_at: Container[str]
) -> None:
    """What is in the database may be shown, and of what is settled there the checkpoint may go."""
    for record in kept:
        if isinstance(record, Ended) and record.status.settled:
            if record.trial_id in looked_at:
                checkpoints.hand_over(record.trial_id, nets)
            checkpoints.remove(record.trial_id)
        watch.saw(record)


def _forget(checkpoints: Checkpoints, store: Store) -> None:
    """Remove what a driver left that was killed between the end of a trial and the removal of its checkpoint."""
    for trial_id, status in store.statuses(checkpoints.trials()).items():
        if status.settled:
            checkpoints.remove(trial_id)


@contextmanager
def _store_if_any(database: str, *, must_exist: bool) -> Iterator[Store | None]:
    try:
        store = Store.open(database)
    except NoResultsError:
        if must_exist:
            raise
        yield None
        return
    with store:
        yield store
