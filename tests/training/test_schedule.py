"""The learning rate of each step."""

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from se_bench.config.setting import Recipe
from se_bench.training.schedule import learning_rate

STEPS = 10


def recipe(**changes):
    return Recipe.read({"epochs": 8, "batch_size": 1, "learning_rate": 0.4, "weight_decay": 0.0, **changes})


def rates(recipe, steps_per_epoch=STEPS):
    return [learning_rate(recipe, step, steps_per_epoch) for step in range(recipe.epochs * steps_per_epoch)]


def test_constant_is_constant():
    assert set(rates(recipe())) == {0.4}


@pytest.mark.parametrize("schedule", [{}, {"schedule": "cosine"}, {"schedule": "step", "milestones": (0.5,)}])
def test_warm_up_rises_in_equal_steps_to_the_full_rate(schedule):
    found = rates(recipe(warmup_epochs=1.5, **schedule))
    assert found[:15] == pytest.approx([0.4 * step / 15 for step in range(1, 16)])
    assert found[15] == 0.4


def test_the_cosine_runs_from_the_full_rate_to_zero_at_the_end_of_the_last_step():
    cosine = recipe(schedule="cosine")
    found = rates(cosine)
    assert found[0] == 0.4
    assert found[40] == pytest.approx(0.2)
    assert found[20] == pytest.approx(0.4 * (1 + math.sqrt(0.5)) / 2)
    assert 0 < found[-1] < 0.001
    assert learning_rate(cosine, len(found), STEPS) == 0


def test_the_cosine_begins_where_warm_up_ends():
    found = rates(recipe(schedule="cosine", warmup_epochs=2.0))
    assert found[19] == found[20] == 0.4
    assert found[50] == pytest.approx(0.2)  # half of the way from 20 to 80


def test_steps_fall_at_their_fractions_of_all_steps_warm_up_included():
    found = rates(recipe(schedule="step", milestones=(0.5, 0.75), gamma=0.1, warmup_epochs=1.0))
    assert set(found[10:40]) == {0.4}
    assert found[40:60] == pytest.approx([0.04] * 20)
    assert found[60:] == pytest.approx([0.004] * 20)


@st.composite
def recipes(draw):
    epochs = draw(st.integers(1, 30))
    changes = {
        "epochs": epochs,
        "learning_rate": draw(st.floats(1e-4, 10)),
        "warmup_epochs": draw(st.floats(0, epochs, exclude_max=True)),
        "schedule": draw(st.sampled_from(["constant", "cosine", "step"])),
    }
    if changes["schedule"] == "step":
        fractions = st.floats(0.01, 0.99)
        changes["milestones"] = tuple(sorted(draw(st.sets(fractions, min_size=1, max_size=3))))
        changes["gamma"] = draw(st.floats(0.05, 0.9))
    return recipe(**changes)


@given(recipes(), st.integers(1, 40))
def test_every_rate_is_positive_and_at_most_the_recipe_s(recipe, steps_per_epoch):
    assert all(0 < rate <= recipe.learning_rate for rate in rates(recipe, steps_per_epoch))


@given(recipes(), st.integers(1, 40))
def test_rates_rise_during_warm_up_and_never_after_it(recipe, steps_per_epoch):
    found = rates(recipe, steps_per_epoch)
    warm_up = round(recipe.warmup_epochs * steps_per_epoch)
    assert all(a < b for a, b in pairwise(found[:warm_up]))
    rest = found[warm_up:]
    assert all(a >= b for a, b in pairwise(rest))
