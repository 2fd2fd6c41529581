"""What is shown while a study is trained: lines in a file, a live display in a terminal."""

from __future__ import annotations

import io
import math
from datetime import UTC, datetime

import pytest
from rich.console import Console

from se_bench.cli.progress import Progress
from se_bench.records import Ended, Epoch, Record, Started, Status, Trial
from se_bench.run import look_up
from se_bench.search.session import Known
from tests.cli import tiny

NOW = datetime(2025, 3, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Known:
    folder = tmp_path_factory.mktemp("progress")
    tiny.write(folder)
    return look_up(tiny.study(folder), str(folder / "none.db"))


def started(trial: Trial) -> Started:
    return Started(trial_id=trial.trial_id, run_id="run", at=NOW)


def epoch(trial: Trial, number: int, accuracy: float) -> Epoch:
    return Epoch(
        trial_id=trial.trial_id,
        epoch=number,
        train_loss=1.0,
        train_accuracy=accuracy,
        test_loss=1.0,
        test_accuracy=accuracy,
        train_seconds=1.5,
        test_seconds=0.5,
        gradient_norms=(),
    )


def ended(trial: Trial, status: Status = Status.COMPLETED, error: str = "") -> Ended:
    return Ended(trial_id=trial.trial_id, status=status, at=NOW, error=error)


def story(known: Known) -> list[Record]:
    """The first trial is completed, the second diverges, the third is in its first epoch."""
    first, second, third, _ = known.missing
    return [
        started(first),
        epoch(first, 1, 0.25),
        epoch(first, 2, 0.75),
        ended(first),
        started(second),
        epoch(second, 1, math.nan),
        ended(second, Status.DIVERGED, "epoch 1: not finite\nraised in train"),
        started(third),
        epoch(third, 1, 0.5),
    ]


def watched(known: Known, *, terminal: bool) -> tuple[Progress, io.StringIO]:
    out = io.StringIO()
    console = Console(file=out, force_terminal=terminal, width=160, highlight=False, color_system=None)
    return Progress(console, known, dict.fromkeys((trial.trial_id for trial in known.missing), 4.0), 2), out


def test_there_is_a_line_for_each_trial_that_ends(known: Known) -> None:
    progress, out = watched(known, terminal=False)
    with progress:
        for record in story(known):
            progress.saw(record)
    lines = out.getvalue().splitlines()
    assert lines[0] == "Starting workers ..."
    # four epochs of two seconds each are on record or under way; two trials of two epochs, two at once, are left
    assert lines[1].startswith("[1/4] baseline seed 0: accuracy 0.7500 · ")
    assert lines[2].startswith("[2/4] reduction=4 seed 0: diverged: epoch 1: not finite · 4 s left")
    assert lines[3].startswith("Trained 1 trials in ")
    assert lines[3].endswith(", 1 failed.")
    assert len(lines) == 4


def test_a_terminal_sees_how_far_the_run_is(known: Known) -> None:
    progress, out = watched(known, terminal=True)
    with progress:
        for record in story(known):
            progress.saw(record)
        assert progress._live is not None
        progress._live.refresh()
    shown = out.getvalue()
    assert "1/4 done · 1 running · 1 failed" in shown
    assert "images/s · 3 s left" in shown
    assert "best so far: baseline, accuracy 0.7500 (n=1)" in shown
    assert "[1/4]" not in shown


def test_before_the_first_epoch_the_time_left_is_the_plans(known: Known) -> None:
    progress, out = watched(known, terminal=True)
    with progress:
        assert progress._live is not None
        progress._live.refresh()
    assert "8 s left" in out.getvalue()
    assert "starting workers" in out.getvalue()


def test_an_interruption_says_what_is_kept_and_how_to_go_on(known: Known) -> None:
    progress, out = watched(known, terminal=False)
    for record in story(known):
        progress.saw(record)
    progress.say_what_is_kept("results/[a].db")
    assert out.getvalue().endswith(
        "Interrupted. Kept in results/[a].db: 2 of 4 trials of this run; 1 in progress will go on from their last "
        "epoch.\n"
        "Run the same command to go on.\n"
    )
