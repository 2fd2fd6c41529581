"""A database as pages see it: only read, and nothing read again that has not changed.

A study is read once into a :class:`~se_bench.store.frame.Frame`. After that, a look whether anything was committed
costs a millisecond, and only trials that moved since are read: ``updated_at`` has an index.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any

from sqlalchemy import Connection, Engine, Row, func, select

from se_bench.config.filters import Filter
from se_bench.errors import UnknownNameError, unknown_name
from se_bench.records import Epoch, Run, StudyRecords
from se_bench.store import conditions, database, details
from se_bench.store.column import Mask, Places
from se_bench.store.details import TrialDetails
from se_bench.store.frame import Frame
from se_bench.store.opened import Opened
from se_bench.store.pulse import Pulse
from se_bench.store.reading import read_changes, read_frame
from se_bench.store.study_list import StudyHead, StudyLine, StudyList, axes_of, invented_studies
from se_bench.store.tables import StudyRow, TrialRow
from se_bench.store.trials import read_epochs, read_runs

MOST_TRIALS = 4_000_000
"""Trials of the frames that are kept, about 1 GB; beyond, those looked at longest ago are let go."""

_LATE = {"sqlite": timedelta(seconds=5), "postgresql": timedelta(seconds=30)}
"""How much earlier than the latest one a new commit may be dated. SQLite's writers take turns, so only a clock that
was set back can do it; on a server, drivers' clocks differ and their transactions overlap."""
_NEWEST = 1_000
"""Trials whose last moves tell whether the database has changed."""


@dataclass
class _Kept:
    """A frame, when its plan was made, the pulse it was found at, and the latest move of any trial until then."""

    lock: threading.RLock = field(default_factory=threading.RLock)
    frame: Frame | None = None
    planned_at: datetime | None = None
    pulse: str = ""
    latest: datetime | None = None


class Frames(Opened):
    """An open database that is only read. Threads may share it; what one method returns is of one moment.

    Every method raises :class:`StoreError` when the database is lost, and those that name a study or a trial
    :class:`UnknownNameError` where there is none.
    """

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)
        self._pulse = Pulse(engine)
        self._late = _LATE[engine.dialect.name]
        self._kept: OrderedDict[str, _Kept] = OrderedDict()
        self._kept_lock = threading.Lock()
        self._list = StudyList(self._late)
        self._list_lock = threading.Lock()
        self._list_found: tuple[str, list[StudyLine]] = ("", [])

    @classmethod
    def open(cls, url: str) -> Frames:
        """Open the database at ``url``, which nothing here can write; see :func:`database.open_engine`."""
        return cls(database.open_engine(url, only_read=True))

    def close(self) -> None:
        """Give back every connection."""
        self._pulse.close()
        super().close()

    # Studies

    def studies(self) -> list[StudyLine]:
        """Every study, the last touched first."""
        with self._list_lock:
            with database.translated(self._engine.url):
                pulse = self._pulse.take()
            if pulse != self._list_found[0]:
                with self._kept_lock:
                    kept = [name for name, each in self._kept.items() if each.frame is not None]
                frames = {name: self.frame(name) for name in kept}
                with self._reading() as connection:
                    self._list_found = (pulse, self._list.lines(connection, frames.get))
            return list(self._list_found[1])

    def study(self, name: str) -> StudyHead:
        """One study without its trials."""
        with self._reading() as connection:
            row = _head(connection, name)
            return StudyHead(
                name=name,
                question=row.question,
                definition=row.definition,
                planned_at=row.updated_at,
                synthetic=name in invented_studies(connection, [name]),
            )

    def frame(self, name: str) -> Frame:
        """The study in columns, as of now: the same object while nothing of it has changed."""
        kept = self._slot(name)
        with kept.lock:
            with database.translated(self._engine.url):
                pulse = self._pulse.take()
            if kept.frame is None or pulse != kept.pulse:
                try:
                    with self._reading() as connection:
                        self._bring_up_to_date(connection, name, kept)
                except UnknownNameError:
                    with self._kept_lock:
                        self._kept.pop(name, None)
                    raise
                kept.pulse = pulse
            assert kept.frame is not None
            return kept.frame

    def watermark(self, name: str) -> str:
        """Equal as long as nothing of the study has changed: its plan, or any trial's status or epochs."""
        return self.frame(name).watermark

    def database_watermark(self) -> str:
        """Equal as long as no study has changed."""
        with self._reading() as connection:
            studies = connection.execute(select(StudyRow.name, StudyRow.updated_at).order_by(StudyRow.name)).all()
            newest = select(TrialRow.updated_at).order_by(TrialRow.updated_at.desc()).limit(_NEWEST)
            moves = list(connection.scalars(newest))
        return blake2b(repr((studies, moves)).encode(), digest_size=8).hexdigest()

    def query(self, frame: Frame, filter_: Filter, among: Mask | None = None) -> str:
        """The SQL that gives the trials that a filter lets through, to be asked of the database by whoever likes.

        ``among`` chooses candidates besides. Raises :class:`FilterError`.
        """
        dialect = self._engine.dialect
        query = conditions.trials_query(frame, filter_, dialect, among)
        return str(query.compile(dialect=dialect, compile_kwargs={"literal_binds": True}))

    # Trials

    def trial(self, trial_id: str) -> TrialDetails:
        """Everything known of one trial, of its other seeds, and of the baselines that it is compared with."""
        with self._reading() as connection:
            return details.trial(connection, trial_id)

    def curves(self, trial_ids: Iterable[str]) -> dict[str, tuple[Epoch, ...]]:
        """The epochs of some trials, none for those that have none."""
        with self._reading() as connection:
            return read_epochs(connection, trial_ids)

    def runs(self, run_ids: Iterable[str]) -> tuple[Run, ...]:
        """These runs, the earliest first."""
        with self._reading() as connection:
            return read_runs(connection, run_ids)

    def records(self, frame: Frame, places: Places) -> StudyRecords:
        """What analysis needs of the trials at ``places``: their candidates and their baselines, epochs and runs.

        For thousands of trials, not for a million.
        """
        with self._reading() as connection:
            return details.records(connection, frame, places)

    def _slot(self, name: str) -> _Kept:
        """Where the study's frame is kept, and is now the last to be let go."""
        with self._kept_lock:
            kept = self._kept.setdefault(name, _Kept())
            self._kept.move_to_end(name)
            trials = sum(len(each.frame) for each in self._kept.values() if each.frame is not None)
            for other in list(self._kept)[:-1]:
                if trials <= MOST_TRIALS:
                    break
                frame = self._kept.pop(other).frame
                trials -= len(frame) if frame is not None else 0
            return kept

    def _bring_up_to_date(self, connection: Connection, name: str, kept: _Kept) -> None:
        head = _head(connection, name)
        latest = connection.scalar(select(func.max(TrialRow.updated_at)))
        if kept.frame is None or kept.planned_at != head.updated_at:
            kept.frame = read_frame(connection, name, head.updated_at, axes_of(head.definition))
            kept.planned_at = head.updated_at
        elif kept.latest is not None:
            changes = read_changes(connection, kept.latest - self._late)
            kept.frame = kept.frame if changes is None else kept.frame.changed(changes)
        kept.latest = latest


def _head(connection: Connection, name: str) -> Row[Any]:
    row = connection.execute(select(*StudyRow.__table__.c).where(StudyRow.name == name)).one_or_none()
    if row is None:
        raise unknown_name("study in this database", name, connection.scalars(select(StudyRow.name)))
    return row
