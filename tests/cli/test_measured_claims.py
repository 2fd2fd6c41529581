"""Claims about gates and times: measured after training, kept in the database, answered from it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from se_bench.config.load import load_study
from se_bench.run import look_up, recall
from tests.cli import tiny
from tests.cli.programs import call

STUDY = """\
name: measured
question: What do gates and clocks say?
space: se_block
setting: digits
plan: {kind: grid, vary: {reduction: [4]}}
seeds: 3
claims:
  - {id: early, says: ..., candidate: {reduction: 4}, metric: gate_class_share, stage: 1, expect: lower, margin: 2.0}
  - {id: saturated, says: ..., candidate: {reduction: 4}, metric: gate_saturation, stage: 3, expect: equivalent,
     margin: 1.5}
  - {id: dynamic, says: ..., candidate: {reduction: 4}, metric: gate_dynamics, expect: lower, margin: 1.0}
  - {id: quick, says: ..., candidate: {reduction: 4}, metric: latency_ms, expect: not_worse, margin: 99.0,
     relative: true}
  - {id: macs, says: ..., candidate: {reduction: 4}, metric: macs, expect: not_worse, margin: 0.003, relative: true}
"""


SMALL = (*tiny.OVERRIDES, "recipe.epochs=1", "dataset.train_images=128", "dataset.test_images=64")
ARGUMENTS = ("measured.yaml", *(word for pair in SMALL for word in ("--set", pair)))


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("measured")
    (folder / "measured.yaml").write_text(STUDY)
    asked = load_study(str(folder / "measured.yaml"), overrides=SMALL)
    tiny.train(asked, folder / tiny.DATABASE)
    return folder


def claims() -> dict[str, dict[str, object]]:
    found = call("results", *ARGUMENTS, "--json")
    assert found.code == 0, found.err
    return {claim["id"]: claim for claim in json.loads(found.out)["claims"]}


def test_a_run_keeps_what_its_claims_ask_for(measured: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(measured)
    found = claims()
    assert {name: claim["n"] for name, claim in found.items()} == {
        "early": 3, "saturated": 3, "dynamic": 3, "quick": 3, "macs": 0
    }  # fmt: skip
    assert 0 <= found["early"]["estimate"] <= 1
    assert found["early"]["verdict"] == "refuted"
    assert 0 <= found["saturated"]["estimate"] <= 1
    assert -1 <= found["dynamic"]["estimate"] <= 1
    assert found["quick"]["verdict"] == "supported"
    assert found["quick"]["estimate"] > -1
    assert found["macs"]["verdict"] == "supported"
    assert found["macs"]["estimate"] == pytest.approx(2688 / 3_060_352)


def test_what_is_on_record_is_not_measured_again_nor_the_net_trained_again(measured: Path) -> None:
    asked = load_study(str(measured / "measured.yaml"), overrides=SMALL)
    plan = look_up(asked, str(measured / tiny.DATABASE)).plan
    _, before = recall(plan, str(measured / tiny.DATABASE))
    kept = {path.name: path.stat().st_mtime_ns for path in (measured / "results" / "nets").iterdir()}
    assert len(kept) == 3
    assert list((measured / "results" / "checkpoints").iterdir()) == []
    shutil.rmtree(measured / "results" / "nets")
    tiny.train(asked, measured / tiny.DATABASE)
    _, after = recall(plan, str(measured / tiny.DATABASE))
    assert (after.gates, after.latency) == (before.gates, before.latency)
    assert not (measured / "results" / "nets").exists()
    assert len(after.gates) == 3


def test_gates_on_record_are_in_the_report(measured: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(measured)
    assert call("report", *ARGUMENTS, "--dashboard", "gates", "-o", "page.html").code == 0
    page = (measured / "page.html").read_text(encoding="utf-8")
    assert "Nothing to show yet" not in page
    assert "class share" in page
