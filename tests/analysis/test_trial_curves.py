"""The curves of one trial."""

from __future__ import annotations

import math

from se_bench.analysis.trial_curves import compute
from tests.analysis.small_studies import epoch


def test_the_trials_own_lines_come_last_and_every_line_says_its_role() -> None:
    own = [epoch("a", 0, 1, 0.4), epoch("a", 0, 2, 0.6)]
    found = compute("accuracy", own, {2: [epoch("a", 2, 1, 0.3)], 1: [epoch("a", 1, 1, 0.2)]}, [epoch("b", 0, 1, 0.5)])
    assert found is not None
    assert [(line.name, line.role, line.epochs, line.values) for line in found.lines] == [
        ("seed 1", "other", (1,), (0.2,)),
        ("seed 2", "other", (1,), (0.3,)),
        ("baseline, same seed", "baseline", (1,), (0.5,)),
        ("train", "train", (1, 2), (0.4, 0.6)),
        ("test", "test", (1, 2), (0.4, 0.6)),
    ]
    assert found.diverged_after is None


def test_losses_are_losses() -> None:
    found = compute("loss", [epoch("a", 0, 1, 0.4)], {})
    assert found is not None
    assert {line.role: line.values for line in found.lines} == {"train": (1.1,), "test": (0.6,)}


def test_what_is_not_finite_is_left_out_and_told() -> None:
    found = compute("accuracy", [epoch("a", 0, 1, 0.4), epoch("a", 0, 2, math.nan)], {})
    assert found is not None
    assert [line.epochs for line in found.lines] == [(1,), (1,)]
    assert found.diverged_after == 2


def test_a_trial_without_epochs_has_no_curves() -> None:
    assert compute("accuracy", [], {1: [epoch("a", 1, 1, 0.2)]}) is None
