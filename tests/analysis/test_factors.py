"""The axes of a study as factors, families of candidates, and selections by axes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from se_bench.analysis import seed_table
from se_bench.analysis.factors import ABSENT, factors
from se_bench.analysis.families import BASELINE, families, in_order
from se_bench.analysis.selection import select
from tests.analysis.crossed_studies import FACTORS, crossed, noisy, of_candidates
from tests.analysis.small_studies import FULL, answered


def test_each_axis_that_differs_is_a_factor_and_baselines_stand_outside() -> None:
    found = seed_table.of(crossed(FACTORS, noisy()))
    squeeze, gate = factors(found)
    assert (squeeze.name, squeeze.levels) == ("squeeze", ("avg", "max", "std"))
    assert (gate.name, gate.levels) == ("gate", ("sigmoid", "tanh"))
    assert squeeze.codes.tolist() == [-1, 0, 0, 1, 1, 2, 2]
    assert gate.codes.tolist() == [-1, 0, 1, 0, 1, 0, 1]
    assert [each.name for each in factors(found, ("gate",))] == ["gate"]
    assert factors(found, ("bias",)) == ()


def test_numbers_ascend_and_an_axis_without_meaning_has_a_level_of_its_own() -> None:
    candidates = [
        {"excite": "bottleneck", "reduction": 16},
        {"excite": "bottleneck", "reduction": 4},
        {"excite": "full"},
        {"excite": "diagonal"},
    ]
    found = seed_table.of(of_candidates(candidates, lambda axes, seed: 0.8))
    excite, reduction = factors(found)
    assert reduction.levels == ("4", "16", ABSENT)
    assert reduction.codes.tolist() == [-1, 1, 0, 2, 2]
    assert excite.levels == ("bottleneck", "full", "diagonal")


def test_an_axis_that_follows_from_another_is_left_out() -> None:
    candidates = [{"excite": "bottleneck", "reduction": 4}, {"excite": "full"}, {"excite": "conv1d", "kernel_size": 3}]
    assert [each.name for each in factors(seed_table.of(of_candidates(candidates, noisy())))] == ["excite"]


def test_many_numbers_are_cut_into_groups_of_about_equal_size() -> None:
    found = seed_table.of(of_candidates([{"reduction": r} for r in range(1, 41)], noisy()))
    (reduction,) = factors(found)
    assert reduction.grouped
    assert reduction.levels == ("1 to 10", "11 to 20", "21 to 30", "31 to 40")
    assert np.bincount(reduction.codes[1:]).tolist() == [10, 10, 10, 10]


@settings(max_examples=20)
@given(st.lists(st.integers(1, 60), min_size=9, max_size=40, unique=True))
def test_groups_do_not_overlap_and_lose_nobody(numbers: list[int]) -> None:
    (reduction,) = factors(seed_table.of(of_candidates([{"reduction": r} for r in numbers], lambda axes, seed: 0.8, 1)))
    codes = reduction.codes[1:]
    assert codes.min() >= 0
    for code in range(len(reduction.levels) - 1):
        below = [number for number, own in zip(numbers, codes, strict=True) if own == code]
        above = [number for number, own in zip(numbers, codes, strict=True) if own == code + 1]
        assert max(below) < min(above)


def test_names_are_sorted_as_people_do() -> None:
    assert in_order(["r=16", "r=4", "r=4", "r=128", "a"]) == ["a", "r=4", "r=16", "r=128"]
    assert in_order(["block=se", "block=cbam"]) == ["block=cbam", "block=se"]
    assert in_order(["1+2", "3", "all", "2"]) == ["1+2", "2", "3", "all"]


@settings(max_examples=50)
@given(st.lists(st.text(max_size=8), max_size=10))
def test_any_names_can_be_sorted(names: list[str]) -> None:
    assert sorted(in_order(names)) == sorted(set(names))
    assert in_order(reversed(names)) == in_order(names)


def test_few_candidates_are_families_by_themselves_and_many_are_one() -> None:
    few = families(seed_table.of(answered(FULL)), None)
    assert few.names == ("baseline", "reduction=2", "reduction=16")
    many = families(seed_table.of(of_candidates([{"reduction": r} for r in range(1, 30)], noisy())), None)
    assert many.names == ("29 candidates", BASELINE)
    assert many.codes.tolist() == [1] + [0] * 29


def test_a_family_is_a_value_of_the_axis() -> None:
    found = families(seed_table.of(crossed(FACTORS, noisy())), "gate")
    assert found.names == (BASELINE, "gate=sigmoid", "gate=tanh")
    assert found.codes.tolist() == [0, 1, 2, 1, 2, 1, 2]
    without = families(seed_table.of(crossed(FACTORS, noisy())), "shortcut")
    assert without.names == (BASELINE, "without shortcut")


@pytest.mark.parametrize(
    ("where", "labels"),
    [
        ({"gate": "tanh"}, ["squeeze=avg gate=tanh", "squeeze=max gate=tanh", "squeeze=std gate=tanh"]),
        ({"gate": "tanh", "squeeze": ("avg", "std")}, ["squeeze=avg gate=tanh", "squeeze=std gate=tanh"]),
        ({"gate": "relu"}, []),
        ({"shortcut": "A"}, []),
    ],
)
def test_a_selection_keeps_the_candidates_with_these_values_and_the_baseline(where: dict, labels: list[str]) -> None:
    answer = crossed(FACTORS, noisy())
    found = select(answer, where)
    assert [each.label for each in found.candidates] == ["baseline", *labels]
    kept = {each.candidate.architecture_id for each in found.candidates}
    assert {trial.architecture_id for trial in found.records.trials} == kept
    assert len(found.records.epochs) == 2 * len(found.records.trials)
    assert found.counts == answer.counts
    assert select(answer, {}) is answer


def test_a_list_is_one_value_where_the_axis_has_lists() -> None:
    answer = of_candidates([{"stages": (1, 2)}, {"stages": (1,)}, {"stages": (2,)}, {"stages": "all"}], noisy())
    assert [each.label for each in select(answer, {"stages": (1, 2)}).candidates][1:] == [
        "stages=1+2",
        "stages=1",
        "stages=2",
    ]
    assert [each.label for each in select(answer, {"stages": ((1, 2), "all")}).candidates][1:] == [
        "stages=1+2",
        "stages=all",
    ]
