"""Which architectures a claim is about, and the claims that are about none of the plan."""

from __future__ import annotations

from pathlib import Path

import pytest

from se_bench.config.load import load_study
from se_bench.errors import ConfigError
from se_bench.search.plan import Plan, make_plan

STUDY = """\
name: mine
question: Where does it help?
space: full
setting: digits
plan:
  vary: {{stages: [[1], [3]], gate: [sigmoid, tanh], reduction: [2, 4, 8]}}
seeds: 1
claims:
  - id: it
    says: it does
    {claim}
"""
FEW = ("dataset.train_images=256", "dataset.test_images=128")
PAIR = "{candidate: {stages: [3], gate: sigmoid, reduction: 4}, against: baseline}"
FIRST = "candidate: {stages: [1], gate: sigmoid, reduction: 4}"


def planned(folder: Path, claim: str, *overrides: str) -> Plan:
    file = folder / "mine.yaml"
    file.write_text(STUDY.format(claim=claim.replace("\n", "\n    ")))
    return make_plan(load_study(str(file), overrides=[*FEW, *overrides]))


def labels(plan: Plan) -> list[str]:
    names = {each.architecture_id: each.label for each in plan.candidates}
    return [names[each] for each in plan.claims[0].architectures]


def test_an_interaction_is_about_four_candidates(tmp_path: Path) -> None:
    plan = planned(tmp_path, f"{FIRST}\nthan: {PAIR}\nexpect: better")
    assert labels(plan) == [
        "stages=1 gate=sigmoid reduction=4",
        "baseline",
        "stages=3 gate=sigmoid reduction=4",
        "baseline",
    ]


def test_a_trend_is_about_a_candidate_for_each_value_in_their_order(tmp_path: Path) -> None:
    claim = "candidate: {stages: [1], gate: tanh}\nalong: {reduction: [8, 2, 4]}\nexpect: decreasing"
    assert labels(planned(tmp_path, claim)) == [f"stages=1 gate=tanh reduction={r}" for r in (8, 2, 4)]


def test_each_pair_has_the_baseline_of_its_own_net(tmp_path: Path) -> None:
    pair = "{candidate: {shortcut: B, reduction: 4}, against: baseline}"
    claim = f"candidate: {{shortcut: A, reduction: 4}}\nthan: {pair}\nexpect: better"
    plan = planned(tmp_path, claim, "plan.vary={shortcut: [A, B], reduction: [4]}")
    assert labels(plan)[1::2] == ["baseline shortcut=A", "baseline shortcut=B"]


@pytest.mark.parametrize(
    ("claim", "key", "says"),
    [
        (
            f"{FIRST}\nthan: {{candidate: {{reduction: 4}}}}\nexpect: better",
            "claims.0.than.candidate",
            "4 candidates with reduction=4",
        ),
        (
            f"{FIRST}\nthan: {{candidate: baseline, against: {{reduction: 16}}}}\nexpect: better",
            "claims.0.than.against",
            "no candidate with reduction=16",
        ),
        ("along: {reduction: [2, 4, 8]}\nexpect: increasing", "claims.0.along.reduction.0", "4 candidates with"),
        (
            "candidate: {stages: [1], gate: tanh}\nalong: {reduction: [2, 4, 16]}\nexpect: increasing",
            "claims.0.along.reduction.2",
            "no candidate with stages=1, gate=tanh, reduction=16",
        ),
        (f"{FIRST}\nmetric: gradient_norm\nstage: 4\nexpect: lower", "claims.0.stage", "has no stage 4"),
    ],
)
def test_a_claim_about_what_the_plan_lacks_names_its_line(tmp_path: Path, claim: str, key: str, says: str) -> None:
    with pytest.raises(ConfigError) as caught:
        planned(tmp_path, claim)
    assert caught.value.key == key
    assert caught.value.line is not None
    assert caught.value.line >= 11
    assert says in str(caught.value)


def test_values_that_build_one_net_cannot_rise(tmp_path: Path) -> None:
    claim = "along: {reduction: [16, 64, 128]}\nexpect: increasing"
    with pytest.raises(ConfigError, match="two of these values of reduction build the same net") as caught:
        planned(tmp_path, claim, "plan.vary={reduction: [16, 64, 128]}")
    assert caught.value.key == "claims.0.along.reduction"


def test_a_stage_that_the_net_has_is_allowed_and_the_others_are_listed(tmp_path: Path) -> None:
    assert planned(tmp_path, f"{FIRST}\nmetric: gradient_norm\nstage: 3\nexpect: lower").claims
    with pytest.raises(ConfigError) as caught:
        planned(tmp_path, f"{FIRST}\nmetric: gradient_norm\nstage: 9\nexpect: lower")
    assert caught.value.allowed == ("1", "2", "3")


@pytest.mark.parametrize(
    "claim",
    [
        "candidate: {stages: [3], gate: tanh, reduction: 4}\n"
        "against: {reduction: 4, stages: [3], gate: tanh}\nexpect: better",
        "candidate: baseline\nexpect: better",
    ],
)
def test_a_net_is_not_compared_with_itself(tmp_path: Path, claim: str) -> None:
    with pytest.raises(ConfigError, match="both sides are the same net") as caught:
        planned(tmp_path, claim)
    assert (caught.value.line, caught.value.key) == (11, "claims.0.candidate")
