"""Numbers in words."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from se_bench.analysis.estimates import Estimate
from se_bench.analysis.planning import outlook
from se_bench.dashboard import words
from se_bench.records import Status
from tests.analysis.small_studies import FULL, ODD, answered, claim, identity, records, study, with_claim


@pytest.mark.parametrize(
    ("value", "digits", "signed", "text"),
    [
        (0.12345, 4, False, "0.1235"),
        (-1.234, 2, True, "−1.23"),
        (1.234, 2, True, "+1.23"),
        (-0.004, 2, True, "0.00"),
        (0.004, 2, True, "0.00"),
        (0.0, 2, True, "0.00"),
    ],
)
def test_numbers_have_a_true_minus_and_zero_has_no_sign(value: float, digits: int, signed: bool, text: str) -> None:
    assert words.number(value, digits, signed=signed) == text


@given(st.floats(-1e6, 1e6), st.integers(1, 6))
def test_a_number_reads_back_as_its_rounding(value: float, digits: int) -> None:
    written = words.number(value, digits, signed=True).replace(words.MINUS, "-")
    assert float(written) == pytest.approx(value, abs=0.5000001 * 10**-digits)


@pytest.mark.parametrize(
    ("found", "text"),
    [
        (Estimate(0, None, None, None, None), "–"),
        (Estimate(1, 0.5, None, None, None), "0.5000"),
        (Estimate(3, 0.5, 0.4, 0.6, 0.1), "0.5000 [0.4000, 0.6000]"),
    ],
)
def test_an_interval_is_written_where_there_is_one(found: Estimate, text: str) -> None:
    assert words.interval(found, digits=4) == text


@pytest.mark.parametrize(("p", "text"), [(None, "–"), (0.0, "< 0.001"), (0.00099, "< 0.001"), (0.0132, "0.013")])
def test_small_p_values_are_not_called_zero(p: float | None, text: str) -> None:
    assert words.p_value(p) == text


def test_a_row_has_a_cell_for_each_column() -> None:
    for measured in (FULL, *ODD.values()):
        answer = with_claim(measured)
        assert {len(words.candidate_cells(each)) for each in answer.candidates} == {len(words.CANDIDATE_COLUMNS)}
        assert {len(words.claim_cells(each)) for each in answer.claims} == {len(words.CLAIM_COLUMNS)}


def test_a_candidate_with_failures_is_marked_and_its_rate_told() -> None:
    answer = answered(ODD["one diverged"])
    assert [words.candidate_cells(each)[1] for each in answer.candidates] == ["2", "† 1"]
    assert words.trial_counts(answer) == "3 of 4 trials completed, 1 diverged"
    (line,) = words.unranked(answer)
    assert line.startswith("† reduction=2: 1 of 2 trials failed, 50 % [1, 99].")
    assert "no verdict is given in its favour" in line
    assert words.unranked(answered(FULL)) == []
    (line,) = words.unranked(answered({"baseline": {0: 0.8}, "reduction=2": {0: Status.STOPPED}}))
    assert line.startswith("† reduction=2: some trials were stopped early. Its means are of the others")


def test_candidates_that_a_scheduler_stopped_share_a_line() -> None:
    stopped = {f"reduction={r}": {0: Status.STOPPED} for r in (2, 4, 8)}
    (line,) = words.unranked(answered({"baseline": {0: 0.8}, **stopped}))
    assert line.startswith("† 3 candidates: some trials were stopped early. Their means are of the others")


def test_trials_that_a_range_of_seeds_did_not_need_are_told_apart_from_those_to_come() -> None:
    measured = {
        label: {seed: 0.8 + seed / 100 + more if seed < 3 else Status.PLANNED for seed in range(9)}
        for label, more in (("baseline", 0), ("reduction=2", 0.1))
    }
    measured["reduction=2"][0] = 0.9001  # the others differ by 0.1 exactly
    measured["reduction=2"][1] = 0.9102
    claims = [(claim("better"), "reduction=2", "baseline")]
    assert words.trial_counts(answered(measured, claims, seeds=(3, 9))) == "6 of 18 trials completed, 12 not needed"
    assert words.trial_counts(answered(measured, claims)).endswith("12 planned")
    assert "added from 3 to at most 9" in words.circumstances(answered(measured, claims, seeds=(3, 9)))


def test_what_pairing_brought_is_a_sentence() -> None:
    """By hand: differences of 0.02, 0.02, 0.05 have a third of the variance of their sides together."""
    measured = {"baseline": {0: 0.80, 1: 0.84, 2: 0.81}, "reduction=2": {0: 0.82, 1: 0.86, 2: 0.86}}
    said = words.pairing(answered(measured))
    assert said.startswith("Pairing by seed removed 69 % of the variance of differences (1 comparison with")
    assert said.endswith("correlation 0.69).")
    assert words.pairing(answered(ODD["one seed"])) == ""
    opposite = {"baseline": {0: 0.1, 1: 0.2, 2: 0.3}, "reduction=2": {0: 0.3, 1: 0.2, 2: 0.1}}
    assert words.pairing(answered(opposite)).startswith("Pairing by seed added 100 % of the variance")


def test_every_method_has_a_cell() -> None:
    for measured in (FULL, *ODD.values()):
        for each in answered(measured).candidates:
            if each.difference:
                assert len(words.evidence_cells(each)) == len(words.EVIDENCE_COLUMNS)
    seeds = range(8)
    measured = {
        "baseline": dict.fromkeys(seeds, 0.8),
        "reduction=2": {seed: 0.8 + 0.01 * (1 + seed) for seed in seeds},
    }
    cells = words.evidence_cells(answered(measured).candidates[1])
    assert cells[:2] == ("reduction=2", "8")
    assert cells[2].startswith("[+2.")
    assert cells[4] == "0.008"  # all eight signs alike: 2 in 256
    assert cells[5:7] == ("+1.84", "+1.63")


@pytest.mark.parametrize(
    ("metric", "more", "text"),
    [
        ("params", {}, "+100"),
        ("memory_bytes", {}, "+1 bytes"),
        ("train_seconds", {}, "0.00 s"),
        ("loss", {}, "−0.0400 ["),
        ("aulc", {}, "+3.00 ["),
        ("epochs_to", {"level": 0.5}, "−0.06 [−0.09, −0.02] epochs"),
    ],
)
def test_a_difference_has_the_unit_of_its_metric(metric: str, more: dict[str, float], text: str) -> None:
    asked = claim("higher", metric=metric, **more)
    (found,) = answered(FULL, [(asked, "reduction=2", "baseline")]).claims
    assert words.claim_difference(found).startswith(text)
    assert words.claim_cells(found)[4] == ("exact" if metric in ("params", "memory_bytes") else "3")


def test_a_trend_is_a_change_a_step() -> None:
    asked = claim("decreasing", metric="macs", along={"reduction": [2, 4, 8]})
    (found,) = answered(FULL, [(asked, *FULL)]).claims
    assert words.claim_cells(found)[:3] == ("it", "refuted", "+50 a step")


@pytest.mark.parametrize(
    ("more", "text"),
    [
        (None, ""),
        (1, "about 1 more seed would decide it"),
        (12, "about 12 more seeds would decide it"),
        (4711, "more than 1,000 more seeds would be needed"),
    ],
)
def test_the_seeds_that_would_decide_are_said(more: int | None, text: str) -> None:
    (found,) = with_claim(FULL).claims
    assert words.more_seeds(replace(found, more_seeds=more)) == text
    assert text in words.claim_cells(replace(found, more_seeds=more))[-1]


def test_what_a_study_can_show_is_said_with_its_grounds() -> None:
    asked = study()
    records_ = records(FULL)
    claims = [(claim("not_worse", margin=0.01, name="flat"), (identity("reduction=2"), identity("baseline")))]
    prior = outlook(asked, records_.candidates, claims, {})
    said = " ".join(words.power(asked, prior))
    assert "With 5 seeds, a difference 1.00 points beyond its margin is found with 80 % power" in said
    assert "1 comparison, corrected by Holm, whose paired differences have a standard deviation of 0.59" in said
    assert "the prior of setting digits" in said
    assert "flat 80 %" in said
    few = outlook(replace(asked, seeds=(0,), first_seeds=1), records_.candidates, claims, {})
    assert words.power(asked, few) == ["With 1 seed nothing can be decided: a test needs 3."]


def test_differences_of_accuracy_are_in_points() -> None:
    answer = with_claim(FULL)
    assert words.candidate_cells(answer.candidates[1])[3].startswith("+4.00 [")
    assert words.claim_cells(answer.claims[0])[2].startswith("+4.00 [")
    assert words.claim_cells(answer.claims[0])[2].endswith("] points")


def test_a_claim_that_cannot_be_tested_says_why() -> None:
    cells = words.claim_cells(with_claim(ODD["one seed"]).claims[0])
    assert cells[1] == "undecided"
    assert "1 of the 3 seeds that a test needs" in cells[-1]


def test_machines_are_named_once_with_their_days() -> None:
    answer = answered(FULL)
    (run,) = answer.records.runs
    assert words.machines([run, run]) == words.machines([run])
    assert words.machines([run])[0].endswith("(2025-03-01)")
    assert words.machines([]) == []
    assert {status: answer.counts[status] for status in Status}[Status.COMPLETED] == 9
