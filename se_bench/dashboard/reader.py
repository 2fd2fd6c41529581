"""The database as pages and tests see it: read only, and nothing computed twice while nothing has changed."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, cast

import numpy as np

from se_bench.analysis import headline, pareto, progress
from se_bench.analysis.answer import Answer, answer
from se_bench.analysis.headline import Headline
from se_bench.analysis.looks import Looks
from se_bench.analysis.pareto import Pareto
from se_bench.analysis.progress import Progress
from se_bench.analysis.seed_table import SeedTable
from se_bench.analysis.sequential import design_of
from se_bench.config.filters import EVERYTHING, Filter
from se_bench.config.load import Study, registered_study
from se_bench.dashboard import columns, tables
from se_bench.dashboard.kept import Kept
from se_bench.dashboard.question import Question
from se_bench.dashboard.remembered import asked
from se_bench.dashboard.selection import chosen
from se_bench.errors import NoResultsError, UserError
from se_bench.records import JsonDict, Status
from se_bench.store.column import Places
from se_bench.store.database import parse_url, shown
from se_bench.store.details import TrialDetails
from se_bench.store.frame import STATUSES, Frame
from se_bench.store.frames import Frames
from se_bench.store.study_list import StudyLine

if TYPE_CHECKING:
    from se_bench.config.study import Objective

MOST_ANSWERED = 5_000
"""Trials of which every figure is drawn; of more, the reader is asked for a filter first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """A study without its results."""

    name: str
    question: str
    study: Study | None
    """None where this version cannot read the definition on record."""
    problem: str
    """Why it cannot."""
    axes: tuple[str, ...]
    """Axes that tell its candidates apart, those of the plan first."""
    synthetic: bool

    @property
    def objectives(self) -> Mapping[str, str]:
        """Objective -> direction."""
        if self.study is None:
            return {"accuracy": "maximize", "macs": "minimize"}
        return {str(name): direction for name, direction in self.study.objectives.items()}

    @property
    def looks(self) -> Looks | None:
        """Where the study adds seeds one by one, the looks at them."""
        return design_of(self.study).looks if self.study else None

    @property
    def first_view(self) -> tuple[str, str]:
        """(y, x): the study's first objective against its second, or the MACs."""
        y, *others = self.objectives
        return y, next(iter(others), "macs" if y != "macs" else "accuracy")

    @property
    def first_columns(self) -> tuple[str, ...]:
        """What a table of its trials shows unless told otherwise."""
        return columns.first(*self.first_view)


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawable:
    """The answer to a question, and whose points it has."""

    value: Pareto | None
    """None where nothing is completed."""
    mark: str
    """The state of the study that it is of."""
    points: Places
    """For each candidate of the value: its first place among the frame's trials, a completed one where there is."""
    shown: int
    """Trials that the filter lets through."""
    total: int
    behind: Pareto | None
    """The front of all, where it was asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Which rows of the table of trials are wanted."""

    start: int
    end: int
    """The first that is not wanted."""
    names: tuple[str, ...]
    """Columns."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Some rows of the table of trials."""

    rows: list[dict[str, Any]]
    shown: int
    """Rows of the whole table."""
    total: int
    """Trials of the study."""


class TooManyTrials(UserError):
    """More trials than every figure can be drawn of."""


