"""Claims about more than two candidates: a difference of differences, and a trend along an axis."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from se_bench.analysis.claims import ClaimAnswer
from tests.analysis.small_studies import claim, judged

THAN = {"than": {"candidate": {"reduction": 4}}}
ALONG = {"along": {"reduction": [2, 4, 8, 16]}}
LEVELS = ("a", "b", "c", "d")
SEEDS = 6


def values_of(means: list[float], *, noise: float = 0.002, seed: int = 0) -> dict[str, dict[int, float]]:
    """Accuracies of candidates with these means; all share most of the noise of a seed."""
    rng = np.random.default_rng(seed)
    shared = rng.normal(0.85, 0.01, SEEDS)
    return {
        label: dict(enumerate(shared + mean + rng.normal(0, noise, SEEDS)))
        for label, mean in zip(LEVELS, means, strict=True)
    }


def trend(expect: str, means: list[float], *, margin: float = 0.0, metric: str = "accuracy") -> ClaimAnswer:
    return judged([(claim(expect, margin=margin, metric=metric, **ALONG), *LEVELS)], {metric: values_of(means)})[0]


@pytest.mark.parametrize(
    ("means", "expect", "margin", "verdict"),
    [
        ([0.03, 0.0, 0.01, 0.0], "better", 0.0, "supported"),
        ([0.03, 0.0, 0.01, 0.0], "better", 0.03, "refuted"),
        ([0.01, 0.0, 0.03, 0.0], "better", 0.0, "refuted"),
        ([0.03, 0.0, 0.03, 0.0], "better", 0.0, "undecided"),
        ([0.03, 0.0, 0.03, 0.0], "equivalent", 0.01, "supported"),
        ([0.05, 0.0, 0.01, 0.0], "equivalent", 0.01, "refuted"),
        ([0.0, 0.0, 0.03, 0.0], "worse", 0.01, "supported"),
    ],
)
def test_an_interaction_compares_two_differences(means: list[float], expect: str, margin: float, verdict: str) -> None:
    asked = (claim(expect, margin=margin, **THAN), *LEVELS)
    (found,) = judged([asked], {"accuracy": values_of(means)})
    assert found.verdict == verdict
    assert (found.candidate, found.against) == ("a − b", "c − d")


def test_an_interaction_is_tested_seed_by_seed() -> None:
    values = values_of([0.012, 0.0, 0.01, 0.0])
    (found,) = judged([(claim("better", **THAN), *LEVELS)], {"accuracy": values})
    a, b, c, d = (np.array(list(values[label].values())) for label in LEVELS)
    assert found.difference.values == pytest.approx(a - b - (c - d))
    assert found.p == pytest.approx(stats.ttest_1samp(a - b - (c - d), 0).pvalue, rel=1e-9)


def test_a_baseline_that_both_pairs_share_cancels() -> None:
    values = values_of([0.02, 0.0, 0.01, 0.0])
    (found,) = judged([(claim("better", **THAN), "a", "b", "c", "b")], {"accuracy": values})
    (plain,) = judged([(claim("better"), "a", "c")], {"accuracy": values})
    assert found.difference.values == pytest.approx(plain.difference.values)


@pytest.mark.parametrize(
    ("means", "expect", "margin", "verdict"),
    [
        ([0.0, 0.02, 0.04, 0.06], "increasing", 0.0, "supported"),
        ([0.06, 0.04, 0.02, 0.0], "increasing", 0.0, "refuted"),
        ([0.06, 0.04, 0.02, 0.0], "decreasing", 0.0, "supported"),
        # no change from the first to the second: only a margin allows to say that it does not fall
        ([0.0, 0.0, 0.04, 0.06], "increasing", 0.0, "undecided"),
        ([0.0, 0.0, 0.04, 0.06], "increasing", 0.01, "supported"),
        # it rises as a whole, but falls in between
        ([0.0, 0.05, 0.02, 0.06], "increasing", 0.01, "refuted"),
        ([0.0, 0.05, 0.02, 0.06], "increasing", 0.04, "supported"),
        # all within the margin, but no trend
        ([0.0, 0.0, 0.0, 0.0], "increasing", 0.01, "undecided"),
    ],
)
def test_a_trend_is_a_slope_without_a_step_back(means: list[float], expect: str, margin: float, verdict: str) -> None:
    assert trend(expect, means, margin=margin).verdict == verdict


def test_a_trend_is_one_of_the_metric_itself_whichever_direction_is_better() -> None:
    assert trend("increasing", [0.0, 0.02, 0.04, 0.06], metric="loss").verdict == "supported"


def test_the_estimate_of_a_trend_is_the_slope_of_each_seed() -> None:
    found = trend("increasing", [0.0, 0.02, 0.04, 0.07])
    values = values_of([0.0, 0.02, 0.04, 0.07])
    slopes = [np.polyfit(range(4), [values[label][seed] for label in LEVELS], 1)[0] for seed in range(SEEDS)]
    assert found.difference.values == pytest.approx(slopes)
    assert found.candidate == "a … d"


means = st.lists(st.sampled_from([0.0, 0.005, 0.01, 0.02, 0.04]), min_size=4, max_size=4)


@settings(deadline=None, max_examples=60)
@given(means, st.sampled_from([0.0, 0.01]))
def test_the_p_of_a_trend_is_that_of_its_weakest_part_or_the_corrected_one_of_its_breach(
    found: list[float], margin: float
) -> None:
    """By scipy, with the intersection and the union written out."""
    values = values_of(found, seed=9)
    arrays = {label: np.array(list(values[label].values())) for label in LEVELS}
    slope = sum((place - 1.5) / 5 * arrays[label] for place, label in enumerate(LEVELS))
    steps = [arrays[later] - arrays[earlier] for earlier, later in combinations(LEVELS, 2)]

    def p(sample: np.ndarray, limit: float, alternative: str) -> float:
        return float(stats.ttest_1samp(sample, limit, alternative=alternative).pvalue)

    true = 2 * max(p(slope, 0, "greater"), *(p(step, -margin, "greater") for step in steps))
    false = 2 * min(2 * p(slope, 0, "less"), *(2 * len(steps) * p(step, -margin, "less") for step in steps))
    ours = judged([(claim("increasing", margin=margin, **ALONG), *LEVELS)], {"accuracy": values})[0]
    assert ours.p == pytest.approx(min(1, true, false), rel=1e-6)


@pytest.mark.parametrize(("expect", "verdict"), [("increasing", "supported"), ("decreasing", "refuted")])
def test_a_trend_of_costs_is_arithmetic(expect: str, verdict: str) -> None:
    """Each made-up candidate costs more than the one before it."""
    (found,) = judged([(claim(expect, metric="params", **ALONG), *LEVELS)], {})
    assert (found.verdict, found.exact, found.difference.mean) == (verdict, True, pytest.approx(100))
    (found,) = judged([(claim(expect, metric="activations", **ALONG), *LEVELS)], {})
    assert found.verdict == "refuted"  # all alike: no trend
