"""The answer to a study, and its JSON for scripts."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from se_bench.analysis.answer import answer as summarise
from se_bench.analysis.as_json import to_json
from se_bench.analysis.estimates import difference, estimate
from se_bench.records import Status
from tests.analysis.small_studies import FULL, ODD, answered, records, study, with_claim


def test_candidates_are_summarised_over_their_completed_trials() -> None:
    answer = answered(FULL)
    assert [each.label for each in answer.candidates] == list(FULL)
    for each in answer.candidates:
        values = list(FULL[each.label].values())
        assert each.metrics["accuracy"] == estimate(values)
        assert each.metrics["loss"] == estimate([1 - value for value in values])
        assert each.metrics["train_seconds"].mean == 11.0
        assert each.value("params") == each.candidate.cost.params
    assert answer.candidates[0].difference is None
    assert answer.candidates[1].difference == difference(FULL["reduction=2"], FULL["baseline"])  # type: ignore[arg-type]


def test_trials_are_counted_in_every_status() -> None:
    statuses = {place: status for place, status in enumerate(Status) if status is not Status.COMPLETED}
    answer = answered({"baseline": {**statuses, 8: 0.8, 9: 0.9}, "reduction=2": {0: 0.7}})
    assert answer.counts == {**dict.fromkeys(Status, 1), Status.COMPLETED: 3}
    assert answer.candidates[0].unsuccessful == 2
    assert answer.candidates[0].metrics["accuracy"].n == 2


def test_a_trial_that_has_no_accuracy_is_named_with_its_cause() -> None:
    answer = answered(ODD["failed only"])
    assert [(each.label, each.seed, each.status) for each in answer.failures] == [
        ("baseline", 0, Status.FAILED),
        ("baseline", 1, Status.DIVERGED),
        ("reduction=2", 0, Status.FAILED),
    ]
    assert [each.error.splitlines()[0] for each in answer.failures] == [
        "failed on purpose",
        "diverged on purpose",
        "failed on purpose",
    ]


@pytest.mark.parametrize(
    ("name", "finished"), [("failed only", True), ("one seed", True), ("half way", False), ("nothing trained", False)]
)
def test_a_study_is_finished_when_no_trial_is_left(name: str, finished: bool) -> None:
    assert answered(ODD[name]).finished is finished


KEYS = {"study", "candidates", "claims", "trials"}
CANDIDATE = {"axes", "n", "accuracy", "difference", "params", "macs", "train_seconds"}
CLAIM = {"id", "verdict", "estimate", "low", "high", "p", "n"}


@pytest.mark.parametrize("measured", [FULL, *ODD.values()], ids=["full", *ODD])
def test_the_json_has_the_documented_keys_and_is_strict_json(measured) -> None:
    found = json.loads(json.dumps(to_json(with_claim(measured)), allow_nan=False))
    assert set(found) >= KEYS
    assert [each["label"] for each in found["candidates"]] == list(measured)
    for each in found["candidates"]:
        assert set(each) >= CANDIDATE
        assert set(each["accuracy"]) == {"mean", "low", "high"}
        assert set(each["difference"]) == {"mean", "low", "high", "p"}
        assert type(each["n"]) is type(each["params"]) is type(each["macs"]) is int
    for each in found["claims"]:
        assert set(each) >= CLAIM
        assert each["verdict"] in ("supported", "refuted", "undecided")
    assert set(found["trials"]) >= {"completed", "failed"}
    assert sum(found["trials"].values()) == sum(len(seeds) for seeds in measured.values())


def test_the_numbers_of_the_json_are_those_of_the_answer() -> None:
    answer = with_claim(FULL)
    found = to_json(answer)
    for each, written in zip(answer.candidates, found["candidates"], strict=True):
        accuracy = each.metrics["accuracy"]
        assert written["accuracy"] == {"mean": accuracy.mean, "low": accuracy.low, "high": accuracy.high}
        assert written["n"] == accuracy.n
        if each.difference:
            assert written["difference"]["mean"] == each.difference.mean
            assert written["difference"]["p"] == each.difference.p
        assert written["axes"] == each.candidate.axes
    (claim,) = answer.claims
    assert found["claims"][0]["estimate"] == claim.difference.mean
    assert found["claims"][0]["p"] == claim.p
    assert found["claims"][0]["verdict"] == claim.verdict.value == "supported"
    assert found["trials"] == {"planned": 0, "running": 0, "completed": 9, "diverged": 0, "failed": 0}


def test_what_is_not_known_is_null() -> None:
    found = to_json(with_claim(ODD["one seed"]))
    assert found["candidates"][0]["difference"] == {"mean": None, "low": None, "high": None, "p": None}
    assert found["candidates"][1]["accuracy"] == {"mean": 0.9, "low": None, "high": None}
    assert found["claims"][0]["p"] is None
    nothing = to_json(with_claim(ODD["no trial"]))
    assert nothing["candidates"][0]["train_seconds"] is None


def test_each_candidate_is_compared_with_the_baseline_of_its_own_net() -> None:
    """Accuracies of two nets, 0.1 apart; the block adds 0.01 to the one and takes 0.02 from the other."""
    seeds = (0, 1, 2)
    measured = {
        "baseline": dict.fromkeys(seeds, 0.8),
        "se": dict.fromkeys(seeds, 0.81),
        "wide baseline": dict.fromkeys(seeds, 0.9),
        "wide se": dict.fromkeys(seeds, 0.88),
    }
    plain = records(measured)
    candidates = tuple(
        replace(
            each,
            architecture={"backbone": "net", "options": {"width": 32} if each.label.startswith("wide") else {}},
            is_baseline=each.label.endswith("baseline"),
        )
        for each in plain.candidates
    )
    found = summarise(study(), replace(plain, candidates=candidates), [])
    differences = {each.label: each.difference.mean for each in found.candidates if each.difference}
    assert differences == {"se": pytest.approx(0.01), "wide se": pytest.approx(-0.02)}
