"""What a user can get wrong: exit code 2, one clear message, no traceback, and nothing written."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from se_bench.store.repository import Store
from tests.cli.programs import Outcome, call, contents
from tests.config.test_bad_input import GOOD

SAME_NET = GOOD.replace("space: se_block", "space: own.yaml").replace("{reduction: [4, 16]}", "{block: [none]}")
OWN_SPACE = "name: own\naxes:\n  block: {values: [se, none]}\n  reduction: {range: [1, 64]}\n"

STUDIES = {
    "malformed": (GOOD.replace("plan:\n", "plan: [\n"), ["mine.yaml:", "not valid YAML"]),
    "unknown key": (
        GOOD.replace("seeds: 2", "sedes: 2"),
        ["mine.yaml:8: sedes", "did you mean: seeds", "allowed: name,"],
    ),
    "wrong type": (GOOD.replace("seeds: 2", "seeds: two"), ["mine.yaml:8: seeds", "integer", "'two'"]),
    "outside the axis": (
        GOOD.replace("[4, 16]", "[4, 500]"),
        ["mine.yaml:7: plan.vary.reduction.1", "500 is outside", "allowed: integers from 1 to 256"],
    ),
    "unknown axis": (
        GOOD.replace("{reduction: [4, 16]}", "{reductio: [4, 16]}"),
        ["mine.yaml:7: plan.vary.reductio", "did you mean: reduction"],
    ),
    "unknown setting": (
        GOOD.replace("setting: digits", "setting: digit"),
        ["mine.yaml:4: setting", "did you mean: digits", "allowed: cifar10, digits"],
    ),
    "unknown space": (
        GOOD.replace("space: se_block", "space: se_blok"),
        ["mine.yaml:3: space", "did you mean: se_block"],
    ),
    "nothing to compare": (SAME_NET, ["mine.yaml:7: plan.vary", "nothing would be compared"]),
    "a claim about no candidate": (
        GOOD.replace("candidate: {reduction: 4}", "candidate: {reduction: 8}"),
        ["mine.yaml:12: claims.0.candidate", "no candidate with reduction=8", "next: "],
    ),
    "a claim about several": (
        GOOD.replace("candidate: {reduction: 4}", "candidate: {gate: sigmoid}"),
        ["mine.yaml:12: claims.0.candidate", "2 candidates with gate=sigmoid"],
    ),
}

SETTINGS = {
    "unknown --set key": (["--set", "recipe.epohcs=3"], ["recipe.epohcs", "did you mean: epochs", "--set"]),
    "no key at all": (["--set", "nonsense"], ["key=value", "next: "]),
    "unknown part": (["--set", "reciep.epochs=3"], ["did you mean: recipe"]),
    "unknown backbone": (["--set", "backbone.name=cifar_resnet21"], ["did you mean: cifar_resnet20", "allowed: "]),
    "unknown dataset": (["--set", "dataset.name=digit"], ["did you mean: digits", "allowed: "]),
    "unknown dataset option": (["--set", "dataset.sise=16"], ["dataset.sise", "did you mean: size"]),
    "wrong dataset option": (["--set", "dataset.size=17"], ["dataset.size", "allowed: 16, 32"]),
    "unknown backbone option": (["--set", "backbone.widht=8"], ["widht", "did you mean: width"]),
    "too few images": (["--set", "dataset.train_images=10"], ["recipe.batch_size", "10 training images"]),
    "unknown setting": (["--setting", "digit"], ["did you mean: digits", "--setting"]),
    "no seed": (["--seeds", "0"], ["seeds", "--seeds"]),
    "seeds in words": (["--seeds", "two"], ["--seeds"]),
    "no slot": (["--slots", "0"], ["--slots"]),
    "no share": (["--gpus-per-trial", "most"], ["--gpus-per-trial", "auto", "0.01 to 1.0"]),
    "unknown option": (["--sede", "3"], ["--sede"]),
    "unknown dashboard": (["--dashboard", "overvew"], ["did you mean: overview"]),
}


def refused(found: Outcome, says: list[str]) -> None:
    assert found.code == 2
    assert "Traceback" not in found.out + found.err
    for words in says:
        assert words in found.err


def study(folder: Path, text: str = GOOD) -> str:
    (folder / "mine.yaml").write_text(text)
    (folder / "own.yaml").write_text(OWN_SPACE)
    return "mine.yaml"


@pytest.mark.parametrize(("text", "says"), STUDIES.values(), ids=list(STUDIES))
def test_a_wrong_study_is_refused(here: Path, text: str, says: list[str]) -> None:
    name = study(here, text)
    before = contents(here)
    refused(call("run", name), says)
    assert contents(here) == before


@pytest.mark.parametrize(("options", "says"), SETTINGS.values(), ids=list(SETTINGS))
def test_a_wrong_option_is_refused(here: Path, options: list[str], says: list[str]) -> None:
    name = study(here)
    before = contents(here)
    refused(call("run", name, *options), says)
    assert contents(here) == before


def test_every_command_that_takes_a_study_refuses_the_same(here: Path) -> None:
    name = study(here, STUDIES["unknown key"][0])
    before = contents(here)
    for command in ("run", "plan", "status", "results", "export", "report"):
        refused(call(command, name), STUDIES["unknown key"][1])
        refused(call(command, "mine"), ["no study 'mine'", "allowed: "])
    assert contents(here) == before


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["list", "studys"], ["studies", "backbones"]),
        (["list"], ["kind"]),
        (["rnu", "reduction_ratio"], ["rnu"]),
        (["run"], ["STUDY"]),
        (["export", "reduction_ratio", "--format", "xml"], ["csv", "markdown", "json"]),
        (
            ["export", "reduction_ratio", "--rows", "trial"],
            ["--rows", "no axis 'trial'", "did you mean: trials", "candidates", "epochs", "reduction"],
        ),
        (["cost", "--backbone", "cifar_resnet21"], ["--backbone: ", "did you mean: cifar_resnet20", "allowed: "]),
        (["cost", "--backbone", "cifar_resnet20", "--set", "reducton=8"], ["did you mean: reduction"]),
        (["cost", "--backbone", "cifar_resnet20", "--set", "foo"], ["se-bench: --set takes key=value"]),
        (["cost", "--backbone", "cifar_resnet20", "--set", "stages=[7]"], ["stages", "allowed: all, 1, 2, 3"]),
        (["cost", "--backbone", "cifar_resnet20", "--set", "backbone=cifar_resnet8"], ["--backbone"]),
        (["cost", "--backbone", "cifar_resnet20", "--input", "0"], ["--input"]),
    ],
    ids=lambda words: " ".join(words)[:40],
)
def test_wrong_arguments_are_refused_with_what_is_allowed(here: Path, arguments: list[str], says: list[str]) -> None:
    refused(call(*arguments), says)
    assert contents(here) == {}


@pytest.fixture(scope="module")
def newer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database as a later se-bench leaves it."""
    file = tmp_path_factory.mktemp("newer") / "newer.db"
    Store.open(str(file), create=True).close()
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("UPDATE se_bench_schema SET version_num = '9999'")
    return file


