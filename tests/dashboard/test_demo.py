"""A demonstration looks like results, is consistent, comes again the same, and cannot be taken for results."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from se_bench import upkeep
from se_bench.config.axes import BACKBONE_AXES
from se_bench.config.setting import Setting
from se_bench.config.space import Space
from se_bench.config.study import StudyDefinition
from se_bench.dashboard.demo import fill as demo
from se_bench.dashboard.demo.candidates import draw_candidates
from se_bench.dashboard.demo.fill import fill
from se_bench.errors import UserError
from se_bench.records import Status, StudyRecords, is_baseline_of
from se_bench.store.repository import Store

ASKED: dict[str, Any] = {"trials": 1_003, "seeds": 4, "epochs": 3, "seed": 7}


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = str(tmp_path_factory.mktemp("demo") / "demo.db")
    fill(path, "demo_grid", **ASKED)
    return path


@pytest.fixture(scope="module")
def store(url: str) -> Iterator[Store]:
    with Store.open(url) as opened:
        yield opened


def records(store: Store, name: str) -> StudyRecords:
    study = store.study(name)
    return store.records(study.trials, study.candidates)


def test_it_has_what_was_asked_for_of_every_kind(store: Store):
    (summary,) = store.studies()
    assert sum(summary.counts.values()) == 1_003
    assert summary.counts.keys() == set(Status)
    assert summary.counts[Status.COMPLETED] > 900
    study = store.study("demo_grid")
    assert len(study.candidates) == 251
    assert {trial.seed for trial in study.trials} == {0, 1, 2, 3}
    assert {each.axes["block"] for each in study.candidates} == {
        "none",
        "se",
        "cbam",
        "ese",
        "srm",
        "gct",
        "simam",
        "fca",
    }
    for each in study.candidates:
        assert sum(is_baseline_of(other, each) for other in study.candidates) == 1


def test_nothing_in_it_contradicts_itself(url: str):
    found = upkeep.check_database(url)
    assert (found.trials, found.faults) == (1_003, ())


def test_nobody_can_take_it_for_results(store: Store):
    study = store.study("demo_grid")
    found = records(store, "demo_grid")
    assert {trial.dataset_fingerprint for trial in study.trials} == {"demo"}
    assert all(run.environment["synthetic"] for run in found.runs)
    assert "Synthetic" in study.question


def test_numbers_are_shaped_like_results(store: Store):
    found = records(store, "demo_grid")
    accuracy = {trial.trial_id: trial.accuracy for trial in found.trials if trial.accuracy is not None}
    assert 0.7 < min(accuracy.values()) < max(accuracy.values()) < 1
    assert len(set(accuracy.values())) < len(accuracy)  # ties, as a test split makes them
    costs = {each.architecture_id: each.cost.macs for each in found.candidates}
    pairs = [(costs[trial.architecture_id], trial.accuracy) for trial in found.trials if trial.accuracy is not None]
    assert np.corrcoef(np.log([cost for cost, _ in pairs]), [reached for _, reached in pairs])[0, 1] > 0.5
    diverged = {trial.trial_id for trial in found.trials if trial.status is Status.DIVERGED}
    assert {epoch.trial_id for epoch in found.epochs if np.isnan(epoch.train_loss)} == diverged
    curves = [epoch.test_accuracy for epoch in found.epochs if epoch.trial_id in accuracy]
    assert np.mean(curves[2::3]) > np.mean(curves[::3]) + 0.05


def test_config_accepts_its_documents(store: Store):
    documents = store.study("demo_grid").definition
    study = StudyDefinition.read(documents["study"])
    space, setting = Space.read(documents["space"]), Setting.read(documents["setting"])
    assert (study.name, study.space, study.setting) == ("demo_grid", space.name, setting.name)
    assert setting.recipe.epochs == 3
    for axis, values in study.plan.vary.items():
        for value in values:
            space.check(axis, value)
    for each in store.study("demo_grid").candidates:
        for axis, values in study.plan.vary.items():
            own = each.axes.get(axis)
            assert own is None or own in [list(v) if isinstance(v, tuple) else v for v in values] or each.is_baseline


def test_the_same_options_give_the_same_results(store: Store, tmp_path: Path):
    again, other = str(tmp_path / "again.db"), str(tmp_path / "other.db")
    fill(again, "demo_grid", **ASKED)
    fill(other, "demo_grid", **{**ASKED, "seed": 8})
    with Store.open(again) as same, Store.open(other) as differing:
        assert repr(records(same, "demo_grid")) == repr(records(store, "demo_grid"))
        assert repr(records(differing, "demo_grid")) != repr(records(store, "demo_grid"))


def test_a_later_call_may_extend_it(tmp_path: Path):
    url = str(tmp_path / "demo.db")
    fill(url, "demo_a", trials=40, seeds=2, epochs=1, seed=0)
    with Store.open(url) as store:
        before = records(store, "demo_a")
    fill(url, "demo_a", trials=60, seeds=3, epochs=1, seed=0)
    fill(url, "demo_b", trials=10, seeds=1, epochs=1, seed=5)
    with Store.open(url) as store:
        after = {trial.trial_id: trial for trial in records(store, "demo_a").trials}
        assert len(after) == 60
        assert all(after[trial.trial_id] == trial for trial in before.trials if trial.status is not Status.PLANNED)
        assert len(records(store, "demo_b").trials) == 10


def test_real_results_are_not_mixed_with_it_unless_told(tmp_path: Path):
    url = str(tmp_path / "real.db")
    with Store.open(url, create=True) as store:
        store.register("mine", "?", {}, [], [])
    with pytest.raises(UserError, match=r"results of real studies \(mine\)") as caught:
        fill(url, "demo_grid", trials=4, seeds=2, epochs=1, seed=0)
    assert "--among-real-results" in str(caught.value.hint)
    with Store.open(url) as store:
        assert [each.name for each in store.studies()] == ["mine"]
    fill(url, "demo_grid", trials=4, seeds=2, epochs=1, seed=0, among_real=True)
    with Store.open(url) as store:
        assert {each.name for each in store.studies()} == {"mine", "demo_grid"}


@pytest.mark.parametrize(
    ("study", "trials", "said"),
    [("reduction_ratio", 4, "is named demo_"), ("demo_x", 10**7, "more than 400,000 candidates")],
)
def test_what_cannot_be_a_demonstration_is_refused_before_anything_is_made(
    tmp_path: Path, study: str, trials: int, said: str
):
    with pytest.raises(UserError, match=said):
        fill(str(tmp_path / "x.db"), study, trials=trials, seeds=2, epochs=1, seed=0)
    assert list(tmp_path.iterdir()) == []


def test_few_candidates_have_few_nets_and_many_all():
    few, many = draw_candidates(5, seed=0), draw_candidates(200, seed=0)
    assert [each.is_baseline for each in few] == [True, False, False, False, False]
    assert sum(each.is_baseline for each in many) == 12
    assert len({each.architecture_id for each in many}) == 200
    assert all(BACKBONE_AXES[0] in each.axes for each in many)
    assert demo.PREFIX == "demo_"
