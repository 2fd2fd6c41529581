"""Rows for other programs: the documented columns, at full precision."""

from __future__ import annotations

import pytest

from se_bench.analysis.rows import candidate_rows, epoch_rows, trial_rows
from se_bench.config.load import load_space
from tests.analysis.small_studies import FULL, ODD, answered

TRIAL_COLUMNS = {"trial_id", "seed", "status", "epochs", "accuracy", "loss", "train_seconds", "params", "macs"}
AXES = list(load_space("se_block").axes)


@pytest.mark.parametrize("measured", [FULL, *ODD.values()], ids=["full", *ODD])
def test_every_kind_of_row_has_the_same_columns_in_each_row(measured) -> None:
    answer = answered(measured)
    rows = (candidate_rows(answer), trial_rows(answer.study, answer.records), epoch_rows(answer.records))
    for found in rows:
        assert len({tuple(row) for row in found}) <= 1
    assert len(rows[0]) == len(measured)
    assert len(rows[1]) == sum(len(seeds) for seeds in measured.values())


def test_a_trials_row_has_the_documented_columns_and_one_for_each_axis() -> None:
    answer = answered(FULL)
    for row in trial_rows(answer.study, answer.records):
        assert set(row) >= TRIAL_COLUMNS
        assert [name for name in row if name in answer.study.space.axes] == AXES


def test_axes_without_effect_are_empty_and_lists_are_words() -> None:
    answer = answered(FULL)
    baseline, *_, last = candidate_rows(answer)
    assert {name: baseline[name] for name in AXES} == {**dict.fromkeys(AXES), "block": "none"}
    assert (last["reduction"], last["bias"], last["stages"]) == (2, False, "1+2")


def test_numbers_are_those_of_the_records_to_the_last_bit() -> None:
    third = 1 / 3
    answer = answered({"baseline": {0: third}, "reduction=2": {0: 0.1 + 0.2}})
    rows = trial_rows(answer.study, answer.records)
    assert [row["accuracy"] for row in rows] == [third, 0.1 + 0.2]
    assert [row["loss"] for row in rows] == [1 - third, 1 - (0.1 + 0.2)]
    for row, trial in zip(rows, answer.records.trials, strict=True):
        assert (row["trial_id"], row["seed"], row["status"]) == (trial.trial_id, trial.seed, trial.status.value)
        assert (row["epochs"], row["train_seconds"]) == (trial.epochs, trial.train_seconds)
    assert [row["params"] for row in rows] == [1000, 1100]


def test_a_candidates_row_has_its_interval_and_its_difference() -> None:
    answer = answered(FULL)
    rows = candidate_rows(answer)
    for row, each in zip(rows, answer.candidates, strict=True):
        accuracy = each.metrics["accuracy"]
        assert (row["accuracy"], row["accuracy_low"], row["accuracy_high"]) == (
            accuracy.mean,
            accuracy.low,
            accuracy.high,
        )
        expected = each.difference
        assert row["difference"] == (expected.mean if expected else None)
        assert row["p"] == (expected.p if expected else None)
        assert row["n"] == 3


def test_an_epochs_row_has_its_trial_its_numbers_and_each_stages_gradient() -> None:
    answer = answered(FULL)
    rows = epoch_rows(answer.records)
    assert len(rows) == len(answer.records.epochs) == 18
    for row, epoch in zip(rows, answer.records.epochs, strict=True):
        assert (row["trial_id"], row["epoch"]) == (epoch.trial_id, epoch.epoch)
        assert row["trial_id"] == f"{row['candidate']}/{row['seed']}"
        assert (row["test_accuracy"], row["train_loss"]) == (epoch.test_accuracy, epoch.train_loss)
        assert (row["gradient_norm_stage1"], row["gradient_norm_stage2"]) == epoch.gradient_norms
