"""A study's trials as Optuna has them: every value, parameter, outcome and curve is the record's."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import optuna
import pytest
from optuna.trial import TrialState

from se_bench.analysis.answer import Answer
from se_bench.dashboard.optuna_study import write
from se_bench.errors import UserError
from se_bench.records import Status
from tests.analysis import small_studies
from tests.analysis.grids import grid
from tests.analysis.test_pivot import BASE, NONE, se


def loaded(answer: Answer, folder: Path) -> optuna.Study:
    path = folder / "new" / "study.db"
    count = write(answer, path)
    study = optuna.load_study(study_name=answer.study.name, storage=f"sqlite:///{path}")
    assert len(study.trials) == count
    assert [each.name for each in path.parent.iterdir()] == ["study.db"]
    return study


@pytest.mark.parametrize(
    "measured", [small_studies.FULL, *small_studies.ODD.values()], ids=["full", *small_studies.ODD]
)
def test_every_trial_that_is_over_is_there_with_its_numbers(measured: small_studies.Measured, tmp_path: Path) -> None:
    answer = small_studies.answered(measured)
    study = loaded(answer, tmp_path)
    over = [each for each in answer.records.trials if each.status.ends]
    candidates = {each.architecture_id: each for each in answer.records.candidates}
    assert [each.user_attrs["trial_id"] for each in study.trials] == [each.trial_id for each in over]
    for made, trial in zip(study.trials, over, strict=True):
        candidate = candidates[trial.architecture_id]
        assert (made.user_attrs["seed"], made.user_attrs["status"]) == (trial.seed, trial.status.value)
        assert made.user_attrs["macs"] == candidate.cost.macs
        assert set(made.params) == set(candidate.axes)
        if trial.status is Status.COMPLETED:
            assert made.state is TrialState.COMPLETE
            assert made.values == [trial.accuracy, candidate.cost.macs, candidate.cost.params]
            curve = {
                each.epoch: each.test_accuracy for each in answer.records.epochs if each.trial_id == trial.trial_id
            }
            assert made.intermediate_values == curve
        else:
            assert made.state is TrialState.FAIL
            assert made.user_attrs["error"] == trial.error


def test_axes_keep_their_values_and_kinds(tmp_path: Path) -> None:
    measured: Any = [
        (NONE, BASE),
        (se(reduction=4, bias=True, stages=(1, 2), kernel_size="adaptive"), BASE),
        (se(reduction=16, bias=False, stages="all", kernel_size=3), BASE),
    ]
    study = loaded(grid(measured), tmp_path)
    params = [each.params for each in study.trials[:: len(BASE)]]
    assert params == [
        {"block": "none"},
        {"block": "se", "reduction": 4, "bias": True, "stages": "1+2", "kernel_size": "adaptive"},
        {"block": "se", "reduction": 16, "bias": False, "stages": "all", "kernel_size": 3},
    ]
    distributions = study.trials[-1].distributions
    assert isinstance(distributions["reduction"], optuna.distributions.IntDistribution)
    assert isinstance(distributions["kernel_size"], optuna.distributions.CategoricalDistribution)


def test_the_study_has_its_objectives_question_and_setting(tmp_path: Path) -> None:
    answer = small_studies.answered(small_studies.FULL, objectives={"loss": "minimize", "params": "minimize"})
    study = loaded(answer, tmp_path)
    assert [each.name for each in study.directions] == ["MINIMIZE", "MINIMIZE"]
    assert study.metric_names == ["loss", "params"]
    assert study.user_attrs["setting"] == "digits"
    assert study.user_attrs["recipe"]["epochs"] == 8
    best = {each.user_attrs["candidate"] for each in study.best_trials}
    assert best <= set(small_studies.FULL)


def test_a_file_that_is_there_is_never_replaced(tmp_path: Path) -> None:
    path = tmp_path / "results.db"
    path.write_text("somebody's results")
    with pytest.raises(UserError, match="already"):
        write(small_studies.answered(small_studies.FULL), path)
    assert path.read_text() == "somebody's results"
    assert [each.name for each in tmp_path.iterdir()] == ["results.db"]
    with pytest.raises(UserError, match="cannot be written"):
        write(small_studies.answered(small_studies.FULL), path / "below.db")
