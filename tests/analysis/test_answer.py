"""The answer to a study, and its JSON for scripts."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from se_bench.analysis.answer import Answer
from se_bench.analysis.answer import answer as summarise
from se_bench.analysis.as_json import to_json
from se_bench.analysis.claims import Verdict
from se_bench.analysis.estimates import difference, estimate
from se_bench.analysis.pairing import pairing
from se_bench.config.plan import Scheduler
from se_bench.records import Status
from tests.analysis.small_studies import FULL, ODD, Measured, answered, claim, records, study, with_claim


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
    assert answer.candidates[0].unsuccessful == sum(status.unsuccessful for status in Status)
    assert answer.candidates[0].stopped == 1
    assert not answer.candidates[0].ranked
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


def test_a_candidate_with_failures_shows_their_rate_and_is_not_ranked() -> None:
    baseline, other = answered(ODD["one diverged"]).candidates
    assert (baseline.failure_rate.trials, baseline.failure_rate.lost, baseline.ranked) == (2, 0, True)
    assert (other.failure_rate.share, other.ranked) == (0.5, False)
    assert other.failure_rate.interval == pytest.approx((0.0126, 0.9874), abs=1e-4)  # Clopper & Pearson's of 1 in 2
    assert not any(each.ranked for each in answered(ODD["nothing trained"]).candidates)


def test_what_pairing_brought_is_reported_for_the_study_and_each_candidate() -> None:
    found = answered(FULL)
    assert found.pairing == pairing([(FULL[label], FULL["baseline"]) for label in list(FULL)[1:]])  # type: ignore[misc]
    assert [each.pairing.comparisons if each.pairing else None for each in found.candidates] == [None, 1, 1]
    assert answered(ODD["half way"]).pairing is None


def test_a_study_with_a_range_of_seeds_is_finished_when_no_comparison_needs_more() -> None:
    """Far apart, a comparison is decided before all seeds; where nothing differs, it needs them all."""
    shift = (0.001, -0.001, 0.0, 0.002, 0.0005, -0.002, 0.0, 0.001)

    def found(gain: float, trained: int) -> Answer:
        measured = {
            label: {s: (0.8 + s / 100 + more * (gain + shift[s])) if s < trained else Status.PLANNED for s in range(8)}
            for label, more in (("baseline", 0), ("reduction=2", 1))
        }
        return answered(measured, [(claim("better"), "reduction=2", "baseline")], seeds=(3, 8))

    assert [found(0.2, n).finished for n in (2, 3, 5, 8)] == [False, True, True, True]
    assert [found(0.005, n).finished for n in (3, 8)] == [False, True]
    assert [found(0.0, n).finished for n in (3, 5, 7, 8)] == [False, False, False, True]
    assert found(0.2, 3).claims[0].verdict is found(0.005, 8).claims[0].verdict is Verdict.SUPPORTED


@pytest.mark.parametrize(
    ("name", "finished"), [("failed only", True), ("one seed", True), ("half way", False), ("nothing trained", False)]
)
def test_a_study_is_finished_when_no_trial_is_left(name: str, finished: bool) -> None:
    assert answered(ODD[name]).finished is finished


STOPPED: Measured = {
    "baseline": {0: 0.8, 1: 0.81},
    "reduction=2": {0: Status.STOPPED, 1: Status.PLANNED},
    "reduction=4": {0: 0.9, 1: 0.9},
}


@pytest.mark.parametrize(
    ("scheduled", "later", "finished"), [(True, 0.9, True), (False, 0.9, False), (True, Status.PLANNED, False)]
)
def test_seeds_after_a_stopped_one_are_not_needed(scheduled: bool, later: float | Status, finished: bool) -> None:
    plain = study()
    plan = plain.plan.model_copy(update={"scheduler": Scheduler(kind="asha") if scheduled else None})
    measured = {**STOPPED, "reduction=4": {0: 0.9, 1: later}}
    assert summarise(replace(plain, plan=plan), records(measured), ()).finished is finished


RESAMPLED = {"bca_low", "bca_high", "sign_flip_p", "d_z", "g_z"}
KEYS = {"study", "finished", "seeds", "candidates", "claims", "pairing", "trials"}
CANDIDATE = {
    *("axes", "n", "accuracy", "difference", "params", "macs", "train_seconds"),
    *("unsuccessful", "failure_rate", "ranked", "pairing"),
}
CLAIM = {
    *("id", "verdict", "estimate", "low", "high", "p", "n", "exact", "more_seeds", "note", "candidate", "against"),
    *("metric", "level", "stage", "expect", "margin", "source"),
    *RESAMPLED,
}


@pytest.mark.parametrize("measured", [FULL, *ODD.values()], ids=["full", *ODD])
def test_the_json_has_the_documented_keys_and_is_strict_json(measured) -> None:
    found = json.loads(json.dumps(to_json(with_claim(measured)), allow_nan=False))
    assert set(found) >= KEYS
    assert [each["label"] for each in found["candidates"]] == list(measured)
    for each in found["candidates"]:
        assert set(each) >= CANDIDATE
        assert set(each["accuracy"]) == {"mean", "low", "high"}
        assert set(each["difference"]) == {"mean", "low", "high", "p", *RESAMPLED}
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
    assert found["trials"] == {**dict.fromkeys(Status, 0), "completed": 9}


def test_what_is_not_known_is_null() -> None:
    found = to_json(with_claim(ODD["one seed"]))
    assert set(found["candidates"][0]["difference"].values()) == {None}
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
