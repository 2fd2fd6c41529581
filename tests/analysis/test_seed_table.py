"""A study as arrays: what was measured stands in its place, what was not is NaN, and means keep ties."""

from __future__ import annotations

import dataclasses
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from se_bench.analysis import seed_table
from se_bench.analysis.answer import answer as summarise
from se_bench.analysis.estimates import estimate
from se_bench.records import Status
from tests.analysis.small_studies import FULL, ODD, answered, records, study

cells = st.lists(
    st.lists(
        st.one_of(st.just(np.nan), st.floats(0.1, 0.9).map(lambda value: round(value, 3))), min_size=4, max_size=4
    ),
    min_size=1,
    max_size=6,
).map(np.array)


def test_every_completed_trial_stands_in_its_row_and_column() -> None:
    found = seed_table.of(answered({**FULL, "reduction=8": {1: 0.7, 2: Status.DIVERGED, 3: Status.FAILED}}))
    assert found.labels == ("baseline", "reduction=2", "reduction=16", "reduction=8")
    assert found.seeds == (0, 1, 2, 3)
    assert found.metrics["accuracy"][1].tolist()[:3] == [0.85, 0.86, 0.84]
    last = found.metrics["accuracy"][3]
    assert (last[1], np.isnan(last).tolist()) == (0.7, [True, False, True, True])
    assert found.unsuccessful.tolist() == [0, 0, 0, 2]
    assert found.reliable.tolist() == [True, True, True, False]
    assert found.completed("accuracy").tolist() == [3, 3, 3, 1]
    assert found.costs["macs"].tolist() == [10_000, 10_050, 10_100, 10_150]
    assert found.values("macs").shape == (4, 4)


@pytest.mark.parametrize("name", ODD)
def test_means_and_intervals_are_those_of_the_answer(name: str) -> None:
    answer = answered(ODD[name])
    found = seed_table.of(answer)
    low, high = seed_table.intervals(found.values("accuracy"))
    for place, each in enumerate(answer.candidates):
        known = each.metrics["accuracy"]
        for array, expected in (
            (found.mean("accuracy"), known.mean), (low, known.low), (high, known.high),
        ):  # fmt: skip
            assert array[place] == (
                pytest.approx(expected, rel=1e-12) if expected is not None else pytest.approx(np.nan, nan_ok=True)
            )


@given(cells)
def test_they_agree_with_the_estimate_of_one_candidate(values: np.ndarray) -> None:
    mean, spread = seed_table.means(values), seed_table.spreads(values)
    low, high = seed_table.intervals(values)
    for place, row in enumerate(values):
        one = estimate(row[np.isfinite(row)].tolist())
        for found, expected in zip(
            (mean[place], low[place], high[place], spread[place]),
            (one.mean, one.low, one.high, one.spread),
            strict=True,
        ):
            if expected is None:
                assert np.isnan(found)
            else:
                assert found == pytest.approx(expected, rel=1e-9, abs=1e-15)


def test_the_same_accuracies_in_another_order_of_seeds_are_a_tie() -> None:
    orders = np.array(list(permutations([0.1, 0.7, 0.301, 0.9])))
    assert len(set(seed_table.means(orders).tolist())) == 1


def test_a_candidate_is_measured_against_the_baseline_of_its_own_net() -> None:
    plain = records({"baseline": {0: 0.8}, "se": {0: 0.81}, "wide baseline": {0: 0.9}, "wide se": {0: 0.88}})
    candidates = tuple(
        dataclasses.replace(
            each,
            architecture={"backbone": "net", "options": {"width": 32} if each.label.startswith("wide") else {}},
            is_baseline=each.label.endswith("baseline"),
        )
        for each in plain.candidates
    )
    found = seed_table.of(summarise(study(), dataclasses.replace(plain, candidates=candidates), []))
    assert found.baseline.tolist() == [0, 0, 2, 2]
    assert found.is_baseline.tolist() == [True, False, True, False]
    kept = found.at(np.array([1, 2, 3]))
    assert kept.baseline.tolist() == [-1, 1, 1]
    assert kept.is_baseline.tolist() == [False, True, False]
    assert kept.labels == ("se", "wide baseline", "wide se")


def test_more_is_better_where_the_study_or_the_metric_says_so() -> None:
    assert seed_table.maximized("macs", {"macs": "maximize"})
    assert not seed_table.maximized("macs", {})
    assert seed_table.maximized("accuracy", {})
    assert not seed_table.maximized("accuracy", {"accuracy": "minimize"})
    assert not seed_table.maximized("loss", {})
