"""The greedy path and leaving one out, by hand; what is missing is named, and training it makes the path whole."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from se_bench.analysis.ablation import Ablation, compute, needed
from se_bench.analysis.estimates import difference
from se_bench.config.dashboard import Panel
from tests.analysis.crossed_studies import combinations, crossed, label, of_candidates
from tests.analysis.small_studies import FULL, ODD, answered

PANEL = Panel.read({"figure": "ablation"})
LEVELS = {"squeeze": ("avg", "max"), "gate": ("sigmoid", "tanh"), "bias": (False, True)}
GAINS = {"squeeze": 0.01, "gate": 0.03, "bias": 0.02}
OFF = {"squeeze": "avg", "gate": "sigmoid", "bias": False}


def accuracy(axes: Mapping[str, Any], seed: int) -> float:
    """The block costs a little, each component gains; tanh gains nothing without the bias."""
    if not axes:
        return 0.8 + 0.01 * seed
    gains = {axis: GAINS[axis] for axis in GAINS if axes.get(axis, OFF[axis]) != OFF[axis]}
    if "bias" not in gains:
        gains.pop("gate", None)
    return 0.79 + 0.01 * seed + sum(gains.values()) + 0.0005 * ((seed * 7 + len(str(axes))) % 3)


def found_in(candidates: list[dict[str, Any]]) -> Ablation:
    found = compute(of_candidates(candidates, accuracy, 3), PANEL)
    assert found is not None
    return found


def test_the_path_takes_what_gains_most_first() -> None:
    found = found_in(combinations(LEVELS))
    assert found.best == "squeeze=max gate=tanh bias=yes"
    assert [step.component for step in found.path] == ["block=se", "bias=yes", "gate=tanh", "squeeze=max"]
    assert found.whole
    assert found.missing == ()
    labels = [found.baseline, *(step.label for step in found.path)]
    assert labels[1] == "squeeze=avg gate=sigmoid bias=no"
    assert labels[-1] == found.best
    axes = {label(each): each for each in combinations(LEVELS)} | {"baseline": {}}
    for before, step in zip(labels, found.path, strict=False):
        one, other = ({seed: accuracy(axes[name], seed) for seed in range(3)} for name in (step.label, before))
        assert step.change == difference(one, other)
    assert found.path[0].change.mean == pytest.approx(-0.01, abs=0.002)


def test_the_changes_of_the_path_add_up_to_the_whole_difference() -> None:
    found = found_in(combinations(LEVELS))
    total = sum(step.change.mean or 0 for step in found.path)
    assert (found.start.mean or 0) + total == pytest.approx(found.path[-1].value.mean)


def test_leaving_one_out_sets_one_component_back() -> None:
    found = found_in(combinations(LEVELS))
    left = {step.component: step for step in found.left_out}
    assert set(left) == {"block=se", "squeeze=max", "gate=tanh", "bias=yes"}
    assert left["gate=tanh"].label == "squeeze=max gate=sigmoid bias=yes"
    assert left["block=se"].label == "baseline"
    changes = [step.change.mean or 0 for step in found.left_out]
    assert changes == sorted(changes, reverse=True)
    assert found.left_out[0].component in ("bias=yes", "block=se")


def test_training_what_is_needed_makes_the_path_whole() -> None:
    """From the best candidate and the baseline alone, asking again after each training."""
    best = {"squeeze": "max", "gate": "tanh", "bias": True}
    candidates = [best]
    rounds = 0
    while wanted := needed(of_candidates(candidates, accuracy, 3)):
        rounds += 1
        for axes in wanted:
            assert axes["block"] == "se"
            candidates.append({axis: axes.get(axis, OFF[axis]) for axis in OFF})
        assert rounds < 6
    found = found_in(candidates)
    assert found.whole
    assert [step.component for step in found.path] == [step.component for step in found_in(combinations(LEVELS)).path]
    assert len(found.left_out) == 4
    assert 0 < len(candidates) <= 8


def test_what_is_missing_is_named_with_its_axes() -> None:
    found = found_in([{"squeeze": "max", "gate": "tanh", "bias": True}])
    assert not found.whole
    assert found.path == ()
    needs = {each.component: dict(each.axes) for each in found.missing}
    assert needs == {
        "block=se": {"block": "se"},
        "squeeze=max": {"block": "se", "gate": "tanh", "bias": True},
        "gate=tanh": {"block": "se", "squeeze": "max", "bias": True},
        "bias=yes": {"block": "se", "squeeze": "max", "gate": "tanh"},
    }
    assert "Not trained yet: block=se; " in found.caption
    assert "The path ends where candidates are missing." in found.caption


def test_what_a_study_holds_fixed_is_no_component() -> None:
    import dataclasses

    answer = of_candidates([{"reduction": 4, "gate": "tanh"}, {"reduction": 4, "gate": "sigmoid"}], accuracy, 3)
    plan = answer.study.plan.model_copy(update={"fixed": {"reduction": 4}})
    answer = dataclasses.replace(answer, study=dataclasses.replace(answer.study, plan=plan))
    found = compute(answer, PANEL)
    assert found is not None
    assert found.whole
    assert "reduction=4" not in [step.component for step in (*found.path, *found.left_out)]


def test_the_best_has_no_failure_and_more_than_one_seed_where_any_has() -> None:
    def lucky(axes: Mapping[str, Any], seed: int) -> float:
        if axes.get("gate") == "tanh":
            return 0.99 if seed == 0 else np.nan
        return 0.9 if axes else 0.8

    found = compute(of_candidates([{"gate": "tanh"}, {"gate": "sigmoid"}], lucky, 3), PANEL)
    assert found is not None
    assert found.best == "gate=sigmoid"
    assert compute(answered(ODD["one diverged"]), PANEL) is None


def test_a_metric_that_is_minimised_is_improved_by_falling() -> None:
    found = compute(crossed(LEVELS, accuracy, 3), Panel.read({"figure": "ablation", "y": "loss"}))
    assert found is not None
    assert not found.maximize
    assert found.best == "squeeze=max gate=tanh bias=yes"
    assert [step.component for step in found.path] == ["block=se", "bias=yes", "gate=tanh", "squeeze=max"]


@pytest.mark.parametrize("name", ["no trial", "nothing trained", "failed only"])
def test_there_is_no_path_without_a_candidate(name: str) -> None:
    assert compute(answered(ODD[name]), PANEL) is None
    assert needed(answered(ODD[name])) == ()


def test_a_study_of_one_axis_has_a_path_too() -> None:
    found = compute(answered(FULL), PANEL)
    assert found is not None
    assert found.baseline == "baseline"
    assert found.best == "reduction=2"
