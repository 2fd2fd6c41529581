"""Numbers in words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from se_bench.analysis.estimates import Estimate
from se_bench.dashboard import words
from se_bench.records import Status
from tests.analysis.small_studies import FULL, ODD, answered, with_claim


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


def test_trials_without_a_result_are_counted_beside_n() -> None:
    answer = answered(ODD["one diverged"])
    assert [words.candidate_cells(each)[1] for each in answer.candidates] == ["2", "1 (1 unsuccessful)"]
    assert words.trial_counts(answer) == "3 of 4 trials completed, 1 diverged"


def test_differences_of_accuracy_are_in_points() -> None:
    answer = with_claim(FULL)
    assert words.candidate_cells(answer.candidates[1])[3].startswith("+4.00 [")
    assert words.claim_cells(answer.claims[0])[2].startswith("+4.00 [")
    assert words.claim_cells(answer.claims[0])[2].endswith("] points")


def test_a_claim_that_cannot_be_tested_says_why() -> None:
    cells = words.claim_cells(with_claim(ODD["one seed"]).claims[0])
    assert cells[1] == "undecided"
    assert "one seed" in cells[-1]


def test_machines_are_named_once_with_their_days() -> None:
    answer = answered(FULL)
    (run,) = answer.records.runs
    assert words.machines([run, run]) == words.machines([run])
    assert words.machines([run])[0].endswith("(2025-03-01)")
    assert words.machines([]) == []
    assert {status: answer.counts[status] for status in Status}[Status.COMPLETED] == 9
