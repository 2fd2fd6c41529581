"""Results from elsewhere become candidates with costs, and trials whose ids say that they are from elsewhere."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from se_bench.config import results_csv
from se_bench.config.axes import Axes
from se_bench.config.external import ExternalSetting, ImportedStudy
from se_bench.config.load import registered_study
from se_bench.config.setting import BackboneChoice
from se_bench.cost.count import count
from se_bench.errors import ConfigError
from se_bench.nets.build import resolve
from se_bench.records import Status
from se_bench.search.candidates import trial_id
from se_bench.search.external import Elsewhere, from_rows

STUDY = ImportedStudy.read({"name": "mine", "question": "Which?"})
SETTING = {
    "name": "external-cifar",
    "dataset": {"name": "external:cifar", "size": 32, "classes": 10},
    "backbone": {"name": "cifar_resnet8"},
    "recipe": {"source": "our cluster", "epochs": 200},
}
HEADER = "block,reduction,squeeze,seed,accuracy,status\n"


def made(folder: Path, *lines: str, known: Elsewhere | None = None, header: str = HEADER) -> Elsewhere:
    path = folder / "runs.csv"
    path.write_text(header + "".join(f"{line}\n" for line in lines))
    return from_rows(STUDY, ExternalSetting.read(SETTING), results_csv.read(path), known)


def test_candidates_are_what_the_rows_build_with_their_costs_and_labels(tmp_path: Path) -> None:
    found = made(tmp_path, ",4,,0,0.9,", "none,,,0,0.8,", ",16,,0,0.91,", ",4,max,0,0.7,")
    labels = ["baseline", "squeeze=avg reduction=4", "squeeze=avg reduction=16", "squeeze=max reduction=4"]
    assert [each.label for each in found.candidates] == labels
    backbone = BackboneChoice.read({"name": "cifar_resnet8"})
    for each, axes in zip(
        found.candidates,
        ({"block": "none"}, {"reduction": 4}, {"reduction": 16}, {"reduction": 4, "squeeze": "max"}),
        strict=True,
    ):
        built = resolve(backbone, Axes.read(axes), (3, 32, 32), 10)
        assert each.architecture_id == built.architecture_id
        assert each.cost == count(built)
        assert each.is_baseline == (axes == {"block": "none"})


def test_an_axis_is_told_where_it_would_change_the_net(tmp_path: Path) -> None:
    """An empty cell is the default; of an ECA block the reduction is no axis, of nets without one neither."""
    header = "block,excite,reduction,seed,accuracy\n"
    found = made(tmp_path, "none,,,0,0.8", "se,,4,0,0.9", "se,,,0,0.9", "se,conv1d,,0,0.9", header=header)
    assert [dict(each.axes) for each in found.candidates] == [
        {"block": "none"},
        {"block": "se", "excite": "bottleneck", "reduction": 4},
        {"block": "se", "excite": "bottleneck", "reduction": 16},
        {"block": "se", "excite": "conv1d"},
    ]


def test_a_trials_identity_is_that_of_its_content(tmp_path: Path) -> None:
    found = made(tmp_path, ",4,,7,0.9,", ",4,,8,,diverged")
    assert [(each.seed, each.dataset_fingerprint, each.numerics_version) for each in found.trials] == [
        (7, "external:cifar", 0),
        (8, "external:cifar", 0),
    ]
    for each in found.trials:
        assert each.recipe == {"source": "our cluster", "epochs": 200}
        identity = trial_id(
            architecture=each.architecture,
            dataset_fingerprint="external:cifar",
            recipe={"source": "our cluster", "epochs": 200},
            seed=each.seed,
            numerics_version=0,
        )
        assert each.trial_id == identity
    assert [(each.status, each.accuracy) for each in found.results] == [
        (Status.COMPLETED, 0.9),
        (Status.DIVERGED, None),
    ]


def test_the_baseline_of_each_net_is_a_candidate_even_without_a_trial(tmp_path: Path) -> None:
    header = "backbone,reduction,seed,accuracy\n"
    found = made(tmp_path, "cifar_resnet8,4,0,0.9", "cifar_resnet20,4,0,0.92", header=header)
    assert [each.label for each in found.candidates] == [
        "baseline backbone=cifar_resnet8",
        "baseline backbone=cifar_resnet20",
        "backbone=cifar_resnet8",
        "backbone=cifar_resnet20",
    ]
    assert len(found.trials) == 2


def test_the_definition_reads_back_as_a_study(tmp_path: Path) -> None:
    found = made(tmp_path, "none,,,0,0.8,", ",4,,0,0.9,", ",16,max,3,0.9,")
    study = registered_study(found.definition, "results.db")
    assert (study.name, study.question, study.seeds) == ("mine", "Which?", (0, 3))
    assert dict(study.plan.vary) == {"squeeze": ("avg", "max"), "reduction": (4, 16)}
    assert isinstance(study.setting, ExternalSetting)
    assert study.setting == ExternalSetting.read(SETTING)
    for each in found.candidates:
        assert set(each.axes) <= set(study.space.axes) | {"block"}


@pytest.mark.parametrize("lines", [["none,,,0,0.8,"], [",4,,0,0.9,"], ["none,,,0,0.8,", ",4,,0,0.9,"]])
def test_few_candidates_are_a_study_too(tmp_path: Path, lines: list[str]) -> None:
    assert registered_study(made(tmp_path, *lines).definition, "results.db").plan.vary


def test_a_second_file_adds_to_the_first(tmp_path: Path) -> None:
    first = made(tmp_path, "none,,,0,0.8,", ",4,,0,0.9,")
    second = made(tmp_path, ",4,,1,0.91,", ",8,,0,0.92,", known=first)
    assert [each.label for each in second.candidates] == ["baseline", "reduction=4", "reduction=8"]
    assert [(each.seed, each.architecture_id) for each in second.trials] == [
        (0, second.candidates[0].architecture_id),
        (0, second.candidates[1].architecture_id),
        (0, second.candidates[2].architecture_id),
        (1, second.candidates[1].architecture_id),
    ]
    assert len(second.results) == 2
    again = made(tmp_path, "none,,,0,0.8,", ",4,,0,0.9,", known=replace(second, results=()))
    assert (again.candidates, again.trials) == (second.candidates, second.trials)


@pytest.mark.parametrize(
    ("lines", "line", "says"),
    [
        ([",4,,0,0.9,", ",4,,0,0.8,"], 3, "the same net with the same seed as in line 2"),
        ([",64,,0,0.9,", ",32,,1,0.8,", ",128,,0,0.8,"], 4, "as in line 2"),
    ],
)
def test_a_trial_that_stands_twice_is_refused(tmp_path: Path, lines: list[str], line: int, says: str) -> None:
    with pytest.raises(ConfigError, match=says) as refused:
        made(tmp_path, *lines)
    assert refused.value.line == line


def test_what_the_backbone_does_not_take_is_refused_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no stage 4") as refused:
        made(tmp_path, "0,0.9,1", "0,0.9,4", header="seed,accuracy,stages\n")
    assert (refused.value.line, refused.value.key, refused.value.allowed) == (3, "stages", ("all", "1", "2", "3"))
