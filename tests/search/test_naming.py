"""A candidate is meant by its label or by axes; anything else is refused with what there is."""

from __future__ import annotations

import pytest

from se_bench.config.load import load_study
from se_bench.errors import UnknownNameError
from se_bench.search.naming import find_candidate
from se_bench.search.plan import Plan, make_plan


@pytest.fixture(scope="module")
def plan() -> Plan:
    few = ("dataset.train_images=256", "dataset.test_images=64", "claims=[]")
    vary = "plan.vary={reduction: [2, 4], gate: [sigmoid, tanh], stages: [all, [1, 2]]}"
    return make_plan(load_study("reduction_ratio", overrides=[*few, vary], seeds=1))


@pytest.mark.parametrize(
    "words",
    [
        "reduction=2 gate=tanh stages=1+2",
        "gate=tanh  stages=1+2 reduction=2",
        "stages=[1,2] gate=tanh reduction=2",
        "reduction=2 gate=tanh stages=1+2 bias=false",
        "reduction=2 gate=tanh stages=1+2 bias=no",
    ],
)
def test_a_label_or_axes_in_any_order(plan: Plan, words: str) -> None:
    assert find_candidate(plan.candidates, words).label == "reduction=2 gate=tanh stages=1+2"


@pytest.mark.parametrize("words", ["baseline", "block=none"])
def test_the_baseline_has_a_name_and_an_axis(plan: Plan, words: str) -> None:
    assert find_candidate(plan.candidates, words).is_baseline


def test_every_candidate_is_found_by_its_own_label(plan: Plan) -> None:
    assert [find_candidate(plan.candidates, each.label) for each in plan.candidates] == list(plan.candidates)


def test_axes_that_several_candidates_have_name_none_of_them(plan: Plan) -> None:
    with pytest.raises(UnknownNameError, match="2 candidates have reduction=2 gate=tanh") as refused:
        find_candidate(plan.candidates, "reduction=2 gate=tanh")
    assert refused.value.allowed == ("reduction=2 gate=tanh stages=all", "reduction=2 gate=tanh stages=1+2")


@pytest.mark.parametrize(
    ("words", "nearest"),
    [
        ("baselin", "baseline"),
        ("reduction=3 gate=tanh stages=all", "reduction=2 gate=tanh stages=all"),
        ("gat=tanh", "gate"),
        ("", None),
        ("tanh reduction=2", None),
    ],
)
def test_what_is_not_there_is_refused_with_the_nearest(plan: Plan, words: str, nearest: str | None) -> None:
    with pytest.raises(UnknownNameError) as refused:
        find_candidate(plan.candidates, words)
    assert refused.value.allowed
    assert nearest is None or refused.value.nearest in (nearest, nearest.replace("=2", "=4"))
