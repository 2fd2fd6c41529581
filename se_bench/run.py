"""The trunk, read top to bottom: load > plan > train what is missing > keep > analyse.

This module alone holds the database in one hand and the runner in the other. How a trial is retried, how
progress is shown and what a report looks like is decided elsewhere.
"""

from __future__ import annotations

import sys
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from se_bench.analysis.answer import Answer, answer
from se_bench.config.load import Study
from se_bench.errors import NoResultsError
from se_bench.nets.architecture import content_id
from se_bench.records import Checked, Merged, Record, Run, Status, StudyRecords, StudySummary, Trial
from se_bench.search.environment import describe
from se_bench.search.plan import Plan, make_plan, trial_id
from se_bench.store.check import check
from se_bench.store.database import parse_url, shown, upgrade
from se_bench.store.merge import merge
from se_bench.store.repository import Store

Trainer = Callable[..., Iterator[Record]]


class Watch(Protocol):
    """Who looks on while a study is trained."""

    def saw(self, record: Record) -> None:
        """``record`` is in the database."""


@dataclass(frozen=True)
class Known:
    """A plan beside what the database has of it."""

    plan: Plan
    statuses: dict[str, Status]
    """Trial id -> how far it came, for the trials that were ever started."""
    durations: dict[str, float]
    """Trial id -> seconds that the same trial with other seeds took, where any was completed."""

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
        return Known(plan, store.statuses(ids), store.durations(plan.trials))


def train_missing(
    known: Known, database: str, watch: Watch, *, slots: int, gpus_per_trial: float, trainer: Trainer
) -> None:
    """Train what the database does not have, committing every record before anyone sees it."""
    plan = known.plan
    with Store.open(database, create=True) as store:
        store.register(plan.study.name, plan.study.question, definition(plan.study), plan.candidates, plan.trials)
        if not known.missing:
            return
        run = Run(
            run_id=uuid.uuid4().hex,
            study=plan.study.name,
            command=" ".join(["se-bench", *(word.replace(database, name_of(database)) for word in sys.argv[1:])]),
            started_at=datetime.now(UTC),
            environment=describe(slots=slots, gpus_per_trial=gpus_per_trial),
        )
        store.begin(run)
        for record in trainer(known.missing, run_id=run.run_id, slots=slots, gpus_per_trial=gpus_per_trial):
            store.keep(record)
            watch.saw(record)


def recall(plan: Plan, database: str) -> tuple[Answer, StudyRecords]:
    """The answer to a study from what the database holds of it, finished or not."""
    with Store.open(database) as store:
        records = store.records(plan.trials, plan.candidates)
    claims = [(claim.claim, claim.candidate, claim.against) for claim in plan.claims]
    return answer(plan.study, records, claims), records


def kept_studies(database: str) -> Sequence[StudySummary]:
    """Every study in the database."""
    with Store.open(database) as store:
        return store.studies()


def upgrade_database(database: str) -> tuple[str | None, str]:
    """Bring a database to this version's schema; returns the schema before and after."""
    return upgrade(database)


def merge_databases(other: str, database: str) -> Merged:
    """Bring what another database holds into this one; nothing known is overwritten."""
    return merge(other, database)


def check_database(database: str) -> Checked:
    """What is inconsistent in a database, its ids recomputed as planning computes them."""
    return check(database, architecture_id=content_id, trial_id=trial_id)


def name_of(database: str) -> str:
    """The database as it may be shown and kept: a file's path, or a server's address without password."""
    return shown(parse_url(database))


def beside(database: str) -> Path:
    """The folder for files that belong to a database: a SQLite file's own, else one of the user."""
    address = parse_url(database)
    if address.drivername.startswith("sqlite") and address.database:
        return Path(address.database).parent
    return Path("~/.cache/se-bench").expanduser()


def definition(study: Study) -> dict[str, object]:
    """The study as it was asked, overrides applied, for the record."""
    return {name: document.data for name, document in study.documents.items()}


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
