"""What the rooms hand each other: frozen values, no behaviour beyond what follows from their fields.

A field is only ever added, with a migration in ``store``; none changes its meaning. Accuracies are fractions
in [0, 1], times are seconds, instants are timezone-aware UTC.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeAlias

JsonDict: TypeAlias = Mapping[str, Any]


class Status(StrEnum):
    """How far a trial came."""

    PLANNED = "planned"
    """Not started."""
    RUNNING = "running"
    """Started and not ended: in progress, or killed."""
    COMPLETED = "completed"
    """Trained to the last epoch."""
    DIVERGED = "diverged"
    """A loss was not finite. The same trial would diverge again, so it is not repeated."""
    FAILED = "failed"
    """It raised an error; the next run tries again."""
    STOPPED = "stopped"
    """A scheduler ended it early. Its epochs stay, and whoever needs it whole goes on from its checkpoint."""
    OUT_OF_MEMORY = "out_of_memory"
    """The memory did not suffice, even with the machine to itself; the next run tries again."""
    CRASHED = "crashed"
    """Its worker process died, three times over; the next run tries again."""

    @property
    def settled(self) -> bool:
        """Whether training again could only give the same numbers."""
        return self in (Status.COMPLETED, Status.DIVERGED)

    @property
    def unsuccessful(self) -> bool:
        """Whether the trial ended without a final accuracy."""
        return self in (Status.DIVERGED, Status.FAILED, Status.OUT_OF_MEMORY, Status.CRASHED)

    @property
    def ends(self) -> bool:
        """Whether an attempt is over when it has this status."""
        return self not in (Status.PLANNED, Status.RUNNING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What one architecture costs for one image, in inference mode."""

    params: int
    """Trainable parameters."""
    block_params: int
    """Those of them that belong to attention blocks; the rest is the backbone's."""
    buffers: int
    """Elements of state that is not trained (BatchNorm's running mean and variance and its counter)."""
    macs: int
    """Multiply-accumulates of convolutions and linear layers."""
    elementwise: int
    """Operations of everything else (BatchNorm, activations, pooling, scaling, addition)."""
    activations: int
    """Elements written by all operators."""
    memory_bytes: int
    """Bytes that all operators read and write, each for itself, at four bytes an element."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One architecture of a study, as the study spells it."""

    architecture_id: str
    """Hash of what is built; two spellings of one net share it."""
    label: str
    """The axes that the study varies (``reduction=8``), or ``baseline``."""
    axes: JsonDict
    """Every axis of the space that matters for this candidate."""
    architecture: JsonDict
    """What is built: backbone, widths, and the block at each place."""
    is_baseline: bool
    cost: Cost


