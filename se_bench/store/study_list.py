"""The list of studies: counted once, and again only where a trial has moved."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select

from se_bench.records import JsonDict, Status
from se_bench.store.frame import Frame
from se_bench.store.summaries import summaries
from se_bench.store.tables import CandidateRow, RunRow, StudyRow, StudyTrialRow, TrialRow


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyHead:
    """A study without its trials."""

    name: str
    question: str
    definition: JsonDict
    """The documents it was asked by: ``study``, ``space``, ``setting``."""
    planned_at: datetime
    synthetic: bool
    """Whether its results are invented (``se-bench demo-data``)."""

    @property
    def axes(self) -> tuple[str, ...]:
        """The axes of its space."""
        return axes_of(self.definition)


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyLine:
    """A study in a list."""

    name: str
    question: str
    counts: Mapping[Status, int]
    """Trials in each status, zeros included."""
    candidates: int
    updated_at: datetime
    """When it was last planned, or one of its trials last moved."""
    synthetic: bool

    @property
    def total(self) -> int:
        """Trials of its plan."""
        return sum(self.counts.values())


class StudyList:
    """What is known of every study, and which of it may have changed. Not for several threads at once."""

    def __init__(self, late: timedelta) -> None:
        self._late = late
        self._lines: dict[str, StudyLine] = {}
        self._planned: dict[str, datetime] = {}
        self._latest: datetime | None = None

    def lines(self, connection: Connection, frame_of: Callable[[str], Frame | None]) -> list[StudyLine]:
        """Every study, the last touched first; ``frame_of`` gives frames that are known to be of now."""
        studies = connection.execute(select(StudyRow.name, StudyRow.question, StudyRow.updated_at)).all()
        planned: dict[str, datetime] = {row.name: row.updated_at for row in studies}
        stale = {name for name in planned if self._planned.get(name) != planned[name]}
        latest = connection.scalar(select(func.max(TrialRow.updated_at)))
        if self._latest is not None:
            stale |= _moved(connection, self._latest - self._late) & planned.keys()
        frames = {name: frame for name in stale if (frame := frame_of(name)) is not None}
        counts = {name: (frame.counts(), frame.moved_at) for name, frame in frames.items()}
        for each in summaries(connection, stale - frames.keys()):
            counts[each.name] = ({status: each.counts.get(status, 0) for status in Status}, each.updated_at)
        invented = invented_studies(connection, stale)
        candidates = _candidates(connection, stale)
        questions: dict[str, str] = {row.name: row.question for row in studies}
        for name in stale:
            trials, moved_at = counts[name]
            self._lines[name] = StudyLine(
                name=name,
                question=questions[name],
                counts=trials,
                candidates=candidates.get(name, 0),
                updated_at=max(planned[name], moved_at or planned[name]),
                synthetic=name in invented,
            )
        self._lines = {name: self._lines[name] for name in planned}
        self._planned, self._latest = planned, latest
        return sorted(self._lines.values(), key=lambda each: (each.updated_at, each.name), reverse=True)


def axes_of(definition: JsonDict) -> tuple[str, ...]:
    """The axes of a study's space, in order; empty where its documents do not say."""
    space = definition.get("space")
    axes = space.get("axes") if isinstance(space, Mapping) else None
    return tuple(axes) if isinstance(axes, Mapping) else ()


def invented_studies(connection: Connection, names: Collection[str]) -> set[str]:
    """Those of the studies with a run that only says that it trained."""
    runs = connection.execute(select(RunRow.study, RunRow.environment).where(RunRow.study.in_(names)))
    return {study for study, environment in runs if environment.get("synthetic")}


def _moved(connection: Connection, since: datetime) -> set[str]:
    """Studies with a trial that moved at ``since`` or later."""
    owners = select(StudyTrialRow.study).join(TrialRow, TrialRow.trial_id == StudyTrialRow.trial_id)
    return set(connection.scalars(owners.where(TrialRow.updated_at >= since).distinct()))


def _candidates(connection: Connection, names: set[str]) -> dict[str, int]:
    counted = select(CandidateRow.study, func.count()).where(CandidateRow.study.in_(names))
    return {row[0]: row[1] for row in connection.execute(counted.group_by(CandidateRow.study))}
