"""``se-bench reproduce``: what a paper prints beside a database that was really trained."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from se_bench.config.published import names
from tests.cli import tiny
from tests.cli.programs import call, contents


@pytest.fixture(scope="module")
def trained(tiny_place: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The database of a finished study: no block and r=4, two seeds."""
    place = shutil.copytree(tiny_place, tmp_path_factory.mktemp("trained"), dirs_exist_ok=True)
    return Path(place) / tiny.DATABASE


def test_the_tables_are_listed() -> None:
    rows = json.loads(call("reproduce", "--list", "--json").out)
    assert [row["table"] for row in rows] == list(names())
    assert {row["table"]: row["figures"] for row in rows}["senet-table-10"] == 18
    listed = call("reproduce", "--list").out
    assert all(row["table"] in listed and row["title"] in listed for row in rows)


def test_paper_and_database_stand_beside_each_other(trained: Path) -> None:
    before = contents(trained.parent)
    data = json.loads(call("reproduce", "senet-table-10", "--db", str(trained), "--json").out)
    figures = {(each["row"], each["metric"]): each for each in data["figures"]}
    assert figures["r=4", "params_M"]["verdict"] == "same"
    assert figures["r=4", "top5_err"]["verdict"] == "not comparable"
    (setting,) = data["measured_settings"]
    assert (setting["backbone"], setting["dataset"]["name"]) == ("cifar_resnet8", "digits")
    (ours,) = figures["r=4", "top1_err"]["measured"]
    assert [each["part"] for each in ours["differs"]] == ["dataset", "backbone", "recipe"]
    assert (ours["n"], len(ours["trials"]), len(ours["reference_trials"])) == (2, 2, 2)
    assert figures["r=16", "top1_err"]["measured"] == []
    study = tiny.study(trained.parent.parent)
    known = json.loads(call("results", str(study.found["study"].file), *tiny.SET, "--db", str(trained), "--json").out)
    (candidate,) = [each for each in known["candidates"] if each["label"] == "reduction=4"]
    assert ours["accuracy"] == candidate["accuracy"]
    assert ours["change"]["mean"] == candidate["difference"]["mean"]
    assert contents(trained.parent) == before


def test_the_table_names_what_differs_and_why(trained: Path) -> None:
    found = call("reproduce", "senet-table-10", "--db", str(trained))
    assert (found.code, found.err) == (0, "")
    for words in (
        "ImageNet-1k",
        "[1] dataset, backbone, recipe",
        "[1] digits, size=16",
        "(a) the reference row, in another setting",
        "no completed trial of this design in the database",
        "trainable parameters and BatchNorm's running statistics",
        "top-5 error (6)",
    ):
        assert words in found.out
    (row,) = [line for line in found.lines if line.strip().startswith("r=2") and "params" in line]
    assert row.split()[3:7] == ["45.7", "+20.10", "45.73", "+20.12"]


def test_costs_need_no_database(here: Path) -> None:
    found = call("reproduce", "senet-table-13")
    assert found.code == 0
    assert "No database here yet" in found.out
    assert found.lines[-1] == "10 same; 5 not comparable."
    assert contents(here) == {}


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ([], ["name a published table", "allowed: eca-net-table-3", "next: se-bench reproduce --list"]),
        (["senet-tabel-10"], ["no published table 'senet-tabel-10'", "did you mean: senet-table-10"]),
        (["senet-table-10", "--list"], ["--list goes without a table"]),
        (["mine.yaml"], ["there is no file mine.yaml"]),
        (["senet-table-10", "--db", "mysql://x/y"], ["no database of kind"]),
    ],
)
def test_what_cannot_be_meant_is_refused(here: Path, arguments: list[str], says: list[str]) -> None:
    found = call("reproduce", *arguments)
    assert (found.code, found.out) == (2, "")
    assert all(words in found.err for words in says)
    assert contents(here) == {}


def test_a_table_of_ones_own_is_read_by_its_path_with_its_lines(here: Path) -> None:
    text = (Path(__file__).resolve().parents[2] / "published" / "senet-table-10.yaml").read_text()
    (here / "mine.yaml").write_text(text.replace("stride_in: 1x1", "stride_inn: 1x1"))
    found = call("reproduce", "mine.yaml")
    line = text[: text.index("stride_in")].count(os.linesep)
    assert found.code == 2
    assert f"mine.yaml:{line}" in found.err
    assert "did you mean: stride_in" in found.err


def test_printed_figures_are_listed_with_those_that_were_recalled() -> None:
    rows = json.loads(call("list", "published", "--json").out)
    assert len(rows) == 866
    assert set(rows[0]) >= {"paper", "table", "metric", "value", "unit", "source", "recalled"}
    shown = call("list", "published").out
    assert shown.count(" ?") == sum(row["recalled"] for row in rows) == 80
