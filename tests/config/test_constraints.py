"""Limits on costs: how they are written, and what they leave out of a plan."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from se_bench.config.constraint import holds
from se_bench.config.load import load_study
from se_bench.errors import ConfigError
from se_bench.search.plan import make_plan


@given(st.integers(0, 10**12), st.integers(0, 10**12))
def test_a_limit_compares_as_it_is_written(value: int, limit: int) -> None:
    assert holds(f"<= {limit}", value) == (value <= limit)
    assert holds(f">={limit}", value) == (value >= limit)
    assert holds(f"< {limit}", value) != holds(f">= {limit}", value)
    assert holds(f"> {limit}", value) != holds(f"<= {limit}", value)


@pytest.mark.parametrize(("limit", "value", "kept"), [("<= 41e6", 41_000_000, True), ("< 3_000.5", 3001, False)])
def test_numbers_may_be_written_for_people(limit: str, value: int, kept: bool) -> None:
    assert holds(limit, value) is kept


@pytest.mark.parametrize("limit", ["41e6", "<= much", "== 3", "<= 1 or true", ""])
def test_what_is_no_limit_is_refused(limit: str) -> None:
    with pytest.raises(ConfigError, match="is written like") as caught:
        load_study("reduction_ratio", overrides=[f"constraints.macs='{limit}'"])
    assert caught.value.key == "constraints.macs"


@pytest.mark.parametrize("limit", ["41000000", "41e6", "[1]", "null"])
def test_a_number_alone_is_told_the_form(limit: str) -> None:
    with pytest.raises(ConfigError, match='is written like "<= 41e6"'):
        load_study("reduction_ratio", overrides=[f"constraints.macs={limit}"])


def test_an_unknown_cost_is_refused_with_the_nearest() -> None:
    with pytest.raises(ConfigError, match="parms") as caught:
        load_study("reduction_ratio", overrides=["constraints.parms=<= 3"])
    assert "params" in str(caught.value)


def test_candidates_beyond_a_limit_are_not_planned_and_are_named() -> None:
    study = load_study("reduction_ratio", seeds=2, overrides=["constraints.params=<= 76e3", "claims=[]"])
    plan = make_plan(study)
    assert [each.label for each in plan.candidates] == ["baseline", "reduction=16", "reduction=32"]
    assert [each.label for each in plan.beyond] == ["reduction=2", "reduction=4", "reduction=8"]
    assert len(plan.trials) == 3 * 2


def test_the_baseline_is_kept_whatever_it_costs_and_an_empty_plan_is_refused() -> None:
    study = load_study("reduction_ratio", overrides=["constraints.macs=< 1", "claims=[]"])
    with pytest.raises(ConfigError, match="beyond the constraints") as caught:
        make_plan(study)
    assert caught.value.key == "constraints"


def test_a_claim_about_a_candidate_that_is_left_out_is_refused() -> None:
    study = load_study("reduction_ratio", overrides=["constraints.params=<= 76e3"])
    with pytest.raises(ConfigError, match="no candidate with reduction=4"):
        make_plan(study)
