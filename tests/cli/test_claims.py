"""`se-bench claims`: statements with verdicts from the database; and the page that is made of them."""

from __future__ import annotations

import importlib.util
import json
import re
from pathlib import Path
from types import ModuleType

import pytest

from se_bench.config import locate
from se_bench.config.load import load_study
from tests.cli import tiny
from tests.cli.programs import call

ROOT = Path(__file__).resolve().parents[2]
SMALL = (*tiny.OVERRIDES, "recipe.epochs=1", "dataset.train_images=128", "dataset.test_images=64")
SET = tuple(word for pair in SMALL for word in ("--set", pair))
STUDY = """\
name: mine
question: Is it | true?
space: se_block
setting: digits
plan: {kind: grid, vary: {reduction: [4]}}
seeds: 3
claims:
  - {id: helps, says: r=4 is better | than none, candidate: {reduction: 4}, expect: better, source: "me; C0"}
  - {id: few, says: it is small, candidate: {reduction: 4}, metric: params, relative: true, expect: not_worse,
     margin: 0.1}
"""


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of somebody with a claim of their own, trained."""
    folder = tmp_path_factory.mktemp("asked")
    (folder / "studies" / "claims").mkdir(parents=True)
    file = folder / "studies" / "claims" / "mine.yaml"
    file.write_text(STUDY)
    tiny.train(load_study(str(file), overrides=SMALL), folder / tiny.DATABASE)
    return folder


@pytest.fixture
def there(asked: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(asked)
    return asked


@pytest.fixture(scope="module")
def make_claims() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_claims", ROOT / "docs" / "make_claims.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_each_statement_has_a_row_with_verdict_and_setting(there: Path) -> None:
    found = call("claims", "mine", *SET)
    assert found.code == 0, found.err
    rows = [line.split() for line in found.out.splitlines() if line.startswith(" mine")]
    assert [(row[1], row[2], row[-1]) for row in rows] == [
        ("helps", rows[0][2], "digits"),
        ("few", "supported", "digits"),
    ]
    assert "2 statements: " in found.out
    assert "Not trained" not in found.out


def test_for_scripts_it_is_what_results_says_with_machine_and_date(there: Path) -> None:
    (study,) = json.loads(call("claims", "mine", *SET, "--json").out, parse_constant=pytest.fail)
    results = json.loads(call("results", "mine", *SET, "--json").out)
    assert study["claims"] == results["claims"]
    assert (study["study"], study["setting"], study["question"]) == ("mine", "digits", "Is it | true?")
    assert re.search(r"torch .* \(\d{4}-\d\d-\d\d\)", study["machines"][0])


def test_what_is_not_trained_is_told_with_the_next_step(there: Path) -> None:
    found = call("claims", "mine", *SET, "--seeds", "5")
    assert "Not trained, or not to the end: mine. Next: se-bench run mine" in found.out


def test_an_unknown_claim_is_refused_with_the_nearest(there: Path) -> None:
    found = call("claims", "mime", *SET)
    assert (found.code, found.out) == (2, "")
    assert "no claim 'mime'" in found.err
    assert "did you mean: mine" in found.err


def test_without_a_database_nothing_is_made(here: Path) -> None:
    found = call("claims", "c07", *SET)
    assert (found.code, list(here.iterdir())) == (2, [])
    assert "se-bench run" in found.err


def test_the_page_has_every_statement_and_its_circumstances(there: Path, make_claims: ModuleType) -> None:
    from se_bench.cli.claims import answers

    (found,) = answers(["mine"], tiny.DATABASE, overrides=list(SMALL))
    page = make_claims.page([found])
    assert "| [mine](#mine) | Is it \\| true? |" in page
    assert "\n## mine\n\nIs it | true?\n\nSetting digits: digits, cifar_resnet8, 1 epochs at batch 64; 6 of 6" in page
    rows = [line for line in page.splitlines() if line.startswith("| r=4") or line.startswith("| it is")]
    assert len(rows) == 2
    assert rows[0].startswith("| r=4 is better \\| than none")
    assert rows[0].endswith("| 3 | me; C0 |")
    assert "**supported**" in rows[1]
    assert re.search(r"torch .* \(\d{4}-\d\d-\d\d\)\.", page)


def test_claims_are_listed_among_the_studies_by_their_names() -> None:
    found = locate.available("studies")
    claims = locate.documents_claims()
    assert {f"c{number:02}" for number in range(1, 13)} <= set(claims) <= set(found)
    assert "digits" not in found, "a setting is no study"
    assert locate.find("studies", "c03").file == ROOT / "studies" / "claims" / "c03.yaml"


def test_make_trains_the_claims_that_the_page_shows() -> None:
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    found = re.search(r"for claim in ((?:c\d\d ?)+);", text)
    assert found
    assert found[1].split() == [name for name in locate.documents_claims() if name != "c12_large"]
