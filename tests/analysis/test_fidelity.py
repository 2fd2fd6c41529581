"""Kendall's tau between rankings, against a count of pairs."""

from __future__ import annotations

import dataclasses
from itertools import combinations

import numpy as np
import pytest

from se_bench.analysis.answer import Answer
from se_bench.analysis.answer import answer as summarise
from se_bench.analysis.fidelity import MOST_EPOCHS, compute
from se_bench.config.dashboard import Panel
from se_bench.records import Epoch, Status
from tests.analysis.small_studies import FULL, ODD, Measured, answered, epoch, records, study

PANEL = Panel.read({"figure": "fidelity"})


def trained(curves: dict[str, dict[int, list[float]]], status: Status = Status.COMPLETED) -> Answer:
    """A study of trials with these accuracies after each epoch."""
    measured: Measured = {
        label: {seed: values[-1] for seed, values in seeds.items()} for label, seeds in curves.items()
    }
    plain = records(measured)
    epochs: list[Epoch] = [
        epoch(label, seed, number, value)
        for label, seeds in curves.items()
        for seed, values in seeds.items()
        for number, value in enumerate(values, start=1)
    ]
    trials = tuple(
        dataclasses.replace(trial, epochs=len(curves[trial.trial_id.split("/")[0]][trial.seed]), status=status)
        for trial in plain.trials
    )
    return summarise(study(), dataclasses.replace(plain, trials=trials, epochs=tuple(epochs)), [])


def pairs_in_order(one: list[float], other: list[float]) -> float:
    """(concordant - discordant) / pairs, for rankings without ties."""
    signs = [np.sign(one[a] - one[b]) * np.sign(other[a] - other[b]) for a, b in combinations(range(len(one)), 2)]
    return float(np.mean(signs))


def test_tau_is_the_share_of_pairs_in_order_less_that_of_the_others() -> None:
    random = np.random.default_rng(0)
    curves = {f"c{place}": {seed: random.random(4).tolist() for seed in range(3)} for place in range(7)}
    found = compute(trained(curves), PANEL)
    assert found is not None
    assert (found.last, found.candidates, found.seeds) == (4, 7, 3)
    assert [each.epoch for each in found.epochs] == [1, 2, 3]
    means = [
        [float(np.mean([seeds[seed][place] for seed in seeds])) for seeds in curves.values()] for place in range(4)
    ]
    for each in found.epochs:
        assert each.tau == pytest.approx(pairs_in_order(means[each.epoch - 1], means[3]))
        assert each.low is not None
        assert each.high is not None
        assert -1 <= each.low <= each.tau <= each.high <= 1


def test_the_same_ranking_is_one_and_the_reverse_minus_one() -> None:
    curves = {
        f"c{place}": {seed: [0.1 * place + 0.001 * seed, 0.9 - 0.1 * place, 0.1 + 0.1 * place] for seed in range(2)}
        for place in range(5)
    }
    found = compute(trained(curves), PANEL)
    assert found is not None
    assert [each.tau for each in found.epochs] == pytest.approx([1.0, -1.0])


def test_only_completed_trials_of_full_length_count() -> None:
    assert compute(trained({"a": {0: [0.1, 0.2]}, "b": {0: [0.2, 0.1]}}, Status.RUNNING), PANEL) is None
    found = compute(answered({**FULL, "reduction=8": {0: Status.DIVERGED, 1: Status.RUNNING}}), PANEL)
    assert found is not None
    assert found.candidates == 3


def test_one_seed_has_no_interval() -> None:
    found = compute(answered(ODD["one seed"]), PANEL)
    assert found is not None
    assert [(each.low, each.high) for each in found.epochs] == [(None, None)]
    assert "No uncertainty: one seed." in found.caption


def test_of_many_epochs_some_are_looked_at_the_first_and_the_last_but_one_among_them() -> None:
    random = np.random.default_rng(1)
    found = compute(trained({f"c{place}": {0: random.random(90).tolist()} for place in range(4)}), PANEL)
    assert found is not None
    epochs = [each.epoch for each in found.epochs]
    assert len(epochs) == MOST_EPOCHS
    assert (epochs[0], epochs[-1]) == (1, 89)


@pytest.mark.parametrize("name", ["no trial", "nothing trained", "failed only"])
def test_there_is_nothing_to_rank(name: str) -> None:
    assert compute(answered(ODD[name]), PANEL) is None


def test_equal_candidates_have_no_ranking() -> None:
    assert compute(trained({"a": {0: [0.1, 0.2]}, "b": {0: [0.2, 0.2]}}), PANEL) is None
    assert compute(trained({"a": {0: [0.1, 0.2]}}), PANEL) is None
    assert compute(trained({"a": {0: [0.2]}, "b": {0: [0.1]}}), PANEL) is None
