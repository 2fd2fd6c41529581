"""Pivots from the command line: in every format, from a database that was really trained."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
from pathlib import Path

import pandas as pd
import pytest

from tests.cli import tiny
from tests.cli.programs import call, contents

PIVOT = ("--rows", "reduction", "--columns", "squeeze")


@pytest.fixture(scope="module")
def trained(tiny_place: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where a user stands who has trained no block and r=4, two seeds."""
    return Path(shutil.copytree(tiny_place, tmp_path_factory.mktemp("trained"), dirs_exist_ok=True))


@pytest.fixture
def here(trained: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(trained)
    return trained


def export(*arguments: str) -> str:
    found = call("export", "tiny.yaml", *tiny.SET, *arguments)
    assert found.code == 0, found.err
    return found.out


def test_every_number_is_the_mean_of_the_trials_it_names(here: Path) -> None:
    trials = {row["trial_id"]: row for row in csv.DictReader(io.StringIO(export("--rows", "trials")))}
    rows = list(csv.DictReader(io.StringIO(export(*PIVOT))))
    assert [row["reduction"] for row in rows] == ["baseline", "4"]
    for row in rows:
        ids = row["squeeze=avg accuracy_trials"].split()
        assert len(ids) == int(row["squeeze=avg accuracy_n"]) == 2
        mean = sum(float(trials[each]["accuracy"]) for each in ids) / 2
        assert float(row["squeeze=avg accuracy"]) == pytest.approx(mean)
    data = json.loads(export(*PIVOT, "--format", "json"))
    assert [cell["trial_ids"] for cell in data["cells"]] == [row["squeeze=avg accuracy_trials"].split() for row in rows]


def test_a_pivot_is_written_in_every_format(here: Path) -> None:
    metrics = ("--metric", "accuracy", "--metric", "params")
    assert re.search(r"\| 4 +\| 0\.\d{4}", export(*PIVOT, *metrics, "--format", "markdown"))
    latex = export(*PIVOT, *metrics, "--format", "latex")
    assert latex.count(r"\begin{") == latex.count(r"\end{") == 2
    assert r"\toprule" in latex
    export(*PIVOT, *metrics, "--format", "parquet", "-o", "pivot.parquet")
    frame = pd.read_parquet("pivot.parquet")
    assert list(frame["reduction"]) == ["baseline", "4"]
    assert len(frame["squeeze=avg accuracy_trials"][0]) == 2
    export("--rows", "trials", "--format", "parquet", "-o", "trials.parquet")
    assert len(pd.read_parquet("trials.parquet")) == 4


def test_the_report_holds_the_table_that_was_asked_for(here: Path) -> None:
    arguments = ("--rows", "squeeze", "--metric", "accuracy", "--metric", "macs", "-o", "report.html")
    assert call("report", "tiny.yaml", *tiny.SET, *arguments).code == 0
    page = Path("report.html").read_text()
    assert "Accuracy, macs by squeeze" in page
    assert page.count('download="tiny.digits.') == 5
    assert call("report", "tiny.yaml", *tiny.SET, "-o", "planned.html").code == 0
    assert "Accuracy by reduction" in Path("planned.html").read_text()


@pytest.mark.parametrize(
    ("command", "arguments", "says"),
    [
        (
            "export",
            ["--rows", "reductoin"],
            ["--rows: space se_block has no axis 'reductoin'", "did you mean: reduction"],
        ),
        ("export", ["--rows", "canddates"], ["did you mean: candidates", "allowed: candidates, trials, epochs, block"]),
        ("export", ["--rows", "reduction", "--columns", "gaet"], ["--columns: ", "did you mean: gate"]),
        ("export", ["--rows", "gate", "--columns", "gate"], ["the axis gate is named twice"]),
        ("export", ["--rows", ","], ["no axis is named"]),
        ("export", ["--rows", "gate", "--metric", "acuracy"], ["no metric 'acuracy'", "did you mean: accuracy"]),
        ("export", ["--columns", "gate"], ["--columns belongs to a pivot", "next: name axes with --rows"]),
        ("export", ["--metric", "loss"], ["--metric belongs to a pivot"]),
        ("export", ["--format", "latex"], ["LaTeX is for pivots"]),
        ("export", ["--rows", "gate", "--format", "parquet"], ["not text", "next: name a file with -o"]),
        ("export", ["--format", "parqet"], ["parquet"]),
        ("report", ["--columns", "gate"], ["columns need rows"]),
        ("report", ["--rows", "gaet"], ["did you mean: gate"]),
        ("report", ["--metric", "acuracy"], ["did you mean: accuracy"]),
    ],
)
def test_what_cannot_be_meant_is_refused(here: Path, command: str, arguments: list[str], says: list[str]) -> None:
    before = contents(here)
    found = call(command, "tiny.yaml", *tiny.SET, *arguments)
    assert (found.code, found.out) == (2, "")
    assert "Traceback" not in found.err
    for words in says:
        assert words in found.err
    assert contents(here) == before