class Reader:
    """One open database. Threads share it; a database that is not there yet is waited for."""

    def __init__(self, database: str) -> None:
        self._database = database
        self._address = parse_url(database)
        self._opened: Frames | None = None
        self._opening = threading.Lock()
        self._heads: Kept[Head] = Kept(64)
        self._answers: Kept[Answer] = Kept(8)
        self._drawables: Kept[Drawable] = Kept(24)
        self._headlines: Kept[Headline | None] = Kept(512)
        if self.is_there:
            self.studies()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give back every connection."""
        if self._opened is not None:
            self._opened.close()

    @property
    def name(self) -> str:
        """The database as it may be shown."""
        return shown(self._address)

    @property
    def is_there(self) -> bool:
        """Whether the database is there and holds tables of ours; what else is wrong with it is raised."""
        try:
            return self.frames is not None
        except NoResultsError:
            return False

    @property
    def frames(self) -> Frames:
        """The open database. Raises :class:`StoreError`."""
        with self._opening:
            if self._opened is None:
                self._opened = Frames.open(self._database)
            return self._opened

    # Studies

    def studies(self) -> list[StudyLine]:
        """Every study, the last touched first."""
        return self.frames.studies()

    def head(self, name: str) -> Head:
        """A study without its results. Raises :class:`UnknownNameError`."""
        frame = self.frames.frame(name)
        return self._heads.get((name, frame.planned_at), lambda: self._read_head(name, frame))

    def watermark(self, name: str) -> str:
        """Equal as long as nothing of the study has changed."""
        return self.frames.watermark(name)

    # Answers

    def drawable(self, name: str, question: Question) -> Drawable:
        """The front that a question asks for. Raises :class:`FilterError`."""
        frame, head = self.frames.frame(name), self.head(name)
        only = frame.bound(question.only)
        key = (
            name,
            frame.watermark,
            str(only),
            question.y,
            question.x,
            question.by,
            question.each,
            question.front_of_all,
        )
        return self._drawables.get(key, lambda: _draw(frame, head, question, only))

    def block(
        self, name: str, question: Question, box: Filter, sort: Sequence[tuple[str, Any]], stretch: Stretch
    ) -> Block:
        """A stretch of the trials in an order. Raises :class:`UserError` for what is no column."""
        frame = self.frames.frame(name)
        places = np.flatnonzero(chosen(frame, question.only.and_(box), each=question.each))
        ordered = frame.order(sort, places)
        return Block(
            rows=frame.rows(ordered[stretch.start : stretch.end], stretch.names), shown=len(places), total=len(frame)
        )

    def database_watermark(self) -> str:
        """Equal as long as no study has changed."""
        return self.frames.database_watermark()

    def answer(self, name: str, only: Filter = EVERYTHING) -> Answer:
        """Everything that panels show. Raises :class:`TooManyTrials`, and what :meth:`head` could not read."""
        frame, head = self.frames.frame(name), self.head(name)
        if head.study is None:
            raise UserError(head.problem)
        study, bound = head.study, frame.bound(only)
        return self._answers.get((name, frame.watermark, str(bound)), lambda: self._answer(study, frame, bound))

    def headline(self, name: str) -> Headline | None:
        """The study in a line; None where nothing can be ranked yet."""
        frame, head = self.frames.frame(name), self.head(name)

        def make() -> Headline | None:
            found, _ = tables.of(frame, np.ones(len(frame), dtype=bool), looks=head.looks)
            return headline.compute(found, *head.first_view, head.objectives)

        return self._headlines.get((name, frame.watermark), make)

    def progress(self, name: str, now: datetime) -> Progress:
        """How the study goes on."""
        frame = self.frames.frame(name)
        codes = [code for code, status in enumerate(STATUSES) if status.unsuccessful]
        lost = np.flatnonzero(np.isin(frame.trials["status"].values, codes))
        errors = [
            (row["trial_id"], Status(row["status"]), row["error"] or "")
            for row in frame.rows(lost, ("trial_id", "status", "error"))
        ]
        return progress.compute(frame.counts(), frame.trials["ended_at"].values, errors, now)

    def trial(self, trial_id: str) -> TrialDetails:
        """One trial in full. Raises :class:`UnknownNameError`."""
        return self.frames.trial(trial_id)

    def _answer(self, study: Study, frame: Frame, only: Filter) -> Answer:
        places = np.flatnonzero(chosen(frame, only))
        if len(places) > MOST_ANSWERED:
            raise TooManyTrials(
                f"{len(places):,} trials are too many for this figure, which is drawn of up to {MOST_ANSWERED:,}. "
                "Choose some with the filter above."
            )
        records = self.frames.records(frame, places)
        return answer(study, records, asked(study, records.candidates))

    def _read_head(self, name: str, frame: Frame) -> Head:
        kept = self.frames.study(name)
        study, problem = _read(kept.definition, self.name)
        planned = tuple(study.plan.vary) if study else ()
        blocks = ~frame.candidates["baseline"].values.astype(bool)
        telling = [axis for axis in frame.axes if len(np.unique(frame.candidates[axis].values[blocks])) > 1]
        axes = [axis for axis in planned if axis in telling] + [axis for axis in telling if axis not in planned]
        return Head(
            name=name,
            question=kept.question,
            study=study,
            problem=problem,
            axes=tuple(axes),
            synthetic=kept.synthetic,
        )


def _read(definition: JsonDict, origin: str) -> tuple[Study | None, str]:
    try:
        return registered_study(definition, origin), ""
    except UserError as problem:
        return None, f"This version of se-bench cannot read the study's definition: {problem}"


def _draw(frame: Frame, head: Head, question: Question, only: Filter) -> Drawable:
    mask = chosen(frame, only, each=question.each)
    found, points = tables.of(frame, mask, by=question.by, each=question.each, looks=head.looks)
    value = _front(found, head, question)
    behind = None
    if question.front_of_all and only:
        behind = _front(
            tables.of(frame, np.ones(len(frame), dtype=bool), each=question.each, looks=head.looks)[0], head, question
        )
    known = np.isfinite(found.mean(question.y))
    return Drawable(
        value=value,
        mark=frame.watermark,
        points=points[known],
        shown=int(mask.sum()),
        total=len(frame),
        behind=behind,
    )


def _front(found: SeedTable, head: Head, question: Question) -> Pareto | None:
    y, x = cast("Objective", question.y), cast("Objective", question.x)  # one more than a study may name
    return pareto.of(found, y, (x,), head.objectives, by=question.by or None)
