"""The shipped definitions are sound, every field is described, and defaults are a contract."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from se_bench.config import locate
from se_bench.config.axes import Axes
from se_bench.config.claim import Claim, Pair
from se_bench.config.dashboard import Dashboard, Panel
from se_bench.config.load import load_dashboard, load_setting, load_space, load_study
from se_bench.config.plan import Budget, PlanDefinition, Scheduler
from se_bench.config.setting import BackboneChoice, DatasetChoice, Recipe, Setting
from se_bench.config.space import Axis, Space
from se_bench.config.study import SeedRange, StudyDefinition

MODELS = [
    Axes, Axis, BackboneChoice, Budget, Claim, Dashboard, DatasetChoice, Pair, Panel, PlanDefinition, Recipe, Scheduler,
    SeedRange,
    Setting, Space, StudyDefinition,
]  # fmt: skip


@pytest.mark.parametrize("model", MODELS)
def test_every_field_says_what_it_is_for(model: type) -> None:
    assert [name for name, field in model.model_fields.items() if not field.description] == []  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("folder", "load"),
    [
        ("studies", load_study),
        ("studies/settings", load_setting),
        ("search_spaces", load_space),
        ("dashboards", load_dashboard),
    ],
)
def test_every_shipped_definition_is_read_and_is_called_like_its_file(folder, load) -> None:
    names = list(locate.available(folder))
    assert names
    for name in names:
        assert load(name).name == name


def test_a_recipe_is_known_by_what_is_off_its_defaults() -> None:
    recipe = load_setting("digits").recipe
    assert recipe.identity() == {
        "epochs": 8,
        "batch_size": 64,
        "learning_rate": 0.1,
        "weight_decay": 5e-4,
        "nesterov": True,
        "schedule": "cosine",
        "warmup_epochs": 1.0,
    }
    assert Recipe.read(recipe.identity()) == recipe


def test_a_field_that_the_training_does_not_read_makes_no_other_recipe() -> None:
    basis = {"epochs": 1, "batch_size": 1, "learning_rate": 0.1, "weight_decay": 0.0}
    plain = Recipe.read(basis).identity()
    assert Recipe.read({**basis, "gamma": 0.5, "crop_padding": 2}).identity() == plain
    assert Recipe.read({**basis, "augment": "crop", "crop_padding": 2}).identity() != plain
    stepped = {**basis, "schedule": "step", "milestones": [0.5]}
    assert Recipe.read(stepped).identity() != Recipe.read({**stepped, "gamma": 0.5}).identity()


def test_the_defaults_of_a_recipe_never_change() -> None:
    """They are left out of every identity so far; another default would give old trials another meaning."""
    recipe = Recipe.read({"epochs": 1, "batch_size": 1, "learning_rate": 0.1, "weight_decay": 0.0})
    assert recipe.model_dump(exclude={"epochs", "batch_size", "learning_rate", "weight_decay"}) == {
        "momentum": 0.9,
        "nesterov": False,
        "schedule": "constant",
        "warmup_epochs": 0.0,
        "milestones": (),
        "gamma": 0.1,
        "label_smoothing": 0.0,
        "augment": "none",
        "crop_padding": 4,
        "precision": "float32",
    }


def test_conditions_decide_which_axes_matter() -> None:
    space = load_space("se_block")
    assert space.active(Axes(block="none")) == {"block": "none"}
    bottleneck = space.active(Axes())
    assert {"reduction", "hidden_width", "gate", "integration"} <= set(bottleneck)
    assert not {"groups", "kernel_size", "reading", "pre_scope"} & set(bottleneck)
    grouped = space.active(Axes(excite="grouped_shared", integration="pre"))
    assert {"groups", "kernel_size", "reading", "shared", "global_weight", "pre_scope"} <= set(grouped)
    assert "reduction" not in grouped


def test_a_condition_on_an_axis_that_does_not_matter_does_not_hold() -> None:
    full = load_space("full")
    assert "pre_scope" not in full.active(Axes(block="none", integration="pre"))
    assert "pre_scope" in full.active(Axes(block="simam", integration="pre"))


@pytest.mark.parametrize("name", list(locate.available("search_spaces")))
def test_every_value_of_every_shipped_space_is_one_that_axes_take(name: str) -> None:
    for axis, entry in load_space(name).axes.items():
        for value in entry.values or entry.range or ():
            assert getattr(Axes.read({axis: value}), axis) == value


@given(st.one_of(st.integers(), st.booleans(), st.floats(), st.text(), st.none()))
def test_a_range_admits_exactly_its_integers(value: object) -> None:
    axis = Axis(range=(1, 256))
    assert axis.admits(value) == (type(value) is int and 1 <= value <= 256)
