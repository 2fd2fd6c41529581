"""Two drivers with overlapping studies on one database: every trial is trained once, by one of them."""

from __future__ import annotations

import sqlite3
from collections import Counter
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from tests.cli import tiny
from tests.cli.programs import Outcome, program
from tests.cli.tiny import trained

SEEDS = 4


def drive_two(folder: Path, database: str) -> list[Outcome]:
    """The same study twice at once, and once more with other seeds beside it."""
    with ExitStack() as stack:
        drivers = [
            stack.enter_context(
                program(
                    folder, "run", "tiny.yaml", *tiny.SET, "--seeds", str(seeds), "--slots", "1", "--db", database,
                    "--report", f"{number}.html",
                )
            )
            for number, seeds in enumerate((SEEDS, SEEDS - 1))
        ]  # fmt: skip
        return [driver.finish() for driver in drivers]


@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def test_every_trial_is_trained_once_and_both_drivers_answer(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    tiny.write(tmp_path)
    database = "both.db" if kind == "sqlite" else request.getfixturevalue("postgresql_url")
    outcomes = drive_two(tmp_path, database)
    said = "\n".join(f"{outcome.code}\n{outcome.out}\n{outcome.err}" for outcome in outcomes)
    assert [outcome.code for outcome in outcomes] == [0, 0], said
    assert "Traceback" not in "".join(outcome.err for outcome in outcomes)
    counts = Counter(trial for outcome in outcomes for trial in trained(outcome.lines))
    assert counts == {(label, str(seed)): 1 for label in tiny.LABELS for seed in range(SEEDS)}
    for outcome, seeds in zip(outcomes, (SEEDS, SEEDS - 1), strict=True):
        assert f"{2 * seeds} of {2 * seeds} trials completed." in outcome.out
    if kind == "sqlite":
        alone = tmp_path / "alone.db"
        tiny.train(tiny.study(tmp_path, seeds=SEEDS), alone)
        assert tiny.rows_of(tmp_path / "both.db") == tiny.rows_of(alone)
        with closing(sqlite3.connect(tmp_path / "both.db")) as connection:
            leases = "SELECT count(*) FROM se_bench_trials WHERE lease_holder IS NOT NULL"
            assert connection.execute(leases).fetchone() == (0,)
