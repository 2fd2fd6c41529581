"""What a study can show before it is trained, against statsmodels and by simulation."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from statsmodels.stats.power import TTestPower

from se_bench.analysis.looks import Looks
from se_bench.analysis.pairing import pairing
from se_bench.analysis.planning import outlook
from se_bench.analysis.power import equivalence_power
from se_bench.config.load import Study
from se_bench.config.setting import Prior
from tests.analysis.small_studies import candidate, claim, identity, study

LABELS = ("baseline", "one", "two")
CANDIDATES = [candidate(label, place) for place, label in enumerate(LABELS)]
ONE = (identity("one"), identity("baseline"))
TWO = (identity("two"), identity("baseline"))
BETTER = (claim("better", name="better"), ONE)


def asked(seeds: int = 5, most: int | None = None) -> Study:
    made = replace(study(), first_seeds=seeds, seeds=tuple(range(most or seeds)))
    setting = made.setting.model_copy(update={"prior": Prior(spread=0.01, correlation=0.5)})
    return replace(made, setting=setting)


def known(seeds: int, *labels: str) -> dict[str, dict[int, float]]:
    rng = np.random.default_rng(1)
    shared = rng.normal(0.85, 0.01, seeds)
    return {identity(label): dict(enumerate(shared + rng.normal(0, 0.004, seeds))) for label in labels}


def test_without_trials_it_goes_by_the_prior_of_the_setting() -> None:
    found = outlook(asked(), CANDIDATES, [BETTER], {})
    assert (found.source, found.known, found.seeds, found.comparisons) == ("prior", 0, 5, 1)
    assert found.spread == pytest.approx(0.01)  # sd 0.01 each, correlation 1/2
    effect = TTestPower().solve_power(nobs=5, alpha=0.05, power=0.8, alternative="two-sided")
    assert found.detectable == pytest.approx(0.01 * float(effect), rel=1e-3)


def test_with_trials_of_its_own_comparisons_it_goes_by_them() -> None:
    earlier = known(6, *LABELS)
    found = outlook(asked(), CANDIDATES, [BETTER, (claim("worse", name="w"), TWO)], earlier)
    paired = pairing([(earlier[one], earlier[other]) for one, other in (ONE, TWO)])
    assert paired is not None
    assert (found.source, found.known, found.comparisons) == ("study", 2, 2)
    assert found.spread == pytest.approx(paired.paired**0.5)
    assert found.correlation == pytest.approx(paired.correlation)
    effect = TTestPower().solve_power(nobs=5, alpha=0.025, power=0.8, alternative="two-sided")
    assert found.detectable == pytest.approx(found.spread * float(effect), rel=1e-3)


def test_else_by_other_candidates_of_the_setting() -> None:
    found = outlook(asked(), CANDIDATES, [BETTER], known(6, "baseline", "another", "third"))
    assert (found.source, found.known) == ("setting", 2)
    assert outlook(asked(), CANDIDATES, [BETTER], known(6, "another")).source == "prior"
    assert outlook(asked(), CANDIDATES, [BETTER], known(2, *LABELS)).source == "prior"


def test_without_claims_each_candidate_is_compared_and_costs_are_not() -> None:
    assert outlook(asked(), CANDIDATES, [], {}).comparisons == 2
    costs = (claim("lower", metric="params", name="costs"), ONE)
    assert outlook(asked(), CANDIDATES, [BETTER, costs], {}).comparisons == 1


@pytest.mark.parametrize("seeds", [1, 2])
def test_too_few_seeds_detect_nothing(seeds: int) -> None:
    found = outlook(asked(seeds), CANDIDATES, [(claim("not_worse", margin=0.01, name="n"), ONE)], {})
    assert found.detectable is None
    assert found.if_equal == {}


def test_a_range_of_seeds_counts_with_its_last_and_the_level_that_is_left_there() -> None:
    found = outlook(asked(3, 12), CANDIDATES, [BETTER], {})
    fixed = outlook(asked(12), CANDIDATES, [BETTER], {})
    assert (found.seeds, found.level) == (12, Looks(3, 12).level(0.025, 12))
    assert found.level < fixed.level
    assert fixed.detectable is not None
    assert found.detectable is not None
    assert fixed.detectable < found.detectable < 1.15 * fixed.detectable


def test_claims_that_nothing_is_lost_have_the_power_of_no_difference() -> None:
    margin = 0.012
    claims = [(claim("not_worse", margin=margin, name="a"), ONE), (claim("equivalent", margin=margin, name="b"), TWO)]
    found = outlook(asked(6), CANDIDATES, claims, {})
    theirs = TTestPower().power(margin / 0.01, 6, 0.0125, alternative="larger")
    assert found.if_equal["a"] == pytest.approx(float(theirs), abs=1e-6)
    assert found.if_equal["b"] == pytest.approx(equivalence_power(margin / 0.01, 6, 0.025))


@pytest.mark.parametrize(("margin", "n"), [(1.0, 5), (0.8, 12), (0.1, 5)])
def test_the_power_of_equivalence_is_what_simulation_says(margin: float, n: int) -> None:
    draws = np.random.default_rng(2).standard_normal((100_000, n))
    means, errors = draws.mean(axis=1), draws.std(axis=1, ddof=1) / n**0.5
    critical = {5: 2.1318, 12: 1.7959}[n]  # of Student's t at 5 %, from a table
    inside = np.mean(np.abs(means) < margin - critical * errors)
    assert equivalence_power(margin, n, 0.05) == pytest.approx(inside, abs=0.006)
