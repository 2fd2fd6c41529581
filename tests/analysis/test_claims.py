"""Verdicts on made data: from both sides of the margin, in both directions of a metric, and by other programs."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.weightstats import ttost_paired

from se_bench.analysis.claims import ClaimAnswer, Verdict, judge
from tests.analysis.small_studies import claim

LABELS = {"one": "reduction=2", "two": "baseline"}
NOISE = (-0.002, 0.001, 0.0, 0.002, -0.001)
SHAKY = (-0.2, 0.1, 0.0, 0.2, -0.1)


def verdict_of(
    expect: str, one: list[float], two: list[float], *, margin: float = 0.0, metric: str = "accuracy"
) -> ClaimAnswer:
    values = {"one": dict(enumerate(one)), "two": dict(enumerate(two))}
    asked = (claim(expect, margin=margin, metric=metric), "one", "two")
    return judge([asked], {metric: values}, LABELS)[0]


def apart(gain: float, noise: tuple[float, ...] = NOISE, metric: str = "accuracy") -> tuple[list[float], list[float]]:
    """Two candidates of which the first is better by ``gain``, more or less."""
    two = [0.50, 0.53, 0.48, 0.51, 0.52]
    sign = 1 if metric == "accuracy" else -1
    return [value + sign * (gain + shift) for value, shift in zip(two, noise, strict=True)], two


@pytest.mark.parametrize("metric", ["accuracy", "loss", "train_seconds"])
@pytest.mark.parametrize(
    ("gain", "expect", "verdict"),
    [
        (0.05, "better", "supported"),
        (0.05, "worse", "refuted"),
        (0.05, "not_worse", "supported"),
        (0.05, "equivalent", "refuted"),
        (0.0, "better", "refuted"),
        (0.0, "worse", "refuted"),
        (0.0, "not_worse", "supported"),
        (0.0, "equivalent", "supported"),
        (-0.05, "better", "refuted"),
        (-0.05, "worse", "supported"),
        (-0.05, "not_worse", "refuted"),
        (-0.05, "equivalent", "refuted"),
        # a hair inside and outside of the margin of 0.01
        (0.014, "better", "supported"),
        (0.006, "better", "refuted"),
        (-0.014, "worse", "supported"),
        (-0.006, "worse", "refuted"),
        (-0.006, "not_worse", "supported"),
        (-0.014, "not_worse", "refuted"),
        (0.006, "equivalent", "supported"),
        (0.014, "equivalent", "refuted"),
        (-0.006, "equivalent", "supported"),
        (-0.014, "equivalent", "refuted"),
        # on it
        (0.01, "better", "undecided"),
        (-0.01, "worse", "undecided"),
        (-0.01, "not_worse", "undecided"),
        (0.01, "equivalent", "undecided"),
        (-0.01, "equivalent", "undecided"),
    ],
)
def test_the_verdict_is_that_of_the_side_of_the_margin(gain: float, expect: str, verdict: str, metric: str) -> None:
    found = verdict_of(expect, *apart(gain, metric=metric), margin=0.01, metric=metric)
    assert found.verdict == verdict
    assert found.note == ""


@pytest.mark.parametrize("gain", [0.05, 0.0, -0.05])
@pytest.mark.parametrize("expect", ["better", "worse", "not_worse", "equivalent"])
def test_seeds_that_disagree_decide_nothing(gain: float, expect: str) -> None:
    assert verdict_of(expect, *apart(gain, SHAKY), margin=0.01).verdict is Verdict.UNDECIDED


def test_the_difference_keeps_the_direction_of_its_metric() -> None:
    found = verdict_of("better", *apart(0.05, metric="loss"), metric="loss")
    assert found.difference.mean == pytest.approx(-0.05, abs=1e-3)
    assert found.verdict is Verdict.SUPPORTED
    assert (found.candidate, found.against) == ("reduction=2", "baseline")


accuracy = st.integers(0, 2048).map(lambda correct: correct / 2048)
pairs = st.lists(st.tuples(accuracy, accuracy), min_size=2, max_size=12).filter(
    lambda found: len({one - other for one, other in found}) > 1
)
margins = st.sampled_from([0.0, 0.001, 0.01, 0.1, 0.5])


@settings(deadline=None)
@given(pairs, margins)
def test_better_is_supported_exactly_where_the_interval_lies_above_the_margin(
    found: list[tuple[float, float]], margin: float
) -> None:
    one, two = [left for left, _ in found], [right for _, right in found]
    answer = verdict_of("better", one, two, margin=margin)
    assert answer.difference.low is not None
    assert answer.difference.high is not None
    assert (answer.verdict is Verdict.SUPPORTED) == (answer.difference.low > margin)
    assert (answer.verdict is Verdict.REFUTED) == (answer.difference.high < margin)


@settings(deadline=None)
@given(pairs, margins)
def test_worse_mirrors_better_and_not_worse_is_its_opposite(found: list[tuple[float, float]], margin: float) -> None:
    one, two = [left for left, _ in found], [right for _, right in found]
    better, worse = verdict_of("better", one, two, margin=margin), verdict_of("worse", two, one, margin=margin)
    assert (better.verdict, better.p) == (worse.verdict, pytest.approx(worse.p))
    opposite = {"supported": "refuted", "refuted": "supported", "undecided": "undecided"}
    not_worse = verdict_of("not_worse", two, one, margin=margin)
    assert not_worse.verdict == opposite[worse.verdict.value]
    assert not_worse.p == worse.p


@settings(deadline=None)
@given(pairs)
def test_without_a_margin_the_p_value_of_better_is_that_of_the_paired_t_test(found: list[tuple[float, float]]) -> None:
    one, two = [left for left, _ in found], [right for _, right in found]
    assert verdict_of("better", one, two).p == pytest.approx(stats.ttest_rel(one, two).pvalue, rel=1e-7, abs=1e-300)


@settings(deadline=None)
@given(pairs, st.sampled_from([0.01, 0.05, 0.2, 0.9]))
def test_equivalence_is_the_two_one_sided_tests_of_statsmodels(found: list[tuple[float, float]], margin: float) -> None:
    one, two = np.array([left for left, _ in found]), np.array([right for _, right in found])
    answer = verdict_of("equivalent", list(one), list(two), margin=margin)
    p = ttost_paired(one, two, -margin, margin)[0]
    assert (answer.verdict is Verdict.SUPPORTED) == (p <= 0.05)
    if abs(np.mean(one - two)) < margin:
        assert answer.p == pytest.approx(p, rel=1e-7, abs=1e-300)


@pytest.mark.parametrize(
    ("one", "two", "n", "note"),
    [
        ({}, {0: 0.5}, 0, "no seed has both trials completed"),
        ({1: 0.9}, {0: 0.5}, 0, "no seed has both trials completed"),
        ({0: 0.9, 1: 0.9}, {0: 0.5}, 1, "one seed"),
        ({0: 0.75, 1: 1.0}, {0: 0.5, 1: 0.75}, 2, "the same difference"),
    ],
)
@pytest.mark.parametrize("expect", ["better", "worse", "not_worse", "equivalent"])
def test_what_cannot_be_tested_is_undecided_and_says_why(
    one: dict[int, float], two: dict[int, float], n: int, note: str, expect: str
) -> None:
    asked = (claim(expect, margin=0.01), "one", "two")
    found = judge([asked], {"accuracy": {"one": one, "two": two}}, LABELS)[0]
    assert (found.verdict, found.p, found.difference.n) == (Verdict.UNDECIDED, None, n)
    assert note in found.note


def test_seeds_that_only_one_side_has_do_not_count() -> None:
    one, two = ({0: 0.90, 1: 0.92, 2: 0.91, 7: 0.0}, {0: 0.80, 1: 0.83, 2: 0.81, 9: 1.0})
    found = judge([(claim("better"), "one", "two")], {"accuracy": {"one": one, "two": two}}, LABELS)[0]
    assert (found.difference.n, found.verdict) == (3, Verdict.SUPPORTED)


def test_holm_runs_over_all_claims_also_those_that_cannot_be_tested_yet() -> None:
    one, two = apart(0.004, (-0.002, 0.001, 0.0, 0.002, -0.001))
    metrics = {"accuracy": {"one": dict(enumerate(one)), "two": dict(enumerate(two))}, "loss": {}}
    claims = [
        (claim("better", name="a"), "one", "two"),
        (claim("better", margin=0.003, name="b"), "one", "two"),
        (claim("better", metric="loss", name="c"), "one", "two"),
    ]
    alone = [judge([each], metrics, LABELS)[0].p for each in claims]
    together = judge(claims, metrics, LABELS)
    assert alone[2] is together[2].p is None
    expected = multipletests([1.0 if p is None else p for p in alone], method="holm")[1]
    assert [together[0].p, together[1].p] == pytest.approx(list(expected[:2]), rel=1e-12)
    assert alone[0] * 3 == pytest.approx(together[0].p)


def test_studies_without_any_effect_get_a_verdict_in_at_most_5_of_100() -> None:
    """Four candidates that are all the same, six claims on whether one is better or worse than another."""
    rng = np.random.default_rng(7)
    claims = [
        (claim(expect, name=f"{expect}-{place}"), f"c{place}", "two")
        for place, expect in enumerate(["better", "worse", "better", "worse"])
    ]
    claims += [(claim("better", name="x"), "c0", "c1"), (claim("worse", name="y"), "c2", "c3")]
    labels = {name: name for name in ("two", "c0", "c1", "c2", "c3")}
    studies, false = 800, 0
    for _ in range(studies):
        shared = rng.normal(0.89, 0.007, size=5)
        values = {name: dict(enumerate(shared + rng.normal(0, 0.005, size=5))) for name in labels}
        found = judge(claims, {"accuracy": values}, labels)
        false += any(each.verdict is not Verdict.UNDECIDED for each in found)
    assert false / studies <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / studies)
    assert false > 0  # it can happen, so the bound above is one that can be broken


def test_equivalence_at_the_margin_is_supported_in_at_most_5_of_100() -> None:
    rng = np.random.default_rng(11)
    studies, supported = 1000, 0
    for _ in range(studies):
        two = rng.normal(0.89, 0.007, size=8)
        one = two + 0.01 + rng.normal(0, 0.003, size=8)
        found = verdict_of("equivalent", list(one), list(two), margin=0.01)
        supported += found.verdict is Verdict.SUPPORTED
    assert abs(supported / studies - 0.05) <= 3 * np.sqrt(0.05 * 0.95 / studies)
