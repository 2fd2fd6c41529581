"""A study of a few seconds: two candidates, two seeds, two short epochs."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from se_bench.config.load import Study, load_study
from se_bench.measurements import measure_missing
from se_bench.records import Candidate, Record, Trial
from se_bench.run import look_up, train_missing
from se_bench.training.checkpoint import Checkpoints
from tests.search.here import Here

TEXT = """\
name: tiny
question: Does it run?
space: se_block
setting: digits
plan:
  kind: grid
  vary: {reduction: [4]}
seeds: 2
claims:
  - {id: helps, says: r=4 is better than no block, candidate: {reduction: 4}, expect: better}
"""
EPOCHS = 2
OVERRIDES = (
    f"recipe.epochs={EPOCHS}",
    "recipe.warmup_epochs=0.0",
    "dataset.train_images=512",
    "dataset.validation_images=10",
    "dataset.test_images=256",
)
SET = tuple(word for pair in OVERRIDES for word in ("--set", pair))
DATABASE = "results/se-bench.db"
LABELS = ["baseline", "reduction=4"]
TRIAL_LINE = re.compile(r"\[\d+/\d+\] (baseline|reduction=4) seed (\d+): accuracy 0\.\d{4} · .* left")
DIVERGE = ("--set", "recipe.learning_rate=1.0e+18", "--seeds", "1")


def write(folder: Path) -> None:
    (folder / "tiny.yaml").write_text(TEXT)


def study(folder: Path, *overrides: str, seeds: int | None = None) -> Study:
    return load_study(str(folder / "tiny.yaml"), overrides=[*OVERRIDES, *overrides], seeds=seeds)


class Unwatched:
    def saw(self, record: Record) -> None:
        """Nobody looks on."""

    def planned(self, candidate: Candidate, trials: Sequence[Trial]) -> None:
        """Nor when one joins."""

    def notice(self, text: str) -> None:
        raise AssertionError(text)


def train(asked: Study, database: Path) -> None:
    """What a run does, undisturbed and alone, in this process."""
    known = look_up(asked, str(database))
    nets = Checkpoints(database.parent / "nets")
    where = {"checkpoints": Checkpoints(database.parent / "checkpoints"), "nets": nets}
    plan = train_missing(known, str(database), Unwatched(), workers=Here, slots=1, gpus_per_trial=0.0, **where)
    measure_missing(plan, str(database), nets, print)


def trained(lines: list[str]) -> list[tuple[str, str]]:
    """(candidate, seed) of each line about a trial."""
    return [(found[1], found[2]) for line in lines if (found := TRIAL_LINE.fullmatch(line))]


def rows_of(database: Path) -> list[tuple[Any, ...]]:
    query = (
        "SELECT t.architecture_id, t.seed, t.status, t.accuracy, t.loss, e.epoch, e.train_loss, e.train_accuracy, "
        "e.test_loss, e.test_accuracy, e.gradient_norms FROM se_bench_trials t "
        "JOIN se_bench_epochs e USING (trial_id) ORDER BY 1, 2, 6"
    )
    with closing(sqlite3.connect(database)) as connection:
        return connection.execute(query).fetchall()