def databases(folder: Path, newer: Path) -> dict[str, tuple[str, str]]:
    (folder / "folder").mkdir()
    (folder / "words.txt").write_text("no database at all, only words")
    shutil.copy(newer, folder / "newer.db")
    return {
        "a folder": ("folder", "it is a folder"),
        "not a database": ("words.txt", "it is not a SQLite database"),
        "below a file": ("words.txt/x.db", "cannot be opened"),
        "nowhere": ("/proc/nowhere/x.db", "cannot be opened"),
        "newer": ("newer.db", "newer than this se-bench"),
        "another kind": ("mysql://me@host/x", "allowed: results/FILE.db"),
        "nobody there": ("postgresql://me:secret@127.0.0.1:1/x", "postgresql://me@127.0.0.1:1/x"),
        "no name": ("", "no database is named"),
    }


@pytest.mark.parametrize(
    "kind",
    ["a folder", "not a database", "below a file", "nowhere", "newer", "another kind", "nobody there", "no name"],
)
def test_a_database_that_cannot_be_used_is_refused_before_anything_is_trained(
    here: Path, newer: Path, kind: str
) -> None:
    url, says = databases(here, newer)[kind]
    name = study(here)
    before = contents(here)
    found = call("run", name, "--db", url)
    refused(found, [says])
    assert "secret" not in found.out + found.err
    assert "accuracy" not in found.out
    assert contents(here) == before


@pytest.mark.parametrize("command", ["status", "results", "export", "report"])
def test_what_only_reads_makes_no_database(here: Path, command: str) -> None:
    name = study(here)
    before = contents(here)
    refused(call(command, name), ["there is no such database", "se-bench run STUDY"])
    refused(call("status"), ["there is no such database"])
    refused(call("db", "upgrade"), ["there is no such database"])
    assert contents(here) == before


@pytest.mark.parametrize(
    ("text", "options"),
    [(STUDIES["unknown key"][0], []), (GOOD, ["--sede", "3"])],
    ids=["study", "option"],
)
def test_the_program_itself_ends_with_2(here: Path, text: str, options: list[str]) -> None:
    command = [str(Path(sys.executable).with_name("se-bench")), "run", study(here, text), *options]
    before = contents(here)
    found = subprocess.run(command, capture_output=True, text=True, check=False)
    refused(Outcome(found.returncode, found.stdout, found.stderr), [])
    assert found.stderr.strip()
    assert contents(here) == before
