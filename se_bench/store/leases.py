"""Leases: which process trains a trial, and until when without a sign of life.

Claiming a trial raises its fencing token; a record counts only with the latest one, so a driver that was
paused while another took over cannot write. Time is the database's own, for the clocks of two machines differ.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, func, select, update

from se_bench.store.bulk import select_in
from se_bench.store.tables import TrialRow


def claim(
    connection: Connection,
    trial_ids: Iterable[str],
    *,
    holder: str,
    term: timedelta,
    is_gone: Callable[[str], bool],
) -> dict[str, int]:
    """Lease those of the trials that are to be trained and that nobody holds: trial -> its token.

    A lease of another holder stands until its term is over, or until ``is_gone`` knows that its process has ended.
    """
    now = _now(connection)
    columns = select(
        TrialRow.trial_id, TrialRow.status, TrialRow.lease_token, TrialRow.lease_holder, TrialRow.lease_until
    )
    locked = columns.order_by(TrialRow.trial_id).with_for_update()
    granted: dict[str, int] = {}
    for row in select_in(connection, locked, TrialRow.trial_id, sorted(trial_ids)):
        held = row.lease_until is not None and row.lease_until > now and row.lease_holder != holder
        if row.status.settled or (held and not is_gone(row.lease_holder)):
            continue
        granted[row.trial_id] = row.lease_token + 1
        values = {"lease_token": row.lease_token + 1, "lease_holder": holder, "lease_until": now + term}
        connection.execute(update(TrialRow).where(TrialRow.trial_id == row.trial_id).values(values))
    return granted


def renew(connection: Connection, *, holder: str, term: timedelta) -> None:
    """Extend every lease of ``holder``."""
    _set(connection, holder, lease_until=_now(connection) + term)


def release(connection: Connection, *, holder: str, trial_ids: Sequence[str] | None = None) -> None:
    """Give back the leases of ``holder``: all of them, or those on ``trial_ids``."""
    if trial_ids is None:
        _set(connection, holder, lease_holder=None, lease_until=None)
        return
    for trial_id in sorted(trial_ids):
        own = (TrialRow.trial_id == trial_id) & (TrialRow.lease_holder == holder)
        connection.execute(update(TrialRow).where(own).values(lease_holder=None, lease_until=None))


def _set(connection: Connection, holder: str, **values: datetime | str | None) -> None:
    connection.execute(update(TrialRow).where(TrialRow.lease_holder == holder).values(**values))


def _now(connection: Connection) -> datetime:
    if connection.dialect.name == "postgresql":
        now = connection.scalar(select(func.clock_timestamp()))
        assert isinstance(now, datetime)
        return now
    return datetime.now(UTC)
