"""``se-bench import``: from a file of results to tables, verdicts, a report and an Optuna study."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
from pathlib import Path

import optuna
import pytest

from tests.cli import tiny
from tests.cli.programs import Outcome, call, contents

EXAMPLE = Path(__file__).resolve().parents[2] / "docs" / "examples" / "import" / "osmr.csv"
GIVEN = (
    "--dataset",
    "cifar",
    "--input",
    "32",
    "--classes",
    "10",
    "--source",
    "our cluster",
    "--backbone",
    "cifar_resnet8",
)
RUNS = """\
block,reduction,seed,accuracy,loss,train_seconds,status
none,,0,0.80,0.61,100,
none,,1,0.82,0.60,101,
none,,2,0.81,0.62,99,
none,,3,0.83,0.59,103,
,4,0,0.85,0.51,110,
,4,1,0.86,0.50,111,
,4,2,0.861,0.52,112,
,4,3,0.872,0.50,113,
,16,0,0.84,,,
,16,1,,,,diverged
"""
CLAIMS = """\
name: mine
question: Does it help?
claims:
  - {id: helps, says: r=4 helps, candidate: {reduction: 4}, expect: better}
"""


@pytest.fixture
def copied(tiny_place: Path, here: Path) -> Path:
    """Where a user stands who has trained a study, and has its file."""
    shutil.copytree(tiny_place, here, dirs_exist_ok=True)
    return here


@pytest.fixture
def runs(here: Path) -> Path:
    (here / "runs.csv").write_text(RUNS)
    return here


def bring(*arguments: str, file: str = "runs.csv") -> Outcome:
    return call("import", file, *GIVEN, *arguments)


def test_imported_results_are_served_like_any_other(runs: Path) -> None:
    found = bring("--recipe", "epochs=200")
    assert (found.code, found.err) == (0, "")
    assert "10 trials are new, 0 were known with equal numbers" in found.out
    data = json.loads(call("results", "runs", "--json").out)
    assert [each["label"] for each in data["candidates"]] == ["baseline", "reduction=4", "reduction=16"]
    assert [each["n"] for each in data["candidates"]] == [4, 4, 1]
    assert data["candidates"][1]["accuracy"]["mean"] == pytest.approx((0.85 + 0.86 + 0.861 + 0.872) / 4)
    assert data["trials"]["completed"] == 9
    assert data["trials"]["diverged"] == 1
    rows = list(csv.DictReader(io.StringIO(call("export", "runs", "--rows", "trials").out)))
    assert [(row["seed"], row["accuracy"]) for row in rows if row["reduction"] == "4"] == [
        ("0", "0.85"), ("1", "0.86"), ("2", "0.861"), ("3", "0.872")
    ]  # fmt: skip
    shown = call("results", "runs").out
    assert "trained elsewhere (our cluster; epochs=200)" in shown
    assert call("db", "check").code == 0
    assert "runs" in call("status").out


def test_the_report_and_the_tables_say_where_results_are_from(runs: Path) -> None:
    bring()
    assert call("report", "runs", "-o", "report.html").code == 0
    page = Path("report.html").read_text()
    assert "elsewhere (our cluster), imported from runs.csv" in page
    assert "Accuracy by reduction" in page
    latex = call("export", "runs", "--rows", "reduction", "--format", "latex").out
    assert r"\textbf{0.8608}" in latex
    assert "imported from runs.csv" in latex
    assert "1 of 2" in latex


def test_claims_of_a_file_are_tested(runs: Path) -> None:
    (runs / "mine.yaml").write_text(CLAIMS)
    assert bring("--study", "mine.yaml").code == 0
    data = json.loads(call("results", "mine", "--json").out)
    assert [(each["id"], each["verdict"]) for each in data["claims"]] == [("helps", "supported")]
    (runs / "more.csv").write_text("block,reduction,seed,accuracy\n,4,4,0.9\nnone,,4,0.8\n")
    assert bring("--study", "mine", file="more.csv").code == 0
    again = json.loads(call("results", "mine", "--json").out)
    assert [(each["id"], each["n"]) for each in again["claims"]] == [("helps", 5)]


def test_a_second_time_changes_nothing(runs: Path) -> None:
    bring()
    before = tiny_rows(runs)
    found = bring()
    assert found.code == 0
    assert "0 trials are new, 10 were known" in found.out
    assert tiny_rows(runs) == before


def tiny_rows(folder: Path) -> str:
    return call("export", "runs", "--rows", "trials", "--db", str(folder / tiny.DATABASE)).out


def test_other_numbers_are_told_and_stay(runs: Path) -> None:
    bring()
    before = tiny_rows(runs)
    (runs / "other.csv").write_text(RUNS.replace("0.861", "0.862") + ",4,9,0.9,,,\n")
    found = bring("--study", "runs", file="other.csv")
    assert found.code == 1
    assert "1 trials are new, 9 were known" in found.out
    assert "1 trials have other numbers there; they stay as they are here:" in found.out
    assert "(reduction=4, seed 2)" in found.out
    assert "here:  accuracy 0.861; elsewhere (our cluster), imported from runs.csv" in found.out
    assert "there: accuracy 0.862; elsewhere (our cluster), imported from other.csv" in found.out
    after = [line for line in tiny_rows(runs).splitlines() if ",9,completed" not in line]
    assert after == before.splitlines()


def test_the_example_of_the_documentation_is_what_its_source_counts(here: Path) -> None:
    """pytorchcv's own parameters: 272,474 and, with SE and its biases, 274,847 for ResNet-20."""
    small = [line for line in EXAMPLE.read_text().splitlines(keepends=True) if "110" not in line and "164" not in line]
    (here / "osmr.csv").write_text("".join(small))
    given = ("--dataset", "cifar10-osmr", "--input", "32", "--classes", "10", "--source", "osmr/imgclsmob README")
    assert call("import", "osmr.csv", *given).code == 0
    rows = list(csv.DictReader(io.StringIO(call("export", "osmr").out)))
    params = {(row["backbone"], row["block"]): int(row["params"]) for row in rows}
    assert params["cifar_resnet20", "none"] == 272_474
    assert params["cifar_resnet20", "se"] == 274_847
    assert params["cifar_resnet56", "se"] == 862_889
    table = call("export", "osmr", "--rows", "backbone", "--columns", "block", "--format", "markdown").out
    assert re.search(r"\| cifar_resnet56 +\| 0\.9548 +\| 0\.9587 +\|", table)
    assert "Nothing is bold" in table


