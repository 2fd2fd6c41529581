"""A built wheel has everything: definitions, template, migrations; and works from any folder."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from se_bench.config.locate import KINDS, Folder

ROOT = Path(__file__).resolve().parents[2]
LISTED: dict[str, Folder] = {
    "studies": "studies",
    "settings": "studies/settings",
    "spaces": "search_spaces",
    "dashboards": "dashboards",
}


def run(*command: str | Path, folder: Path, **environment: str) -> str:
    """Standard output; what the program says when it fails is the test's failure."""
    found = subprocess.run(
        [str(word) for word in command],
        cwd=folder,
        env={key: value for key, value in os.environ.items() if key != "SE_BENCH_DB"} | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.returncode == 0, found.stdout + found.stderr
    return found.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built from a copy of what git would commit, so that nothing else can slip in or hold it up."""
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout: nobody says which files belong to the project")
    pytest.importorskip("build", reason="the test extras are not installed: pip install -e '.[test]'")
    copy = tmp_path_factory.mktemp("copy")
    for name in run("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", folder=ROOT).split("\0"):
        if name and (ROOT / name).is_file():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, copy / name)
    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", copy / "out", folder=copy)
    (built,) = (copy / "out").iterdir()
    return built


@pytest.fixture(scope="module")
def site(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel installed in it, outside of the checkout."""
    target = tmp_path_factory.mktemp("installed") / "site"
    pip = (sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
    run(*pip, "--no-deps", "--no-index", "--target", target, wheel, folder=target.parent)
    return target


def test_the_wheel_has_every_file_that_is_no_code_too(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    for folder in KINDS:
        for file in (ROOT / folder).rglob("*.yaml"):
            assert f"se_bench/_shipped/{file.relative_to(ROOT)}" in names
    for file in (ROOT / "se_bench").rglob("*"):
        if file.is_file() and file.suffix != ".pyc":
            assert str(file.relative_to(ROOT)) in names
    assert "se_bench/_shipped/published/published.csv" in names
    assert {"se_bench/py.typed", "se_bench/dashboard/report.html.j2"} <= names
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in names)
    assert not any(name.startswith("tests/") for name in names)


def test_the_installed_package_is_the_one_that_is_imported(site: Path) -> None:
    where = run(
        sys.executable, "-c", "import se_bench; print(se_bench.__file__)", folder=site.parent, PYTHONPATH=str(site)
    )
    assert Path(where.strip()) == site / "se_bench" / "__init__.py"


def test_it_ships_the_definitions_of_the_repository(site: Path) -> None:
    for kind, folder in LISTED.items():
        program = (sys.executable, site / "bin" / "se-bench", "list", kind, "--json")
        rows = json.loads(run(*program, folder=site.parent, PYTHONPATH=str(site)))
        files = {file.stem: file for place in (folder, f"{folder}/claims") for file in (ROOT / place).glob("*.yaml")}
        assert {row["name"] for row in rows} == set(files)
        for row in rows:
            assert row["origin"] == "shipped"
            assert Path(row["file"]) == site / "se_bench" / "_shipped" / files[row["name"]].relative_to(ROOT)
            assert Path(row["file"]).read_bytes() == files[row["name"]].read_bytes()


def test_it_plans_the_main_job_from_another_folder_and_writes_nothing_there(site: Path, tmp_path: Path) -> None:
    program = (sys.executable, site / "bin" / "se-bench", "plan", "reduction_ratio", "--json")
    small = ("--set", "dataset.train_images=256", "--set", "dataset.test_images=64")
    plan = json.loads(run(*program, *small, folder=tmp_path, PYTHONPATH=str(site)))
    assert (plan["study"], plan["setting"], plan["trials"], plan["known"]) == ("reduction_ratio", "digits", 30, 0)
    assert [each["label"] for each in plan["candidates"]] == [
        "baseline",
        *(f"reduction={ratio}" for ratio in (2, 4, 8, 16, 32)),
    ]
    assert plan["expected_seconds"] > 0
    assert list(tmp_path.iterdir()) == []


def test_it_compares_a_published_table_from_another_folder(site: Path, tmp_path: Path) -> None:
    program = (sys.executable, site / "bin" / "se-bench", "reproduce", "senet-table-10", "--json")
    found = json.loads(run(*program, folder=tmp_path, PYTHONPATH=str(site)))
    costs = [each for each in found["figures"] if each["metric"] == "params_M"]
    assert [each["verdict"] for each in costs] == ["same"] * 6
    assert list(tmp_path.iterdir()) == []


def test_it_makes_a_database_by_its_own_migrations(site: Path, tmp_path: Path) -> None:
    program = (
        "import sys; from se_bench.store.repository import Store; from se_bench.store import migrations;"
        "Store.open(sys.argv[1], create=True).close(); print(migrations.__file__)"
    )
    database = tmp_path / "made.db"
    where = run(sys.executable, "-c", program, database, folder=tmp_path, PYTHONPATH=str(site))
    assert Path(where.strip()).is_relative_to(site)
    assert database.is_file()
