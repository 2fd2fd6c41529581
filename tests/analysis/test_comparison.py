"""Several studies' fronts: one reference point, the same costs, and those without a result are named."""

from __future__ import annotations

import dataclasses

import pytest

from se_bench.analysis.answer import Answer
from se_bench.analysis.comparison import compare, compute
from se_bench.analysis.pareto import compute as one_front
from se_bench.config.dashboard import Panel
from tests.analysis.small_studies import FULL, ODD, Measured, answered

PANEL = Panel.read({"figure": "comparison", "x": ["macs", "params"]})
BETTER: Measured = {name: {seed: value + 0.05 for seed, value in seeds.items()} for name, seeds in FULL.items()}  # type: ignore[operator]


def named(answer: Answer, name: str, setting: str | None = None) -> Answer:
    study = dataclasses.replace(answer.study, name=name)
    if setting:
        study = dataclasses.replace(study, setting=study.setting.model_copy(update={"name": setting}))
    return dataclasses.replace(answer, study=study)


def test_all_hypervolumes_have_one_reference_over_all_points() -> None:
    found = compare([named(answered(FULL), "one"), named(answered(BETTER), "other")], PANEL)
    assert found is not None
    assert [study.name for study in found.studies] == ["one", "other"]
    for place, limits in enumerate(found.references):
        assert limits is not None
        assert [study.pareto.axes[place].reference for study in found.studies] == [limits, limits]
        low = min(study.pareto.values.min() for study in found.studies)
        high = max(study.pareto.values.max() for study in found.studies)
        assert limits.worst[1] == pytest.approx(low - 0.1 * (high - low))
        volumes = [study.pareto.axes[place].hypervolume for study in found.studies]
        assert volumes[0] is not None
        assert volumes[1] is not None
        assert volumes[0].value < volumes[1].value


def test_a_study_by_itself_has_the_volume_of_its_own_front() -> None:
    alone, front = compute(answered(FULL), PANEL), one_front(answered(FULL), PANEL)
    assert alone is not None
    assert front is not None
    assert [axis.hypervolume for axis in alone.studies[0].pareto.axes] == [axis.hypervolume for axis in front.axes]


def test_all_studies_are_read_at_the_same_costs() -> None:
    few = {name: FULL[name] for name in ("baseline", "reduction=2")}
    found = compare([named(answered(FULL), "one"), named(answered(few), "other")], PANEL)
    assert found is not None
    costs = [[row.cost for row in study.at_costs.axes[0].rows] for study in found.studies if study.at_costs]
    assert costs[0] == costs[1]
    assert len(costs[0]) > 1


def test_studies_without_a_result_are_named() -> None:
    found = compare([named(answered(ODD["failed only"]), "lost"), named(answered(FULL), "one")], PANEL)
    assert found is not None
    assert [study.name for study in found.studies] == ["one"]
    assert found.missing == ("lost",)
    assert "N/A, no completed trial: lost." in found.caption
    assert compare([answered(ODD["no trial"])], PANEL) is None


def test_equal_names_are_told_apart_by_their_settings_which_are_named() -> None:
    found = compare([named(answered(FULL), "one", "digits"), named(answered(FULL), "one", "cifar10")], PANEL)
    assert found is not None
    assert [study.name for study in found.studies] == ["one (digits)", "one (cifar10)"]
    assert "digits, cifar10" in found.caption
    same = compare([named(answered(FULL), "one"), named(answered(FULL), "other")], PANEL)
    assert same is not None
    assert "settings differ" not in same.caption


def test_a_study_in_which_every_candidate_failed_once_has_no_table() -> None:
    odd: Measured = {"baseline": {0: 0.8, 1: 0.8}, "reduction=2": {0: 0.9, 1: 0.9}}
    failing = {name: {**seeds, 2: ODD["failed only"]["baseline"][0]} for name, seeds in odd.items()}
    found = compare([named(answered(failing), "failing"), named(answered(FULL), "one")], PANEL)
    assert found is not None
    assert [study.at_costs is None for study in found.studies] == [True, False]
