"""A search without training: an instant objective, a database in memory, slots that advance epoch by epoch."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from se_bench.config.load import load_study
from se_bench.records import Candidate, Ended, Epoch, KnownTrial, Started, Status, Trial, TrialResult
from se_bench.search.candidates import Nets, load_images
from se_bench.search.plan import make_plan
from se_bench.search.proposals import Proposals, proposals
from se_bench.search.samplers import Sampled
from se_bench.search.source import Work
from se_bench.training.seeds import stream_seed

FEW = ("dataset.train_images=256", "dataset.test_images=128", "dataset.validation_images=128")
AT = datetime(2026, 1, 1, tzinfo=UTC)
SECONDS = 2.0  # of an epoch: one of steps, one of evaluation


def asked(
    folder: Path,
    plan: str,
    *overrides: str,
    space: str = "excitation",
    rest: str = "",
    seeds: int = 2,
    epochs: int = 2,
) -> Nets:
    """The nets of a study over ``space``."""
    file = folder / "mine.yaml"
    head = f"name: mine\nquestion: Which?\nspace: {space}\nsetting: digits\nseeds: {seeds}\n"
    file.write_text(f"{head}plan: {plan}\n{rest}\n")
    few = (*FEW, f"recipe.epochs={epochs}", "recipe.warmup_epochs=0")
    study = load_study(str(file), overrides=[*few, *overrides])
    return Nets(study, load_images(study))


def accuracy(trial: Trial, epoch: int) -> float:
    """Made up: some nets are better than others, later epochs than earlier ones, and seeds differ."""
    net = stream_seed(0, trial.architecture_id) / 2**63
    return round(0.3 + 0.5 * net + 0.01 * epoch + 0.001 * trial.seed, 6)


Outcome = Callable[[Trial, int], Status | None]
"""How a trial ends after an epoch; None where it goes on."""


def all_well(trial: Trial, epoch: int) -> Status | None:
    """Every trial is trained to its last epoch."""
    return Status.COMPLETED if epoch == trial.recipe["epochs"] else None


@dataclass
class Memory:
    """What a database holds of the study."""

    candidates: list[Candidate] = field(default_factory=list)
    trials: dict[str, Trial] = field(default_factory=dict)
    epochs: dict[str, list[Epoch]] = field(default_factory=dict)
    ended: dict[str, Status] = field(default_factory=dict)
    trained: list[tuple[str, int]] = field(default_factory=list)
    """Every epoch that was trained: of which trial, and which."""

    @property
    def proposed(self) -> list[str]:
        """The nets without the baselines, in the order in which they were registered."""
        return [each.architecture_id for each in self.candidates if not each.is_baseline]

    @property
    def begun(self) -> set[str]:
        """Trials with an epoch."""
        return {trial_id for trial_id, epochs in self.epochs.items() if epochs}

    @property
    def spent(self) -> int:
        """Epochs on record."""
        return sum(map(len, self.epochs.values()))

    def recall(self, candidate: Candidate, trials: Sequence[Trial]) -> dict[str, KnownTrial]:
        if candidate.architecture_id not in [each.architecture_id for each in self.candidates]:
            self.candidates.append(candidate)
        self.trials |= {trial.trial_id: trial for trial in trials}
        return {trial.trial_id: self._known(trial) for trial in trials if trial.trial_id in self.ended}

    def _known(self, trial: Trial) -> KnownTrial:
        status = self.ended[trial.trial_id]
        head = {"trial_id": trial.trial_id, "architecture_id": trial.architecture_id, "seed": trial.seed}
        return KnownTrial(result=TrialResult(status=status, **head), epochs=tuple(self.epochs[trial.trial_id]))


class Killed(Exception):
    """The driver was killed."""


@dataclass
class Driver:
    """Runs a study, again and again on the same memory."""

    nets: Nets
    memory: Memory = field(default_factory=Memory)
    outcome: Outcome = all_well
    slots: int = 1
    checkpoints: bool = True
    order: random.Random | None = None
    """Decides which of the running trials advances; the oldest without it."""

    def run(self, kill_after: int | None = None) -> Proposals:
        """Until the end; or raise :class:`Killed` after so many records."""
        study = self.nets.study
        proposer = Sampled(self.nets, self.memory.candidates) if study.plan.sampler else None
        source = proposals(make_plan(study), self.memory.recall, proposer)
        running: dict[str, Work] = {}
        records = 0
        while True:
            while len(running) < self.slots and (work := source.take()) is not None:
                assert work.trial.trial_id not in running
                if not self._shown(source, work):
                    running[work.trial.trial_id] = work
                    self.start(source, work.trial)
            if not running:
                return source
            trial_id = self.order.choice(sorted(running)) if self.order else next(iter(running))
            if records == kill_after:
                raise Killed
            records += 1
            if self.advance(source, running[trial_id].trial, whole=running[trial_id].whole):
                del running[trial_id]

    def _shown(self, source: Proposals, work: Work) -> bool:
        """Show the scheduler what is recorded; True where it stops the trial by it, or nothing is left to train."""
        for number in range(1, len(work.recorded) + 1):
            stopped = self.outcome(work.trial, number) is Status.STOPPED and not work.whole
            if stopped or (work.answered and number == len(work.recorded)):
                for epoch in work.recorded[:number]:
                    source.told(epoch)
                status = Status.STOPPED if stopped else Status.COMPLETED
                source.told(Ended(trial_id=work.trial.trial_id, status=status, at=AT))
                return True
        return False

    def start(self, source: Proposals, trial: Trial) -> None:
        kept = tuple(self.memory.epochs.get(trial.trial_id, ())) if self.checkpoints else ()
        self.memory.ended.pop(trial.trial_id, None)
        self.memory.epochs[trial.trial_id] = list(kept)
        source.told(Started(trial_id=trial.trial_id, run_id="run", at=AT, epochs=kept))

    def advance(self, source: Proposals, trial: Trial, *, whole: bool) -> bool:
        """Train and commit one epoch, or end the trial."""
        trial_id, done = trial.trial_id, len(self.memory.epochs[trial.trial_id])
        status = self.outcome(trial, done) if done else None
        if status is Status.STOPPED and whole:
            status = all_well(trial, done)
        if status is not None:
            self.memory.ended[trial_id] = status
            source.told(Ended(trial_id=trial_id, status=status, at=AT))
            return True
        self.memory.trained.append((trial_id, done + 1))
        value = accuracy(trial, done + 1)
        epoch = Epoch(
            trial_id=trial_id, epoch=done + 1, train_loss=1.0, train_accuracy=0.5, test_loss=9.0, test_accuracy=0.0,
            train_seconds=SECONDS / 2, test_seconds=SECONDS / 2, gradient_norms=(),
            validation_loss=1 - value, validation_accuracy=value,
        )  # fmt: skip
        self.memory.epochs[trial_id].append(epoch)
        source.told(epoch)
        return False


def run_through_kills(driver: Driver, kills: Sequence[int]) -> None:
    """Run to the end, killed first after so many records, again and again."""
    for after in kills:
        try:
            driver.run(kill_after=after)
        except Killed:
            continue
    driver.run()
