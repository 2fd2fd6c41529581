"""Random and factorial plans: what is drawn, what is refused, and that neither ever changes."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from se_bench.config.load import Study, load_study
from se_bench.errors import ConfigError
from se_bench.search.plan import Plan, make_plan

FEW = ("dataset.train_images=256", "dataset.test_images=128", "dataset.validation_images=128")


def study(
    folder: Path, plan: str, *, space: str = "excitation", rest: str = "", overrides: tuple[str, ...] = ()
) -> Study:
    file = folder / "mine.yaml"
    file.write_text(f"name: mine\nquestion: Which?\nspace: {space}\nsetting: digits\nseeds: 1\nplan: {plan}\n{rest}")
    return load_study(str(file), overrides=[*FEW, *overrides])


def refused(asked: Study) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        make_plan(asked)
    return caught.value


def labels(plan: Plan) -> list[str]:
    return [candidate.label for candidate in plan.candidates]


def test_random_nets_are_distinct_and_the_same_for_ever(tmp_path: Path) -> None:
    """Another draw from an old study file would be another study under its name."""
    plan = make_plan(study(tmp_path, "{kind: random, candidates: 6, seed: 0}"))
    assert labels(plan) == [
        "baseline",
        "reduction=112 bias=yes",
        "excite=parameter_free",
        "excite=grouped_full bias=yes groups=8",
        "reduction=1",
        "excite=grouped_full bias=yes",
        "excite=diagonal bias=yes",
    ]
    assert len({candidate.architecture_id for candidate in plan.candidates}) == 7


def test_more_random_candidates_are_the_same_and_more(tmp_path: Path) -> None:
    few, many = (make_plan(study(tmp_path, f"{{kind: random, candidates: {n}}}")) for n in (5, 15))
    assert few.candidates == many.candidates[:6]


def test_another_seed_draws_other_nets(tmp_path: Path) -> None:
    one, other = (make_plan(study(tmp_path, f"{{kind: random, candidates: 5, seed: {n}}}")) for n in (0, 1))
    assert labels(one) != labels(other)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32 - 1))
def test_whatever_the_seed_each_net_has_only_the_axes_that_matter(tmp_path: Path, seed: int) -> None:
    asked = study(tmp_path, f"{{kind: random, candidates: 8, seed: {seed}}}")
    plan = make_plan(asked)
    assert len({candidate.architecture_id for candidate in plan.candidates}) == 9
    for candidate in plan.candidates[1:]:
        for axis, value in candidate.axes.items():
            asked.space.check(axis, value)
        assert ("reduction" in candidate.axes) == (candidate.axes["excite"] == "bottleneck")


def test_the_axes_that_a_random_plan_names_are_drawn_from_its_values(tmp_path: Path) -> None:
    plan = make_plan(
        study(tmp_path, "{kind: random, candidates: 3, vary: {reduction: [2, 4, 8]}, fixed: {bias: true}}")
    )
    assert sorted(labels(plan)) == ["baseline", "reduction=2", "reduction=4", "reduction=8"]
    assert {candidate.axes["bias"] for candidate in plan.candidates[1:]} == {True}


def test_a_net_of_three_stages_is_offered_no_fourth(tmp_path: Path) -> None:
    plan = make_plan(study(tmp_path, "{kind: random, candidates: 20}", space="attention_zoo"))
    assert {candidate.axes["stages"] for candidate in plan.candidates[1:]} <= {
        "all", (1,), (2,), (3,), (1, 2), (2, 3),
    }  # fmt: skip


def test_a_value_that_a_random_plan_names_and_the_net_lacks_is_refused(tmp_path: Path) -> None:
    plan = "{kind: random, candidates: 2, vary: {stages: [[1], [4]]}}"
    problem = refused(study(tmp_path, plan, space="attention_zoo"))
    assert (problem.line, problem.key) == (6, "plan.vary.stages")
    assert problem.message == "cifar_resnet8 has no stage 4"


def test_values_that_do_not_go_together_are_drawn_again(tmp_path: Path) -> None:
    """Eight groups do not divide the four channels of a narrow net, where the excitation has groups."""
    plan = "{kind: random, candidates: 3, vary: {excite: [grouped_full, diagonal], groups: [1, 2, 8]}}"
    drawn = make_plan(study(tmp_path, plan, overrides=("backbone.width=4",)))
    assert sorted(labels(drawn)) == ["baseline", *(f"excite={each}" for each in (
        "diagonal", "grouped_full groups=1", "grouped_full groups=2",
    ))]  # fmt: skip


def test_more_nets_than_there_are_is_refused_with_how_many_were_found(tmp_path: Path) -> None:
    problem = refused(study(tmp_path, "{kind: random, candidates: 4, vary: {reduction: [2, 64, 128, 256]}}"))
    assert problem.key == "plan.candidates"
    assert "found 2 distinct nets" in problem.message
    assert "candidates: 2" in str(problem.hint)


def test_draws_beyond_the_constraints_are_not_counted(tmp_path: Path) -> None:
    rest = 'constraints: {params: "<= 76e3"}'
    plan = make_plan(study(tmp_path, "{kind: random, candidates: 3, vary: {reduction: [2, 4, 16, 32, 64]}}", rest=rest))
    assert sorted(labels(plan)) == ["baseline", "reduction=16", "reduction=32", "reduction=64"]
    assert {each.label for each in plan.beyond} <= {"reduction=2", "reduction=4"}


FACTORS = "gate: [sigmoid, tanh], squeeze: [avg, max], reduction: [2, 8], bias: [false, true], stages: [all, [3]]"


def test_a_factorial_plan_trains_its_fraction(tmp_path: Path) -> None:
    plan = make_plan(study(tmp_path, f"{{kind: factorial, fraction: 1/4, vary: {{{FACTORS}}}}}", space="se_block"))
    assert plan.design is not None
    assert plan.design.name == "2^(5-2) III"
    assert len(plan.candidates) == 1 + 8
    assert labels(plan)[1] == "gate=sigmoid squeeze=avg reduction=2 bias=no stages=3"
    assert plan.candidates[1].axes["stages"] == (3,)


@pytest.mark.parametrize(
    ("keys", "name"), [("", "2^5"), ("fraction: 1/2, ", "2^(5-1) V"), ("resolution: 3, ", "2^(5-2) III")]
)
def test_a_factorial_plan_has_the_design_that_it_asks_for(tmp_path: Path, keys: str, name: str) -> None:
    plan = make_plan(study(tmp_path, f"{{kind: factorial, {keys}vary: {{{FACTORS}}}}}", space="se_block"))
    assert plan.design is not None
    assert (plan.design.name, len(plan.candidates) - 1) == (name, len(plan.design.runs))


def test_a_fraction_too_small_for_its_axes_is_refused_with_those_that_do(tmp_path: Path) -> None:
    problem = refused(study(tmp_path, f"{{kind: factorial, fraction: 1/8, vary: {{{FACTORS}}}}}", space="se_block"))
    assert (problem.key, problem.allowed) == ("plan.fraction", ("1/2", "1/4"))


def test_an_axis_without_effect_in_some_combination_is_refused(tmp_path: Path) -> None:
    problem = refused(study(tmp_path, "{kind: factorial, vary: {excite: [bottleneck, diagonal], reduction: [2, 8]}}"))
    assert problem.key == "plan.vary"
    assert "4 combinations build 3 nets" in problem.message


def test_a_design_with_a_combination_beyond_the_constraints_is_refused(tmp_path: Path) -> None:
    plan = "{kind: factorial, vary: {bias: [false, true], reduction: [2, 8]}}"
    problem = refused(study(tmp_path, plan, rest='constraints: {params: "<= 77e3"}'))
    assert problem.key == "constraints"
    assert "2 of the design's 4 combinations" in problem.message


MANY = (
    "gate: [sigmoid, tanh], squeeze: [avg, max], reduction: [2, 8], bias: [false, true], stages: [all, [3]],"
    "every: [1, 2], hidden_width: [round, floor], min_width: [1, 3], integration: [standard, pre],"
    "pre_scope: [branch, unit], groups: [1, 2], kernel_size: [1, 3]"
)


def test_too_many_axes_for_a_design_are_refused(tmp_path: Path) -> None:
    problem = refused(study(tmp_path, f"{{kind: factorial, vary: {{{MANY}}}}}", space="se_block"))
    assert (problem.key, problem.message) == ("plan.vary", "12 axes; a factorial plan has at most 11")


@pytest.mark.parametrize("plan", ["{kind: tpe, candidates: 3}", "{vary: {reduction: [4]}, scheduler: {kind: asha}}"])
def test_a_plan_that_chooses_needs_validation_images(tmp_path: Path, plan: str) -> None:
    problem = refused(study(tmp_path, plan, overrides=("dataset.validation_images=0",)))
    assert problem.key == ("plan.kind" if "tpe" in plan else "plan.scheduler")
    assert "validation_images" in str(problem.hint)


def test_a_search_has_its_baseline_beforehand(tmp_path: Path) -> None:
    plan = make_plan(study(tmp_path, "{kind: tpe, candidates: 3}"))
    assert (labels(plan), len(plan.trials)) == (["baseline"], 1)
