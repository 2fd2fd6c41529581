"""The trunk, read top to bottom: load > plan > train what is missing > keep > analyse.

This module alone holds the database in one hand and the runner in the other. How a trial is retried, how
progress is shown and what a report looks like is decided elsewhere.
"""

from __future__ import annotations

import sys
import uuid
from collections.abc import Callable, Container, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from se_bench.analysis.answer import Answer, answer
from se_bench.config.difference import differences
from se_bench.config.load import Study
from se_bench.errors import NoResultsError
from se_bench.records import Ended, GateReading, Record, Run, Status, StudyRecords, Trial
from se_bench.search import process
from se_bench.search.conduct import Pool, conduct
from se_bench.search.environment import describe
from se_bench.search.measuring import measure, wanted, with_gates
from se_bench.search.plan import Plan, make_plan
from se_bench.search.source import Fixed
from se_bench.store.keeper import BUSY_SECONDS, Keeper
from se_bench.store.repository import Store
from se_bench.training.checkpoint import Checkpoints
from se_bench.upkeep import name_of


class Watch(Protocol):
    """Who looks on while a study is trained."""

    def saw(self, record: Record) -> None:
        """``record`` is in the database."""

    def notice(self, text: str) -> None:
        """Something that a user should know, and need not act on."""


class Workers(Protocol):
    """Opens a pool of workers."""

    def __call__(
        self, *, run_id: str, slots: int, gpus_per_trial: float, checkpoints: Checkpoints
    ) -> AbstractContextManager[Pool]:
        """A context with the pool."""


@dataclass(frozen=True)
class Known:
    """A plan beside what the database has of it."""

    plan: Plan
    statuses: dict[str, Status]
    """Trial id -> how far it came, for the trials that were ever started."""
    durations: dict[str, float]
    """Trial id -> seconds that the same trial with other seeds took, where any was completed."""
    changes: tuple[str, ...] = ()
    """What the study's definition says otherwise than when it was last run, a line for each key."""

    @property
    def missing(self) -> tuple[Trial, ...]:
        """The trials that a run would train."""
        return tuple(
            trial for trial in self.plan.trials if not self.statuses.get(trial.trial_id, Status.PLANNED).settled
        )


def look_up(study: Study, database: str, *, must_exist: bool = False) -> Known:
    """Plan a study and ask the database what is known already; nothing is written or created."""
    plan = make_plan(study)
    with _store_if_any(database, must_exist=must_exist) as store:
        if store is None:
            return Known(plan, {}, {})
        ids = [trial.trial_id for trial in plan.trials]
        before = store.definition(study.name)
        changes = differences(before, definition(study)) if before else ()
        return Known(plan, store.statuses(ids), store.durations(plan.trials), changes)


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
) -> None:
    """Train what the database does not have, committing every record before anyone sees it.

    ``nets`` keeps the trained nets that :func:`measure_missing` will look at.
    """
    plan = known.plan
    gated = with_gates(plan)
    looked_at = {trial.trial_id for trial in known.missing if trial.architecture_id in gated}
    with Store.open(database, create=True, busy_seconds=BUSY_SECONDS) as store:
        store.register(plan.study.name, plan.study.question, definition(plan.study), plan.candidates, plan.trials)
        if not known.missing:
            return
        run = _run(plan, database, slots=slots, gpus_per_trial=gpus_per_trial)
        store.begin(run)
        _forget(checkpoints, store)
        holder = f"{process.identity()}/{run.run_id}"
        with (
            Keeper(store, holder=holder, is_gone=process.is_gone, notice=watch.notice) as keeper,
            workers(run_id=run.run_id, slots=slots, gpus_per_trial=gpus_per_trial, checkpoints=checkpoints) as pool,
        ):
            for record in conduct(Fixed(known.missing), pool, keeper, watch.notice):
                _show(keeper.keep(record), watch, checkpoints, nets, looked_at)
            _show(keeper.drain(), watch, checkpoints, nets, looked_at)


def measure_missing(plan: Plan, database: str, nets: Checkpoints, say: Callable[[str], None]) -> None:
    """Measure what claims ask for apart from training and the database does not have; ``nets`` keeps trained nets."""
    with Store.open(database) as store:
        asked = wanted(plan, store.records(plan.trials, plan.candidates))
        if not asked:
            return
        say(f"Measuring for the claims: gates of {len(asked.gates)} trained nets, times of {len(asked.latency)} ...")
        run = _run(plan, database, slots=1, gpus_per_trial=0.0)
        store.begin(run)
        for reading in measure(asked, nets):
            if isinstance(reading, GateReading):
                store.keep_gates(reading, run.run_id)
            else:
                store.keep_latency(reading, run.run_id)


def recall(plan: Plan, database: str) -> tuple[Answer, StudyRecords]:
    """The answer to a study from what the database holds of it, finished or not."""
    with Store.open(database) as store:
        records = store.records(plan.trials, plan.candidates)
    claims = [(each.claim, each.architectures) for each in plan.claims]
    return answer(plan.study, records, claims), records


def definition(study: Study) -> dict[str, object]:
    """The study as it was asked, overrides applied, for the record."""
    return {name: document.data for name, document in study.documents.items()}


def _run(plan: Plan, database: str, *, slots: int, gpus_per_trial: float) -> Run:
    return Run(
        run_id=uuid.uuid4().hex,
        study=plan.study.name,
        command=" ".join(["se-bench", *(word.replace(database, name_of(database)) for word in sys.argv[1:])]),
        started_at=datetime.now(UTC),
        environment=describe(slots=slots, gpus_per_trial=gpus_per_trial),
    )


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