def is_baseline_of(baseline: Candidate, candidate: Candidate) -> bool:
    """Whether ``baseline`` is the net of ``candidate`` without a block: same backbone, same options."""
    net, other = baseline.architecture, candidate.architecture
    same = all(net.get(part) == other.get(part) for part in ("backbone", "options"))
    return baseline.is_baseline and same


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """(candidate, setting, seed): everything that determines its numbers, and their hash."""

    trial_id: str
    architecture_id: str
    architecture: JsonDict
    dataset: JsonDict
    """Name and options."""
    dataset_fingerprint: str
    """Hash of the images and labels themselves."""
    recipe: JsonDict
    """The recipe's fields that are not at their default."""
    seed: int
    numerics_version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One invocation on one machine."""

    run_id: str
    study: str
    command: str
    started_at: datetime
    environment: JsonDict
    """Versions, processor, accelerators, threads, slots, git commit; never environment variables."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Epoch:
    """One epoch of one trial."""

    trial_id: str
    epoch: int
    """Counted from 1."""
    train_loss: float
    """Mean over the epoch's training images, while the weights change."""
    train_accuracy: float
    test_loss: float
    """Mean cross-entropy over the test split after the epoch, without label smoothing."""
    test_accuracy: float
    train_seconds: float
    """Wall time of the epoch's steps."""
    test_seconds: float
    """Wall time of the evaluation after it."""
    gradient_norms: tuple[float, ...]
    """L2 norm of the loss gradient of each stage's parameters, first stage first, mean over steps."""
    validation_loss: float | None = None
    """As the test's, over the validation split; None where the dataset has none."""
    validation_accuracy: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """A trial begins, or goes on from its checkpoint: of an earlier attempt only ``epochs`` count."""

    trial_id: str
    run_id: str
    at: datetime
    epochs: tuple[Epoch, ...] = ()
    """Those that the checkpoint holds, from the first; all others are void."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """A trial is over."""

    trial_id: str
    status: Status
    at: datetime
    error: str = ""
    """Why it has no final accuracy."""


Record: TypeAlias = Started | Epoch | Ended


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialResult:
    """What is known of one planned trial."""

    trial_id: str
    architecture_id: str
    seed: int
    status: Status
    epochs: int = 0
    """Epochs on record."""
    accuracy: float | None = None
    """Test accuracy of the last epoch; None unless completed."""
    loss: float | None = None
    """Test loss of the last epoch; None unless completed."""
    validation_accuracy: float | None = None
    """Validation accuracy of the last epoch on record; None where nothing was held out."""
    train_seconds: float | None = None
    """Seconds of all epochs on record: steps and evaluations."""
    error: str = ""
    run_id: str | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownTrial:
    """A trial that somebody has ended, with its epochs."""

    result: TrialResult
    epochs: tuple[Epoch, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitGates:
    """What one unit of a trained net scales by, over the images of a split.

    Where positions have scales of their own, an image's scale of a channel is their mean.
    """

    unit: str
    """The unit's module name, such as ``stage1.0``."""
    stage: int
    """Counted from 1."""
    means: tuple[tuple[float, ...], ...]
    """Mean scale of each channel over the images of a class: a row for each of :attr:`GateReading.classes`."""
    deviations: tuple[tuple[float, ...], ...]
    """Standard deviation over the same images (n in the denominator)."""
    low: float | None
    """Share of scales in the lowest 5 % of what the gate can give (at its end, where it has only this one); None
    where it has no lower end."""
    high: float | None
    """Likewise of its upper end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Intervention:
    """What a net classifies while its gates are not their own."""

    kind: str
    """``frozen`` to their mean over the training images, ``shuffled`` over the images, or ``one``."""
    stage: int | None
    """The only stage whose gates are exchanged; None: all."""
    accuracy: float


@dataclass(frozen=True, slots=True, kw_only=True)
class GateReading:
    """The gates of one trained net on the test split."""

    trial_id: str
    seed: int
    accuracy: float
    """With its own gates, evaluated as in training."""
    classes: tuple[str, ...]
    """Those that have test images."""
    images: tuple[int, ...]
    """Test images of each of them."""
    units: tuple[UnitGates, ...]
    """From input to output."""
    interventions: tuple[Intervention, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LatencyReading:
    """Passes of several architectures, timed in turns, so that all of them meet the same state of the machine."""

    batch: int
    """Images a pass."""
    threads: int
    device: str
    forward_ms: Mapping[str, tuple[float, ...]]
    """Architecture -> milliseconds of a forward pass in evaluation mode, one value a round."""
    train_step_ms: Mapping[str, tuple[float, ...]]
    """Architecture -> milliseconds of forward, backward and SGD step, in the same rounds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyRecords:
    """Everything that analysis needs to know of a study."""

    candidates: tuple[Candidate, ...]
    """In the order of the plan, the baseline first."""
    trials: tuple[TrialResult, ...]
    """One for each candidate and seed, planned ones too."""
    epochs: tuple[Epoch, ...]
    """In order of trial and epoch."""
    runs: tuple[Run, ...] = field(default=())
    """The runs that trained these trials."""
    gates: tuple[GateReading, ...] = ()
    """Of the trials whose trained nets were looked at."""
    latency: LatencyReading | None = None
    """The latest of those that timed most of the candidates."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StudySummary:
    """One study of the database, in a line."""

    name: str
    question: str
    counts: Mapping[Status, int]
    """Trials of the present plan in each status that occurs."""
    updated_at: datetime
    """When it was last planned, or one of its trials last moved."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """A trial that two databases have settled with different numbers."""

    trial_id: str
    label: str | None
    """A study's name for the candidate, where one has it."""
    seed: int
    here: TrialResult
    there: TrialResult
    environment_here: JsonDict
    """Where it was trained: :attr:`Run.environment`."""
    environment_there: JsonDict


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged:
    """What one database brought into another."""

    conflicts: tuple[Conflict, ...]
    """Trials whose numbers differ; each stays as it was."""
    settled: int
    """Trials taken over whole."""
    epochs: int
    """Their epochs."""
    planned: int
    """Trials that nobody here knew, and that are unfinished there."""
    equal: int
    """Trials that both have settled, with equal numbers."""
    architectures: int
    """Architectures that nobody here knew."""
    runs: int
    """Runs that nobody here knew."""
    studies: tuple[str, ...]
    """Studies that nobody here knew."""
    replanned: tuple[str, ...]
    """Studies of both whose plan there was the later one, and is now the plan here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What is wrong with a database, a line each."""

    trials: int
    """Trials looked at."""
    faults: tuple[str, ...]
    """Inconsistencies."""
    notes: tuple[str, ...]
    """What may be as it should."""


EXTERNAL = 0
"""The numerics version of trials that were trained elsewhere: they have numbers, and no epochs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExternalTrial:
    """A trial that was trained elsewhere, with what is told of it."""

    trial: Trial
    status: Status
    """Completed or diverged."""
    accuracy: float | None
    loss: float | None
    train_seconds: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What an import brought into a database."""

    added: int
    """Trials whose numbers are new here."""
    equal: int
    """Trials that were known with equal numbers."""
    conflicts: tuple[Conflict, ...]
    """Trials whose numbers differ; each stays as it was."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Net:
    """A backbone as it is built, without blocks: where a design can be tried."""

    backbone: str
    options: JsonDict
    """Those that are not at their default."""
    input_shape: tuple[int, int, int]
    """(C, H, W) of one image."""
    classes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuredTrial:
    """A trial that is over, with where it was measured, whichever study asked for it."""

    result: TrialResult
    dataset: JsonDict
    dataset_fingerprint: str
    recipe: JsonDict
    numerics_version: int
