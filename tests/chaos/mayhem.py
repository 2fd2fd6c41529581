"""Kill drivers, workers and Ray's own processes at random moments until enough have died; then compare.

``python -m tests.chaos --kills 100`` prints what was lost, doubled or different against the same study trained
undisturbed in one process; `make chaos` runs it. A kill is SIGKILL, at a moment drawn at random.
"""

from __future__ import annotations

import contextlib
import os
import random
import select
import signal
import sqlite3
import time
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from tests.cli import tiny
from tests.cli.programs import Program, program

STUDY = """\
name: chaos
question: Does it survive?
space: se_block
setting: digits
plan:
  kind: grid
  vary: {reduction: [2, 4, 8]}
seeds: 3
"""
EPOCHS = 5
SET = tuple(
    word
    for pair in (
        f"recipe.epochs={EPOCHS}",
        "recipe.warmup_epochs=0.0",
        "dataset.train_images=512",
        "dataset.validation_images=128",
        "dataset.test_images=256",
    )
    for word in ("--set", pair)
)
MOMENTS = (0.5, 8.0)
"""Seconds between two kills, at least and at most; a run's start-up is within them."""
VICTIMS = {"worker": 0.55, "driver": 0.25, "head": 0.2}
LONGEST_RUN = 300.0
"""Seconds after which a run that was not killed hangs."""


@dataclass
class Mayhem:
    """What was done, and what came of it."""

    kills: Counter[str] = field(default_factory=Counter)
    runs: int = 0
    finished: list[str] = field(default_factory=list)
    """Trials by label and seed, each time that a run said that one was completed."""
    lost: int = 0
    """Epochs of the undisturbed study that are missing."""
    different: int = 0
    """Epochs whose numbers are not bitwise equal."""
    hung: int = 0
    """Runs that had to be ended."""
    seconds: float = 0.0

    @property
    def doubled(self) -> int:
        """Trials that were completed more than once."""
        return sum(times - 1 for times in Counter(self.finished).values())

    def __str__(self) -> str:
        victims = ", ".join(f"{number} {name}s" for name, number in sorted(self.kills.items()))
        return (
            f"{self.kills.total()} kills ({victims}) in {self.runs} runs and {self.seconds:.0f} s: "
            f"{self.lost} lost, {self.doubled} doubled, {self.different} different, {self.hung} hung"
        )


def wreak(folder: Path, *, kills: int, seed: int) -> Mayhem:
    """Run the study in ``folder``, killing something now and then, until ``kills`` have died and it is finished."""
    (folder / "chaos.yaml").write_text(STUDY)
    done = Mayhem()
    began = time.monotonic()
    chance = random.Random(seed)
    rounds = 0
    while done.kills.total() < kills:
        rounds += 1
        _until_finished(folder, f"round-{rounds}.db", done, chance, kills)
    done.seconds = time.monotonic() - began
    expected = _undisturbed(folder)
    for number in range(1, rounds + 1):
        found = _numbers(folder / f"round-{number}.db")
        done.lost += len(expected.keys() - found.keys())
        done.different += sum(found[key] != expected[key] for key in expected.keys() & found.keys())
        done.different += len(found.keys() - expected.keys())
    return done


def _until_finished(folder: Path, database: str, done: Mayhem, chance: random.Random, kills: int) -> None:
    """One study from nothing to its end, on a database of its own."""
    finished: list[str] = []
    code: int | None = None
    while code != 0:
        with program(folder, "run", "chaos.yaml", *SET, "--slots", "2", "--db", database) as running:
            done.runs += 1
            while not _ended_within(running, chance.uniform(*MOMENTS)):
                if done.kills.total() >= kills:
                    if not _ended_within(running, LONGEST_RUN):
                        done.hung += 1
                    break
                victim = chance.choices([*VICTIMS], [*VICTIMS.values()])[0]
                done.kills[victim] += _kill(running, victim, chance)
                if victim == "head" and not _ended_within(running, LONGEST_RUN):
                    done.hung += 1
                    break
            for process in running.descendants():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(process, signal.SIGKILL)
            outcome = running.finish()
            code = outcome.code
            finished += [line.partition("] ")[2].partition(":")[0] for line in outcome.lines if ": accuracy " in line]
    done.finished += [f"{database} {trial}" for trial in finished]


def _ended_within(running: Program, seconds: float) -> bool:
    """Whether the driver ends within ``seconds``."""
    try:
        handle = os.pidfd_open(running.process.pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([handle], [], [], seconds)[0])
    finally:
        os.close(handle)


def _kill(running: Program, victim: str, chance: random.Random) -> int:
    """SIGKILL to one process of the run: 1, or 0 where there is none of that kind at this moment."""
    if victim == "driver":
        found = [running.process.pid]
    else:
        words = ("ray::ResourceTrainable", "ray::Worker") if victim == "worker" else ("gcs_server", "raylet/raylet")
        found = sorted(pid for pid in running.descendants() if any(word in _command(pid) for word in words))
    if not found:
        return 0
    with contextlib.suppress(ProcessLookupError):
        os.kill(chance.choice(found), signal.SIGKILL)
        return 1
    return 0


def _command(pid: int) -> str:
    try:
        return (Path("/proc") / str(pid) / "cmdline").read_text().replace("\0", " ")
    except OSError:
        return ""


def _undisturbed(folder: Path) -> dict[tuple[object, ...], tuple[object, ...]]:
    """The numbers of the study when nothing happens to it, trained in this process."""
    from se_bench.config.load import load_study

    asked = load_study(str(folder / "chaos.yaml"), overrides=[word for word in SET if word != "--set"])
    tiny.train(asked, folder / "undisturbed.db")
    return _numbers(folder / "undisturbed.db")


def _numbers(database: Path) -> dict[tuple[object, ...], tuple[object, ...]]:
    """(trial, epoch) -> everything measured but time, of completed trials."""
    query = (
        "SELECT e.trial_id, e.epoch, e.train_loss, e.train_accuracy, e.test_loss, e.test_accuracy, e.gradient_norms, "
        "e.validation_loss, e.validation_accuracy, t.accuracy, t.loss FROM se_bench_epochs e "
        "JOIN se_bench_trials t USING (trial_id) WHERE t.status = 'completed'"
    )
    with closing(sqlite3.connect(database)) as connection:
        return {(row[0], row[1]): row[2:] for row in connection.execute(query)}
