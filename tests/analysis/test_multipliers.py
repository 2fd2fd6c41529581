"""The bootstrap over seeds against the tests it must agree with, and what it may never do."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from se_bench.analysis import multipliers
from se_bench.analysis.multipliers import RESAMPLES, interval, pooled_spread, resampled_means

accuracies = st.floats(0.1, 0.9).map(lambda value: round(value, 3))
tables = st.integers(2, 6).flatmap(
    lambda seeds: st.lists(st.lists(accuracies, min_size=seeds, max_size=seeds), min_size=2, max_size=5).map(np.array)
)


@pytest.mark.parametrize("seeds", [2, 3, 5, 20])
@pytest.mark.parametrize("distance", [0.5, 1.0, 2.0])
def test_one_is_above_the_other_as_often_as_the_paired_t_test_says(seeds: int, distance: float) -> None:
    random = np.random.default_rng(seeds)
    common = random.normal(0.8, 0.05, seeds)
    noise = random.normal(0, 0.01, seeds)
    noise = (noise - noise.mean()) / noise.std(ddof=1) * 0.01
    one, other = common + noise + distance * 0.01 / np.sqrt(seeds), common
    drawn = resampled_means(np.array([one, other]))
    expected = stats.ttest_rel(one, other, alternative="less").pvalue
    share = (drawn[:, 0] > drawn[:, 1]).mean()
    assert share == pytest.approx(expected, abs=4 * np.sqrt(expected * (1 - expected) / RESAMPLES))


def test_candidates_stay_paired() -> None:
    """All seeds shift all candidates alike, so their differences are known exactly."""
    shift = np.array([0.0, 0.1, -0.05, 0.02])
    drawn = resampled_means(np.array([0.8 + shift, 0.7 + shift]))
    assert drawn.std(axis=0).min() > 0.01
    assert np.ptp(drawn[:, 0] - drawn[:, 1]) < 1e-12


@given(tables)
def test_equal_candidates_tie_in_every_resample(values: np.ndarray) -> None:
    drawn = resampled_means(np.concatenate([values, values[::-1], values]))
    assert (drawn[:, : len(values)] == drawn[:, -len(values) :]).all()
    assert (drawn[:, : len(values)] == drawn[:, len(values) : 2 * len(values)][:, ::-1]).all()


def test_equal_values_do_not_move_and_unknown_ones_stay_unknown() -> None:
    drawn = resampled_means(np.array([[0.8, 0.8, 0.8], [np.nan, np.nan, np.nan], [0.7, np.nan, 0.9]]))
    assert (drawn[:, 0] == 0.8).all()
    assert np.isnan(drawn[:, 1]).all()
    assert np.isfinite(drawn[:, 2]).all()


def test_a_seed_that_only_some_have_keeps_the_others_paired() -> None:
    values = np.array([[0.80, 0.82, 0.81, 0.83], [0.70, 0.72, 0.71, np.nan]])
    drawn = resampled_means(values)
    assert drawn[:, 1].mean() == pytest.approx(0.71, abs=0.01)
    assert np.corrcoef(stats.rankdata(drawn[:, 0]), stats.rankdata(drawn[:, 1]))[0, 1] > 0.5


def test_a_single_seed_has_the_spread_of_the_others() -> None:
    values = np.array([[0.80, 0.84, 0.76], [0.70, 0.74, 0.72], [0.9, np.nan, np.nan]])
    expected = np.sqrt((values[0].var(ddof=1) + values[1].var(ddof=1)) / 2)
    assert pooled_spread(values) == pytest.approx(expected)
    assert resampled_means(values)[:, 2].std(ddof=1) == pytest.approx(expected, rel=0.12)
    apart = resampled_means(values[2:], pooled=expected)
    assert apart.std(ddof=1) == pytest.approx(expected, rel=0.12)


def test_no_candidate_has_a_spread_where_each_has_one_seed() -> None:
    values = np.array([[0.8, np.nan], [np.nan, 0.7]])
    assert not multipliers.has_spread(values)
    assert pooled_spread(values) == 0
    assert (resampled_means(values) == [0.8, 0.7]).all()


def test_resamples_are_the_same_in_blocks_and_every_time() -> None:
    values = np.array([[0.80, 0.82, np.nan], [0.70, 0.75, 0.71], [0.9, np.nan, np.nan]])
    whole = resampled_means(values)
    blocks = [resampled_means(values, slice(start, start + 150)) for start in range(0, RESAMPLES, 150)]
    assert (np.concatenate(blocks) == whole).all()


@given(st.lists(st.floats(-1, 1), min_size=5, max_size=60), st.floats(-1, 1))
def test_an_interval_contains_its_value(samples: list[float], value: float) -> None:
    found = interval(np.array(samples), value)
    if found is not None:
        assert found[0] <= value <= found[1]
    else:
        assert len(set(samples)) == 1


def test_the_interval_of_a_mean_is_the_students() -> None:
    values = np.random.default_rng(3).normal(0.8, 0.02, 12)
    low, high = interval(resampled_means(values[None])[:, 0], values.mean()) or (0.0, 0.0)
    expected = stats.t.interval(0.95, 11, values.mean(), stats.sem(values))
    assert (low, high) == pytest.approx(expected, abs=0.15 * (expected[1] - expected[0]))
