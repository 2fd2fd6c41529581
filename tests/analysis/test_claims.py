"""Verdicts on two candidates: from both sides of the margin, in both directions of a metric, and by other programs."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.power import TTestPower
from statsmodels.stats.weightstats import ttost_paired

from se_bench.analysis.claims import ClaimAnswer, Verdict
from tests.analysis.small_studies import claim, judged

NOISE = (-0.002, 0.001, 0.0, 0.002, -0.001)
SHAKY = (-0.2, 0.1, 0.0, 0.2, -0.1)


def verdict_of(
    expect: str, one: list[float], two: list[float], *, margin: float = 0.0, metric: str = "accuracy"
) -> ClaimAnswer:
    values = {"one": dict(enumerate(one)), "two": dict(enumerate(two))}
    return judged([(claim(expect, margin=margin, metric=metric), "one", "two")], {metric: values})[0]


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
    assert (found.candidate, found.against) == ("one", "two")


def untied(found: list[tuple[float, float]]) -> bool:
    """Whether no two differences are as far from any margin below, so that the test is t."""
    for margin in MARGINS:
        for limit in (-margin, margin):
            sizes = sorted(abs(one - other - limit) for one, other in found)
            if any(after - before < 1e-9 for before, after in pairwise(sizes)):
                return False
    return True


MARGINS = (0.0, 0.001, 0.01, 0.1, 0.5)
accuracy = st.integers(0, 20480).map(lambda correct: correct / 20480)
pairs = st.lists(st.tuples(accuracy, accuracy), min_size=3, max_size=12).filter(untied)
margins = st.sampled_from(MARGINS)


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
@given(pairs, st.sampled_from([0.001, 0.01, 0.1, 0.5]))
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
        ({}, {0: 0.5}, 0, "no seed has all its trials completed"),
        ({1: 0.9}, {0: 0.5}, 0, "no seed has all its trials completed"),
        ({0: 0.9, 1: 0.9}, {0: 0.5}, 1, "1 of the 3 seeds that a test needs"),
        ({0: 0.75, 1: 1.0}, {0: 0.5, 1: 0.7}, 2, "2 of the 3 seeds that a test needs"),
    ],
)
@pytest.mark.parametrize("expect", ["better", "worse", "not_worse", "equivalent"])
def test_what_cannot_be_tested_is_undecided_and_says_why(
    one: dict[int, float], two: dict[int, float], n: int, note: str, expect: str
) -> None:
    (found,) = judged([(claim(expect, margin=0.01), "one", "two")], {"accuracy": {"one": one, "two": two}})
    assert (found.verdict, found.p, found.difference.n) == (Verdict.UNDECIDED, None, n)
    assert note in found.note


@pytest.mark.parametrize(("n", "verdict"), [(3, "undecided"), (5, "undecided"), (6, "supported")])
def test_seeds_that_all_agree_decide_by_their_number(n: int, verdict: str) -> None:
    """Without a spread there is no t; six equal signs have a two-sided probability of 1/32."""
    found = verdict_of("better", [0.75 + n / 8 for n in range(n)], [0.5 + n / 8 for n in range(n)])
    assert found.verdict == verdict
    assert found.p == 2 / 2**n


def test_seeds_that_only_one_side_has_do_not_count() -> None:
    one, two = ({0: 0.90, 1: 0.92, 2: 0.91, 7: 0.0}, {0: 0.80, 1: 0.83, 2: 0.81, 9: 1.0})
    (found,) = judged([(claim("better"), "one", "two")], {"accuracy": {"one": one, "two": two}})
    assert (found.difference.n, found.verdict) == (3, Verdict.SUPPORTED)


def test_holm_runs_over_all_claims_also_those_that_cannot_be_tested_yet() -> None:
    one, two = apart(0.004, (-0.002, 0.001, 0.0, 0.002, -0.001))
    metrics = {"accuracy": {"one": dict(enumerate(one)), "two": dict(enumerate(two))}, "loss": {}}
    claims = [
        (claim("better", name="a"), "one", "two"),
        (claim("better", margin=0.003, name="b"), "one", "two"),
        (claim("better", metric="loss", name="c"), "one", "two"),
    ]
    alone = [judged([each], metrics)[0].p for each in claims]
    together = judged(claims, metrics)
    assert alone[2] is together[2].p is None
    expected = multipletests([1.0 if p is None else p for p in alone], method="holm")[1]
    assert [together[0].p, together[1].p] == pytest.approx(list(expected[:2]), rel=1e-12)
    assert alone[0] * 3 == pytest.approx(together[0].p)


def test_a_claim_about_costs_is_arithmetic_and_takes_no_part_in_the_correction() -> None:
    one, two = apart(0.004)
    metrics = {"accuracy": {"one": dict(enumerate(one)), "two": dict(enumerate(two))}}
    claims = [
        (claim("better", name="a"), "one", "two"),
        (claim("lower", metric="params", name="b"), "one", "two"),
        (claim("better", metric="macs", margin=49, name="c"), "one", "two"),
        (claim("equivalent", metric="activations", name="d"), "one", "two"),
        (claim("not_worse", metric="memory_bytes", margin=0.5, name="e"), "two", "one"),
    ]
    found = judged(claims, metrics)
    assert found[0].p == judged(claims[:1], metrics)[0].p
    assert [each.exact for each in found] == [False, True, True, True, True]
    # "one" costs less than "two": 100 parameters, 50 MACs, one byte
    assert [each.verdict for each in found[1:]] == ["supported", "supported", "supported", "refuted"]
    assert [each.difference.mean for each in found[1:]] == [-100, -50, 0, 1]
    assert {each.p for each in found[1:]} == {None}


@pytest.mark.parametrize(("metric", "sign"), [("accuracy", 1), ("loss", -1)])
@pytest.mark.parametrize(("lost", "stuck"), [("one", True), ("two", False)])
def test_a_candidate_with_failures_gets_no_verdict_in_its_favour(
    metric: str, sign: int, lost: str, stuck: bool
) -> None:
    """The other trials say that "one" is better by far; a failure of "two" speaks for that, one of its own against."""
    one, two = apart(0.05, metric=metric)
    values = {metric: {"one": dict(enumerate(one)), "two": dict(enumerate(two))}}
    for expect, verdict in (("better", "supported"), ("worse", "refuted"), ("not_worse", "supported")):
        (found,) = judged([(claim(expect, metric=metric), "one", "two")], values, lost={lost: [5]})
        assert found.verdict == ("undecided" if stuck else verdict)
        assert found.stuck is stuck
        assert found.more_seeds is None
        assert f"1 of 6 trials of {lost} have no result" in found.note
    (alike,) = judged([(claim("equivalent", margin=0.1, metric=metric), "one", "two")], values, lost={lost: [5]})
    assert alike.verdict == "undecided"
    raw = "higher" if sign > 0 else "lower"
    (found,) = judged([(claim(raw, metric=metric), "one", "two")], values, lost={lost: [5]})
    assert found.verdict == ("undecided" if stuck else "supported")


def test_of_a_metric_without_a_better_direction_no_side_is_flattered() -> None:
    one, two = apart(0.05)
    values = {"gradient_norm": {"one": dict(enumerate(one)), "two": dict(enumerate(two))}}
    asked = (claim("higher", metric="gradient_norm", stage=1), "one", "two")
    assert judged([asked], values)[0].verdict == "supported"
    for label in ("one", "two"):
        assert judged([asked], values, lost={label: [9]})[0].verdict == "undecided"


def test_a_bound_on_a_time_speaks_against_its_candidate_alone() -> None:
    """ "two" never came to the level in two seeds: its times there are the whole training, or more."""
    one = {seed: 3.0 + shift for seed, shift in enumerate((0.1, 0.0, 0.2, -0.1, 0.05))}
    two = {seed: 8.0 if seed > 2 else 6.0 + seed / 10 for seed in range(5)}
    values = {"epochs_to": {"one": one, "two": two}}
    better, worse = (claim(expect, metric="epochs_to", level=0.8) for expect in ("better", "worse"))
    found = judged([(better, "one", "two"), (worse, "two", "one")], values, bounds={"two": [3, 4]})
    assert [each.verdict for each in found] == ["supported", "supported"]
    assert "2 of 5 trials of two never came to the level" in found[0].note
    slower = {"epochs_to": {"one": {seed: time + 6 for seed, time in one.items()}, "two": two}}
    (found,) = judged([(worse, "one", "two")], slower, bounds={"two": [3, 4]})
    assert found.verdict == "undecided"


@pytest.mark.parametrize("expect", ["better", "equivalent"])
def test_the_seeds_that_would_decide_are_those_of_the_power_of_the_test(expect: str) -> None:
    margin = {"better": 0.0, "equivalent": 0.01}[expect]
    values = np.random.default_rng(5).normal(0.004, 0.01, 5)
    values += 0.004 - values.mean()
    found = verdict_of(expect, list(0.8 + values), [0.8] * 5, margin=margin)
    assert found.verdict == "undecided"
    effect = (0.004 if expect == "better" else 0.006) / values.std(ddof=1)
    alternative, level = ("two-sided", 0.05) if expect == "better" else ("larger", 0.05)
    needed = TTestPower().solve_power(effect_size=effect, alpha=level, power=0.8, alternative=alternative)
    assert found.more_seeds == max(1, np.ceil(needed) - 5)


def test_the_seeds_that_would_decide_allow_for_the_other_open_claims() -> None:
    one, two = apart(0.001)
    values = {"accuracy": {"one": dict(enumerate(one)), "two": dict(enumerate(two)), "three": dict(enumerate(two))}}
    alone = judged([(claim("better"), "one", "two")], values)[0].more_seeds
    among = judged(
        [(claim("better"), "one", "two"), *((claim("better", name=f"c{n}"), "three", "two") for n in range(4))], values
    )
    assert alone is not None
    assert among[0].more_seeds is not None
    assert among[0].more_seeds > alone
    assert among[1].more_seeds is None  # equal to the limit: no number of seeds would do


def test_two_spellings_of_one_net_differ_by_nothing() -> None:
    values = {"accuracy": {"one": {0: 0.8, 1: 0.85, 2: 0.82}}}
    (found,) = judged([(claim("better"), "one", "one")], values)
    assert (found.difference.mean, found.verdict, found.p) == (0.0, "undecided", 1.0)