def test_an_optuna_study_has_every_trial_that_is_over(runs: Path) -> None:
    bring()
    found = call("export", "runs", "--format", "optuna", "-o", "optuna.db")
    assert (found.code, found.out) == (0, "")
    assert "Wrote 10 trials to optuna.db" in found.err
    study = optuna.load_study(study_name="runs", storage="sqlite:///optuna.db")
    assert study.metric_names == ["accuracy", "macs", "params"]
    assert [each.state.name for each in study.trials].count("FAIL") == 1
    assert {tuple(each.params.items()) for each in study.trials} == {
        (("block", "none"),), (("block", "se"), ("reduction", 4)), (("block", "se"), ("reduction", 16))
    }  # fmt: skip
    before = contents(runs)
    again = call("export", "runs", "--format", "optuna", "-o", "optuna.db")
    assert again.code == 2
    assert "there is a file of this name already" in again.err
    assert contents(runs) == before


def test_a_study_without_its_file_is_shown_from_the_database(copied: Path) -> None:
    by_file = call("results", "tiny.yaml", *tiny.SET, "--json").out
    (copied / "tiny.yaml").unlink()
    assert call("results", "tiny", "--json").out == by_file
    assert call("export", "tiny", "--rows", "trials").code == 0
    refused = call("results", "tiny", "--seeds", "3")
    assert refused.code == 2
    assert "tiny has no file here that could be changed" in refused.err
    unknown = call("results", "tinny")
    assert unknown.code == 2
    assert "no study 'tinny'" in unknown.err


def test_a_study_that_was_trained_here_is_not_added_to(copied: Path) -> None:
    (copied / "tiny.yaml").unlink()
    (copied / "tiny.csv").write_text(RUNS)
    found = bring(file="tiny.csv")
    assert found.code == 2
    assert "the database has a study tiny that was trained here" in found.err


@pytest.mark.parametrize(
    ("text", "arguments", "says"),
    [
        ("seed,accuracy,gaet\n0,0.5,tanh\n", [], ["runs.csv:1: gaet: no column 'gaet'", "did you mean: gate"]),
        ("seed,accuracy,gate\n0,0.5,tahn\n", [], ["runs.csv:2: gate: no gate 'tahn'", "did you mean: tanh"]),
        ("seed,accuracy,backbone\n0,0.5,resnet51\n", [], ["runs.csv:2: backbone:", "did you mean: resnet50"]),
        ("seed,accuracy,stages\n0,0.5,4\n", [], ["runs.csv:2: stages: cifar_resnet8 has no stage 4"]),
        (RUNS, ["--backbone", "cifar_resnet9"], ["(from --backbone)", "did you mean: cifar_resnet8"]),
        (RUNS, ["--recipe", "epohcs=3"], ["--recipe: no key 'epohcs'", "did you mean: epochs"]),
        (RUNS, ["--recipe", "epochs=many"], ["recipe.epochs", "integer", "(from --recipe)"]),
        (RUNS, ["--dataset", "My Data"], ["dataset.name", "(from --dataset)"]),
        (RUNS, ["--input", "0"], ["dataset.size", "(from --input)"]),
        (RUNS, ["--source", " "], ["recipe.source", "(from --source)"]),
        (RUNS, ["--study", "reduction_ratio"], ["--study: a study of this name has a file"]),
        (RUNS, ["--study", "Mine!"], ["name: ", "Mine!"]),
        (RUNS, ["--study", "none.yaml"], ["none.yaml: cannot be read"]),
        (
            RUNS,
            ["--study", "wrong.yaml"],
            ["wrong.yaml:4: claims.0.candidate", "8 is outside the axis reduction", "allowed: 4, 16"],
        ),
        (RUNS, ["--study", "worse.yaml"], ["worse.yaml:2: qestion", "did you mean: question"]),
    ],
)
def test_what_cannot_be_meant_is_refused_and_nothing_written(
    here: Path, text: str, arguments: list[str], says: list[str]
) -> None:
    (here / "runs.csv").write_text(text)
    (here / "wrong.yaml").write_text(CLAIMS.replace("{reduction: 4}", "{reduction: 8}"))
    (here / "worse.yaml").write_text(CLAIMS.replace("question", "qestion"))
    before = contents(here)
    found = bring(*arguments)
    assert (found.code, found.out) == (2, "")
    assert "Traceback" not in found.err
    for words in says:
        assert words in found.err
    assert contents(here) == before


def test_another_source_or_recipe_is_another_study(runs: Path) -> None:
    bring("--recipe", "epochs=200")
    found = bring("--recipe", "epochs=300")
    assert found.code == 2
    assert "recipe.epochs was 200 when runs was imported, not 300" in found.err
    assert bring("--recipe", "epochs=300", "--study", "longer").code == 0
