"""A study in a line."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from se_bench.analysis import headline, seed_table
from se_bench.records import Status
from tests.analysis.small_studies import FULL, Measured, answered

OBJECTIVES = {"accuracy": "maximize", "macs": "minimize"}


def of(measured: Measured, y: str = "accuracy", x: str = "macs") -> headline.Headline | None:
    return headline.compute(seed_table.of(answered(measured)), y, x, OBJECTIVES)


def test_the_best_the_front_and_the_cheapest_that_is_nearly_as_good() -> None:
    found = of(FULL)
    assert found is not None
    assert (found.best, found.front, found.cheapest) == ("reduction=2", 2, "reduction=2")
    assert math.isclose(found.value, 0.85)
    assert found.cost == 10_050


@given(st.lists(st.integers(700, 900), min_size=2, max_size=9))
def test_as_brute_force_finds_it(thousandths: list[int]) -> None:
    measured = {f"c{place}": {0: value / 1000} for place, value in enumerate(thousandths)}
    found = of(measured)
    assert found is not None
    best = max(thousandths)
    assert found.value == best / 1000
    assert found.best == f"c{thousandths.index(best)}"  # the cheapest of equals: costs rise with the place
    near = next(place for place, value in enumerate(thousandths) if value >= best - 5)
    assert found.cheapest == f"c{near}"
    assert found.front == sum(value > max(thousandths[:place], default=0) for place, value in enumerate(thousandths))


def test_of_a_loss_the_smallest_is_the_best() -> None:
    found = of(FULL, y="loss")
    assert found is not None
    assert found.best == "reduction=2"


def test_survivors_are_not_ranked_and_nothing_is_said_of_nothing() -> None:
    found = of({"baseline": {0: 0.7}, "reduction=2": {0: 0.9, 1: Status.DIVERGED}})
    assert found is not None
    assert found.best == "baseline"
    assert of({"baseline": {0: Status.PLANNED}, "reduction=2": {}}) is None
