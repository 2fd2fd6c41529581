"""A database as a whole: its studies, its schema, another one's results, and what is inconsistent in it."""

from __future__ import annotations

import sys
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from se_bench.errors import NoResultsError
from se_bench.records import Checked, JsonDict, Merged, Run, Status, StudySummary
from se_bench.store.check import check
from se_bench.store.database import parse_url, shown, upgrade
from se_bench.store.merge import merge
from se_bench.store.repository import Store


def kept_studies(database: str) -> Sequence[StudySummary]:
    """Every study in the database."""
    with Store.open(database) as store:
        return store.studies()


def is_finished(database: str, study: str) -> bool:
    """Whether all trials of a study, as it was last run, have ended; False where it was never run."""
    try:
        studies = kept_studies(database)
    except NoResultsError:
        return False
    counts = next((each.counts for each in studies if each.name == study), {Status.PLANNED: 1})
    return not any(counts.get(status) for status in (Status.PLANNED, Status.RUNNING, Status.STOPPED))


def upgrade_database(database: str) -> tuple[str | None, str]:
    """Bring a database to this version's schema; returns the schema before and after."""
    return upgrade(database)


def merge_databases(other: str, database: str) -> Merged:
    """Bring what another database holds into this one; nothing known is overwritten."""
    return merge(other, database)


def check_database(database: str) -> Checked:
    """What is inconsistent in a database, its ids recomputed as planning computes them."""
    from se_bench.nets.architecture import content_id  # noqa: PLC0415 - torch, which nothing else here needs
    from se_bench.search.candidates import trial_id  # noqa: PLC0415

    return check(database, architecture_id=content_id, trial_id=trial_id)


def new_run(study: str, database: str, environment: JsonDict) -> Run:
    """A run of this process that begins now; the command is kept without the database's password."""
    return Run(
        run_id=uuid.uuid4().hex,
        study=study,
        command=" ".join(["se-bench", *(word.replace(database, name_of(database)) for word in sys.argv[1:])]),
        started_at=datetime.now(UTC),
        environment=environment,
    )


def name_of(database: str) -> str:
    """The database as it may be shown and kept: a file's path, or a server's address without password."""
    return shown(parse_url(database))


def folder_of(database: str) -> Path:
    """The folder of a database's file; ``results`` where you stand for a server's."""
    address = parse_url(database)
    return Path(str(address.database)).parent if address.get_backend_name() == "sqlite" else Path("results")
