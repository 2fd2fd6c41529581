"""The store as the rooms above see it: frozen records go in, frozen records come out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, Engine, delete, func, insert, select, update

from se_bench.errors import SeBenchError, unknown_name
from se_bench.records import (
    Candidate,
    Cost,
    Epoch,
    GateReading,
    JsonDict,
    KnownTrial,
    LatencyReading,
    Record,
    Run,
    Started,
    Status,
    StudyRecords,
    StudySummary,
    Trial,
    TrialResult,
)
from se_bench.store import database, leases, measurements
from se_bench.store.bulk import select_in, upsert
from se_bench.store.earlier import accuracies
from se_bench.store.opened import Opened
from se_bench.store.results import write_results
from se_bench.store.rows import (
    architecture_row,
    candidate_of,
    candidate_row,
    cost_of,
    planned_result,
    run_row,
    trial_row,
)
from se_bench.store.summaries import summaries
from se_bench.store.tables import (
    ArchitectureRow,
    CandidateRow,
    RunRow,
    StudyRow,
    StudyTrialRow,
    TrialRow,
)
from se_bench.store.transitions import add_epochs, end, start
from se_bench.store.trials import read_durations, read_epochs, read_plan, read_results, runs_of

_COSTS = tuple(Cost.__dataclass_fields__)


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisteredStudy:
    """A study as it was last registered: with :meth:`Store.records`, a database needs no YAML beside it."""

    name: str
    question: str
    definition: JsonDict
    candidates: tuple[Candidate, ...]
    trials: tuple[Trial, ...]


class Store(Opened):
    """An open database. Threads may share it; every method is one transaction.

    Every method raises :class:`StoreError` when the database is lost, full, or locked for a minute.
    """

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)
        self._attempts: dict[str, str] = {}
        self._tokens: dict[str, int] = {}

    @classmethod
    def open(cls, url: str, *, create: bool = False, busy_seconds: float = database.BUSY_SECONDS) -> Store:
        """Open the database at ``url``; see :func:`se_bench.store.database.open_engine`."""
        return cls(database.open_engine(url, create=create, busy_seconds=busy_seconds))

    # What is to be done

    def register(
        self,
        study: str,
        question: str,
        definition: JsonDict,
        candidates: Sequence[Candidate],
        trials: Sequence[Trial],
    ) -> None:
        """Make the study's plan this one; trials already known, by whatever study, keep their results.

        What an earlier plan of the study had and this one has not leaves the study, never the database.
        Costs are those of the latest registration. Raises :class:`SeBenchError` for a plan that names an
        architecture or a trial twice, or a trial of an architecture that is none of the candidates.
        """
        architectures = _once("architecture", [each.architecture_id for each in candidates])
        planned = _once("trial", [trial.trial_id for trial in trials])
        if strangers := {trial.architecture_id for trial in trials} - set(architectures):
            raise SeBenchError(f"trials of architectures that are no candidates: {sorted(strangers)[:3]}")
        now = datetime.now(UTC)
        with self._writing() as connection:
            row = {"name": study, "question": question, "definition": definition, "updated_at": now}
            upsert(connection, StudyRow, [row], update=("question", "definition", "updated_at"))
            upsert(connection, ArchitectureRow, [architecture_row(each) for each in candidates], update=_COSTS)
            upsert(connection, TrialRow, [trial_row(trial, now) for trial in trials])
            connection.execute(delete(CandidateRow).where(CandidateRow.study == study))
            connection.execute(delete(StudyTrialRow).where(StudyTrialRow.study == study))
            if candidates:
                places = [candidate_row(study, place, each) for place, each in enumerate(candidates)]
                connection.execute(insert(CandidateRow), places)
            if trials:
                links = [{"study": study, "trial_id": id_, "position": at} for at, id_ in enumerate(planned)]
                connection.execute(insert(StudyTrialRow), links)

    def extend(self, study: str, candidate: Candidate, trials: Sequence[Trial]) -> dict[str, KnownTrial]:
        """Add a candidate with its trials to a study's plan, where it is not in it, and say what is known of them.

        Known are trials that are settled, and those that a scheduler has stopped.
        """
        now = datetime.now(UTC)
        with self._writing() as connection:
            upsert(connection, ArchitectureRow, [architecture_row(candidate)], update=_COSTS)
            upsert(connection, TrialRow, [trial_row(trial, now) for trial in trials])
            places = [
                connection.scalar(select(func.coalesce(func.max(model.position) + 1, 0)).where(model.study == study))
                for model in (CandidateRow, StudyTrialRow)
            ]
            upsert(connection, CandidateRow, [candidate_row(study, places[0] or 0, candidate)])
            links = [
                {"study": study, "trial_id": trial.trial_id, "position": (places[1] or 0) + number}
                for number, trial in enumerate(trials)
            ]
            upsert(connection, StudyTrialRow, links)
            connection.execute(update(StudyRow).where(StudyRow.name == study).values(updated_at=now))
        with self._reading() as connection:
            found = read_results(connection, [trial.trial_id for trial in trials])
            ended = [each for each in found.values() if each.status.settled or each.status is Status.STOPPED]
            return _with_epochs(connection, ended)

    def candidates(self, study: str) -> tuple[Candidate, ...]:
        """The candidates of the study as last registered, in their order; none for one that never was."""
        with self._reading() as connection:
            return _candidates(connection, study)

    def begin(self, run: Run) -> None:
        """Record that a run is under way; a run that is already on record stays as it is."""
        with self._writing() as connection:
            upsert(connection, RunRow, [run_row(run)])

    # Who does it

    def claim(
        self,
        trial_ids: Iterable[str],
        *,
        holder: str,
        term: timedelta,
        is_gone: Callable[[str], bool] = lambda _: False,
    ) -> set[str]:
        """Lease those of the trials that are to be trained and that nobody else holds; see :mod:`store.leases`.

        From then on this store's records of them count until somebody else has claimed the trial.
        """
        with self._writing() as connection:
            granted = leases.claim(connection, trial_ids, holder=holder, term=term, is_gone=is_gone)
        self._tokens.update(granted)
        return set(granted)

    def renew(self, *, holder: str, term: timedelta) -> None:
        """The heartbeat: extend every lease of ``holder``."""
        with self._writing() as connection:
            leases.renew(connection, holder=holder, term=term)

    def release(self, *, holder: str, trial_ids: Sequence[str] | None = None) -> None:
        """Give back the leases of ``holder``: all of them, or those on ``trial_ids``."""
        with self._writing() as connection:
            leases.release(connection, holder=holder, trial_ids=trial_ids)

    # What happened

    def keep(self, record: Record) -> bool:
        """Commit one record. False, and nothing changed, where it comes too late to count.

        Too late is: the trial is completed, which is for ever; or somebody else has claimed it since this store
        did; or this store started it and another run has started it since. ``Started`` voids the outcome of an
        earlier attempt and all epochs but its own. ``Ended`` as completed takes accuracy and loss from the last
        epoch on record. Raises
        :class:`SeBenchError` for a trial that was never registered, a run that never began, an end that is
        none, or a completion without an epoch.
        """
        return self.keep_all([record])[0]

    def keep_all(self, records: Sequence[Record]) -> list[bool]:
        """Commit many records together, in their order, each by the rules of :meth:`keep`: what counted.

        All or none: where :meth:`keep` would raise for one of them, none is kept. A transaction costs as much
        as tens of records, so a writer with many at hand is several times quicker this way.
        """
        attempts: dict[str, str] = {}
        counted = []
        epochs: list[Epoch] = []  # written together, but before anything else happens to one of their trials
        with self._writing() as connection:
            columns = select(TrialRow.trial_id, TrialRow.status, TrialRow.run_id, TrialRow.lease_token)
            columns = columns.order_by(TrialRow.trial_id)
            ids = sorted({record.trial_id for record in records})  # in one order, so that two writers never deadlock
            found = select_in(connection, columns.with_for_update(), TrialRow.trial_id, ids)
            trials: dict[str, tuple[Status, str | None]] = {}
            lost: set[str] = set()
            for row in found:
                trials[row.trial_id] = (row.status, row.run_id)
                if self._tokens.get(row.trial_id, row.lease_token) != row.lease_token:
                    lost.add(row.trial_id)
            for record in records:
                trial_id = record.trial_id
                if trial_id not in trials:
                    raise SeBenchError(f"trial {trial_id!r} was never registered; {type(record).__name__} lost")
                status, run_id = trials[trial_id]
                attempt = attempts.get(trial_id) or self._attempts.get(trial_id, run_id)
                overtaken = trial_id in lost or (not isinstance(record, Started) and attempt != run_id)
                counted.append(status is not Status.COMPLETED and not overtaken)
                if not counted[-1]:
                    continue
                if isinstance(record, Epoch):
                    epochs.append(record)
                    continue
                add_epochs(connection, [each for each in epochs if each.trial_id == trial_id])
                epochs = [each for each in epochs if each.trial_id != trial_id]
                if isinstance(record, Started):
                    start(connection, record)
                    attempts[trial_id] = record.run_id
                    trials[trial_id] = (Status.RUNNING, record.run_id)
                else:
                    end(connection, record)
                    trials[trial_id] = (record.status, run_id)
            add_epochs(connection, epochs)
        self._attempts.update(attempts)
        return counted

    def keep_gates(self, reading: GateReading, run_id: str) -> None:
        """Commit what a run read of a completed trial's net, in place of an earlier reading."""
        with self._writing() as connection:
            measurements.keep_gates(connection, reading, run_id)

    def keep_latency(self, reading: LatencyReading, run_id: str) -> None:
        """Commit what a run timed."""
        with self._writing() as connection:
            measurements.keep_latency(connection, reading, run_id)

    def keep_results(self, results: Sequence[TrialResult], epochs: Sequence[Epoch]) -> int:
        """Take over whole results with their epochs, where nobody has started the trial: how many were taken.

        The quick way for what was trained elsewhere; one transaction. The runs must have begun
        (:meth:`begin`). Raises :class:`SeBenchError` for a trial that was never registered.
        """
        with self._writing() as connection:
            return write_results(connection, results, epochs)

    # What is known

    def statuses(self, trial_ids: Iterable[str]) -> dict[str, Status]:
        """The status of those trials that were ever started."""
        query = select(TrialRow.trial_id, TrialRow.status).where(TrialRow.status != Status.PLANNED)
        with self._reading() as connection:
            return {row.trial_id: row.status for row in select_in(connection, query, TrialRow.trial_id, trial_ids)}

    def records(self, trials: Sequence[Trial], candidates: Sequence[Candidate]) -> StudyRecords:
        """Everything known of ``trials``, in their order, as of one moment; unknown ones come as planned.

        The runs are those that trained them, the earliest first.
        """
        ids = [trial.trial_id for trial in trials]
        with self._reading() as connection:
            found = read_results(connection, ids)
            epochs = read_epochs(connection, ids)
            runs = runs_of(connection, found.values())
            gates = measurements.gates_of(connection, ids)
            latency = measurements.latency_of(connection, [each.architecture_id for each in candidates])
        return StudyRecords(
            candidates=tuple(candidates),
            trials=tuple(found.get(trial.trial_id) or planned_result(trial) for trial in trials),
            epochs=tuple(epoch for of_trial in epochs.values() for epoch in of_trial),
            runs=runs,
            gates=gates,
            latency=latency,
        )

    def outcomes(self, trial_ids: Collection[str]) -> dict[str, KnownTrial]:
        """Those of the trials that are settled or have failed, and that nobody tries again at present."""
        unleased = select(TrialRow.trial_id).where(TrialRow.lease_holder.is_(None))
        with self._reading() as connection:
            ids = [row.trial_id for row in select_in(connection, unleased, TrialRow.trial_id, trial_ids)]
            found = read_results(connection, ids)
            ended = [each for each in found.values() if each.status.settled or each.status.unsuccessful]
            return _with_epochs(connection, ended)

    def costs(self, architecture_ids: Iterable[str]) -> dict[str, Cost]:
        """What each architecture costs, of those that were ever registered."""
        query = select(*ArchitectureRow.__table__.c)
        with self._reading() as connection:
            rows = select_in(connection, query, ArchitectureRow.architecture_id, architecture_ids)
            return {row.architecture_id: cost_of(row) for row in rows}

    def durations(self, trials: Sequence[Trial]) -> dict[str, float]:
        """Seconds each trial will take: the median of those completed that differ in the seed alone."""
        with self._reading() as connection:
            return read_durations(connection, trials)

    def accuracies(self, like: Trial) -> dict[str, dict[int, float]]:
        """Architecture -> seed -> accuracy, of every completed trial with the data and recipe of ``like``."""
        with self._reading() as connection:
            return accuracies(connection, like)

    def studies(self) -> list[StudySummary]:
        """Every study, the last touched first."""
        with self._reading() as connection:
            return summaries(connection)

    def definition(self, name: str) -> JsonDict | None:
        """The study's definition as last registered; None for one that never was."""
        with self._reading() as connection:
            return connection.scalar(select(StudyRow.definition).where(StudyRow.name == name))

    def study(self, name: str) -> RegisteredStudy:
        """The study as last registered. Raises :class:`UnknownNameError` naming those there are."""
        with self._reading() as connection:
            head = connection.execute(select(*StudyRow.__table__.c).where(StudyRow.name == name)).one_or_none()
            if head is None:
                raise unknown_name("study in this database", name, connection.scalars(select(StudyRow.name)))
            candidates = _candidates(connection, name)
            trials = read_plan(connection, name, candidates)
        return RegisteredStudy(
            name=name,
            question=head.question,
            definition=head.definition,
            candidates=candidates,
            trials=trials,
        )

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        with database.translated(self._engine.url), database.writing(self._engine) as connection:
            yield connection


def _with_epochs(connection: Connection, results: Sequence[TrialResult]) -> dict[str, KnownTrial]:
    epochs = read_epochs(connection, (each.trial_id for each in results))
    return {each.trial_id: KnownTrial(result=each, epochs=epochs[each.trial_id]) for each in results}


def _candidates(connection: Connection, study: str) -> tuple[Candidate, ...]:
    rows = connection.execute(
        select(CandidateRow.label, CandidateRow.axes, CandidateRow.is_baseline, *ArchitectureRow.__table__.c)
        .join(ArchitectureRow, ArchitectureRow.architecture_id == CandidateRow.architecture_id)
        .where(CandidateRow.study == study)
        .order_by(CandidateRow.position)
    )
    return tuple(candidate_of(row) for row in rows)


def _once(kind: str, ids: list[str]) -> list[str]:
    if twice := sorted(id_ for id_, times in Counter(ids).items() if times > 1):
        raise SeBenchError(f"the plan names a {kind} more than once: {', '.join(twice[:3])}")
    return ids
