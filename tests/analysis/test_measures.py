"""What metrics measure of a learning curve: by hand, and what happens where there is nothing to measure."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from se_bench.analysis.measures import Measures, area_under_curve, gradient_norm, time_to
from se_bench.records import Epoch, Status
from tests.analysis.small_studies import FULL, ODD, claim, epoch, identity, records


def curve(*accuracies: float) -> list[Epoch]:
    return [epoch("baseline", 0, number, accuracy) for number, accuracy in enumerate(accuracies, start=1)]


def one(_: Epoch) -> float:
    return 1.0


@pytest.mark.parametrize(
    ("level", "epochs", "reached"),
    [
        (0.2, 0.5, True),  # half way to the 0.4 of the first epoch
        (0.4, 1.0, True),
        (0.5, 1.5, True),
        (0.6, 2.0, True),
        (0.7, 3.5, True),  # 0.6, then back to 0.5, then up to 0.9: half of the last step
        (0.9, 4.0, True),
        (0.91, 4.0, False),
    ],
)
def test_the_time_to_a_level_lies_on_the_curve_between_epochs(level: float, epochs: float, reached: bool) -> None:
    found, is_bound = time_to(level, curve(0.4, 0.6, 0.5, 0.9), one)
    assert found == pytest.approx(epochs)
    assert is_bound is not reached


def test_seconds_count_steps_and_evaluations_of_each_epoch() -> None:
    slow = [replace(each, train_seconds=10.0 * place) for place, each in enumerate(curve(0.4, 0.6, 0.8), start=1)]
    found, _ = time_to(0.7, slow, lambda each: each.train_seconds + each.test_seconds)
    assert found == pytest.approx(11 + 21 + 31 / 2)


@given(st.lists(st.floats(0.01, 1), min_size=1, max_size=12), st.floats(0.01, 1))
def test_a_lower_level_is_never_reached_later(accuracies: list[float], level: float) -> None:
    later, late = time_to(level, curve(*accuracies), one)
    sooner, soon = time_to(level * 0.9, curve(*accuracies), one)
    assert sooner <= later
    assert late or not soon
    assert late == (max(accuracies) < level)


def test_a_diverged_epoch_reaches_nothing() -> None:
    assert time_to(0.5, curve(0.4, math.nan), one) == (2.0, True)


def test_the_area_under_a_curve_is_its_mean_and_a_gradient_norm_that_of_its_stage() -> None:
    epochs = curve(0.2, 0.4, 0.9)
    assert area_under_curve(epochs) == pytest.approx(0.5)
    assert gradient_norm(epochs, 1) == 1.0
    assert gradient_norm(epochs, 2) == pytest.approx(0.5)


def test_a_metric_has_a_value_for_each_completed_trial() -> None:
    found = Measures(records(FULL))
    assert found.of("accuracy").values == {identity(label): dict(seeds) for label, seeds in FULL.items()}
    assert found.of("train_seconds").values[identity("baseline")] == {0: 10.0, 1: 11.0, 2: 12.0}
    # two epochs: half the accuracy, then all of it
    assert found.of("aulc").values[identity("baseline")][0] == pytest.approx(0.6)
    asked = claim("better", metric="epochs_to", level=0.6)
    assert found.of_claim(asked).values[identity("baseline")][0] == pytest.approx(1.5)
    assert found.of_claim(asked) is found.of_claim(asked)


def test_a_level_that_is_not_reached_is_a_bound_of_the_whole_training() -> None:
    found = Measures(records(FULL)).of("epochs_to", 0.845)
    assert found.values[identity("reduction=2")] == {0: pytest.approx(1.9882353), 1: pytest.approx(1.9651163), 2: 2.0}
    assert found.bounds == {
        identity("baseline"): {0, 1, 2},
        identity("reduction=2"): {2},
        identity("reduction=16"): {0, 1, 2},
    }
    assert found.flawed(identity("reduction=2")) == {2}


def test_what_ended_without_a_value_is_lost_and_what_has_not_ended_is_not_known() -> None:
    measured = {"baseline": {n: status for n, status in enumerate(Status) if status is not Status.COMPLETED}}
    found = Measures(records({**measured, "reduction=2": {0: 0.8}})).of("accuracy")
    ended = {n for n, status in measured["baseline"].items() if status not in (Status.PLANNED, Status.RUNNING)}
    assert found.lost == {identity("baseline"): ended}
    assert found.known(identity("baseline")) == ended
    assert found.known(identity("reduction=2")) == {0}
    assert Measures(records(ODD["nothing trained"])).of("accuracy").known(identity("baseline")) == frozenset()
