"""The tables. Their names start with ``se_bench_``: Optuna has ``studies`` and ``trials``, MLflow has
``runs``, and a database may be shared with them. A change here needs a migration beside it.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Double, ForeignKey, MetaData, Text, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from se_bench.records import JsonDict, Status
from se_bench.store.columns import Document, Instant, Measured, MeasuredList, MeasuredOrNone, Progress


class Base(DeclarativeBase):
    """What every table shares: names for constraints, and a column type for each Python type."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_name)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy reads a plain class attribute
        datetime: Instant,
        float: Double,
        int: BigInteger,
        str: Text,
        JsonDict: Document,
        Status: Progress,
    }


class StudyRow(Base):
    """A question as last planned."""

    __tablename__ = "se_bench_studies"
    name: Mapped[str] = mapped_column(primary_key=True)
    question: Mapped[str]
    definition: Mapped[JsonDict]
    updated_at: Mapped[datetime]


class RunRow(Base):
    """One invocation on one machine. It is history: it outlives the study of its name."""

    __tablename__ = "se_bench_runs"
    run_id: Mapped[str] = mapped_column(primary_key=True)
    study: Mapped[str]
    command: Mapped[str]
    started_at: Mapped[datetime]
    environment: Mapped[JsonDict]


class ArchitectureRow(Base):
    """What is built, and what it costs for one image."""

    __tablename__ = "se_bench_architectures"
    architecture_id: Mapped[str] = mapped_column(primary_key=True)
    spec: Mapped[JsonDict]
    params: Mapped[int]
    block_params: Mapped[int]
    buffers: Mapped[int]
    macs: Mapped[int]
    elementwise: Mapped[int]
    activations: Mapped[int]
    memory_bytes: Mapped[int]


class TrialRow(Base):
    """(architecture, setting, seed) and how far it came. It belongs to no study: several may own it."""

    __tablename__ = "se_bench_trials"
    trial_id: Mapped[str] = mapped_column(primary_key=True)
    architecture_id: Mapped[str] = mapped_column(ForeignKey(ArchitectureRow.architecture_id), index=True)
    dataset: Mapped[JsonDict]
    dataset_fingerprint: Mapped[str]
    recipe: Mapped[JsonDict]
    seed: Mapped[int]
    numerics_version: Mapped[int]
    status: Mapped[Status]
    error: Mapped[str]
    epochs: Mapped[int]
    accuracy: Mapped[float | None]
    loss: Mapped[float | None]
    validation_accuracy: Mapped[float | None]
    train_seconds: Mapped[float | None]
    run_id: Mapped[str | None] = mapped_column(ForeignKey(RunRow.run_id))
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    updated_at: Mapped[datetime] = mapped_column(index=True)
    lease_token: Mapped[int] = mapped_column(server_default=text("0"))
    """How often the trial was leased; records count only with the latest token."""
    lease_holder: Mapped[str | None] = mapped_column(index=True)
    """The process that trains it, while it does."""
    lease_until: Mapped[datetime | None]
    """When anyone may take it over."""


class EpochRow(Base):
    """One epoch of the present attempt at a trial. Without a rowid, the epochs of a trial lie together."""

    __tablename__ = "se_bench_epochs"
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012
    trial_id: Mapped[str] = mapped_column(ForeignKey(TrialRow.trial_id), primary_key=True)
    epoch: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    train_loss: Mapped[float] = mapped_column(Measured, nullable=True)
    train_accuracy: Mapped[float] = mapped_column(Measured, nullable=True)
    test_loss: Mapped[float] = mapped_column(Measured, nullable=True)
    test_accuracy: Mapped[float] = mapped_column(Measured, nullable=True)
    train_seconds: Mapped[float]
    test_seconds: Mapped[float]
    gradient_norms: Mapped[tuple[float, ...]] = mapped_column(MeasuredList)
    validation_loss: Mapped[float | None] = mapped_column(MeasuredOrNone)
    validation_accuracy: Mapped[float | None] = mapped_column(MeasuredOrNone)


class GatesRow(Base):
    """What the gates of a completed trial's net were found to be."""

    __tablename__ = "se_bench_gates"
    trial_id: Mapped[str] = mapped_column(ForeignKey(TrialRow.trial_id), primary_key=True)
    run_id: Mapped[str] = mapped_column(ForeignKey(RunRow.run_id))
    """The run that looked."""
    reading: Mapped[JsonDict]


class LatencyRow(Base):
    """The passes that a run timed, all of its architectures in turns."""

    __tablename__ = "se_bench_latencies"
    run_id: Mapped[str] = mapped_column(ForeignKey(RunRow.run_id), primary_key=True)
    reading: Mapped[JsonDict]


class CandidateRow(Base):
    """An architecture as a study spells it."""

    __tablename__ = "se_bench_candidates"
    study: Mapped[str] = mapped_column(ForeignKey(StudyRow.name), primary_key=True)
    architecture_id: Mapped[str] = mapped_column(ForeignKey(ArchitectureRow.architecture_id), primary_key=True)
    position: Mapped[int]
    label: Mapped[str]
    axes: Mapped[JsonDict]
    is_baseline: Mapped[bool]


class StudyTrialRow(Base):
    """That a study's present plan has a trial, and at which place."""

    __tablename__ = "se_bench_study_trials"
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012
    study: Mapped[str] = mapped_column(ForeignKey(StudyRow.name), primary_key=True)
    trial_id: Mapped[str] = mapped_column(ForeignKey(TrialRow.trial_id), primary_key=True, index=True)
    position: Mapped[int]
