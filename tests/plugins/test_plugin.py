"""Another package's block, backbone and dataset are listed, priced and trained like ours."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "docs" / "examples" / "plugin"
PROGRAM = "from se_bench.cli.main import main; main()"


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the example package, installed by pip from a copy (builds leave files behind)."""
    folder = tmp_path_factory.mktemp("plugin")
    source = shutil.copytree(EXAMPLE, folder / "source")
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
    subprocess.run([*pip, "--target", str(folder / "site"), str(source)], check=True, capture_output=True, timeout=300)
    return folder


def call(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    paths = os.pathsep.join([str(folder / "site"), str(ROOT)])
    return subprocess.run(
        [sys.executable, "-c", PROGRAM, *arguments],
        cwd=folder / "source",
        env={**os.environ, "PYTHONPATH": paths},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


@pytest.mark.parametrize(
    ("kind", "name"), [("blocks", "lct"), ("backbones", "cifar_resnet14"), ("datasets", "gratings")]
)
def test_its_names_are_listed(installed: Path, kind: str, name: str) -> None:
    answer = call(installed, "list", kind, "--json")
    assert answer.returncode == 0, answer.stderr
    listed = {row["name"]: row["object"] for row in json.loads(answer.stdout)}
    assert listed[name].startswith("se_bench_lct.")


def test_its_net_is_priced_and_its_block_counts_as_it_says(installed: Path) -> None:
    answer = call(installed, "cost", "--backbone", "cifar_resnet14", "--set", "block=lct", "--json")
    assert answer.returncode == 0, answer.stderr
    assert json.loads(answer.stdout)["block_params"] == 2 * 2 * (16 + 32 + 64)  # two vectors, two units a stage
    program = (
        "from se_bench.cost.count import count_module; from se_bench_lct.block import LinearContextTransform as L;"
        "assert count_module(L(16, groups=4), (16, 5, 7)) == L.cost(16, 5, 7, groups=4)"
    )
    paths = os.pathsep.join([str(installed / "site"), str(ROOT)])
    subprocess.run([sys.executable, "-c", program], env={**os.environ, "PYTHONPATH": paths}, check=True, timeout=120)


def test_its_study_is_trained(installed: Path) -> None:
    answer = call(installed, "run", "studies/lct.yaml", "--db", str(installed / "lct.db"), "--slots", "1")
    assert answer.returncode == 0, answer.stdout + answer.stderr
    found = json.loads(call(installed, "results", "lct", "--db", str(installed / "lct.db"), "--json").stdout)
    assert found["trials"]["completed"] == 6
    assert [each["label"] for each in found["candidates"]] == ["baseline", "block=se", "block=lct"]


def test_a_name_that_is_taken_is_refused_naming_both(installed: Path, tmp_path: Path) -> None:
    site = shutil.copytree(installed / "site", tmp_path / "site")
    shutil.copytree(installed / "source", tmp_path / "source")
    metadata = next(site.glob("se_bench_lct-*.dist-info")) / "entry_points.txt"
    metadata.write_text(metadata.read_text().replace("lct = ", "se = "))
    answer = call(tmp_path, "list", "blocks")
    assert answer.returncode == 2
    assert "se_bench_lct.block:LinearContextTransform" in answer.stderr
    assert "se_bench.nets.blocks.squeeze_excite:SqueezeExcite" in answer.stderr
    assert "Traceback" not in answer.stderr


def test_a_plugin_that_cannot_be_loaded_is_named_without_a_traceback(installed: Path, tmp_path: Path) -> None:
    site = shutil.copytree(installed / "site", tmp_path / "site")
    shutil.copytree(installed / "source", tmp_path / "source")
    for copy in (site, tmp_path / "source"):  # Python looks into the working folder first
        (copy / "se_bench_lct" / "block.py").unlink()
    answer = call(tmp_path, "cost", "--backbone", "cifar_resnet8", "--set", "block=lct")
    assert answer.returncode == 2
    assert "'lct' of another package cannot be loaded from se_bench_lct.block" in answer.stderr
    assert "Traceback" not in answer.stderr
