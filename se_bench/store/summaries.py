"""Studies in a line each: how many trials stand where, in one pass over who owns what."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, func, select

from se_bench.records import Status, StudySummary
from se_bench.store.tables import StudyRow, StudyTrialRow, TrialRow


def summaries(connection: Connection, names: Iterable[str] | None = None) -> list[StudySummary]:
    """Every study, or those of these names, the last touched first."""
    # Sums rather than groups of statuses: the rows come in the order of studies, so nothing has to be sorted.
    columns = [func.count().filter(TrialRow.status == status).label(status.value) for status in Status]
    counted = (
        select(StudyTrialRow.study, func.max(TrialRow.updated_at).label("moved_at"), *columns)
        .join(TrialRow, TrialRow.trial_id == StudyTrialRow.trial_id)
        .group_by(StudyTrialRow.study)
    )
    query = select(StudyRow.name, StudyRow.question, StudyRow.updated_at)
    if names is not None:
        chosen = list(names)
        counted = counted.where(StudyTrialRow.study.in_(chosen))
        query = query.where(StudyRow.name.in_(chosen))
    trials = {row.study: row for row in connection.execute(counted)}
    found = []
    for name, question, planned_at in connection.execute(query):
        row = trials.get(name)
        counts = {status: getattr(row, status.value) for status in Status} if row else {}
        moved_at: datetime | None = row.moved_at if row else None
        found.append(
            StudySummary(
                name=name,
                question=question,
                counts={status: count for status, count in counts.items() if count},
                updated_at=max(filter(None, (planned_at, moved_at))),
            )
        )
    return sorted(found, key=lambda each: (each.updated_at, each.name), reverse=True)
