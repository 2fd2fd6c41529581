"""The documentation mentions what there is, and its links lead somewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import typer
import yaml

from se_bench.cli.main import app
from se_bench.config.claim import Claim, Pair
from se_bench.config.plan import Budget, PlanDefinition, Scheduler
from se_bench.config.study import SeedRange, StudyDefinition

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
LINK = re.compile(r"!?\[[^\]]*\]\(\s*<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\s*\)")
FENCE = re.compile(r"^(```|~~~).*?^\1", re.M | re.S)

every_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))


def prose(page: Path) -> str:
    """The page without its blocks of code."""
    return FENCE.sub("", page.read_text(encoding="utf-8"))


def anchors(page: Path) -> set[str]:
    """The names that GitHub gives to the headings of a page."""
    headings = re.findall(r"^#{1,6}\s+(.*?)\s*$", prose(page), re.M)
    words = [re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).replace("`", "") for heading in headings]
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in words}


def commands() -> list[str]:
    """Every command as it is typed, without the program's name."""
    found = []
    for name, command in typer.main.get_command(app).commands.items():  # type: ignore[attr-defined]
        below = getattr(command, "commands", None)
        found += [f"{name} {rest}" for rest in below] if below else [name]
    return found


@pytest.mark.parametrize("command", commands())
def test_every_command_is_documented(command: str) -> None:
    text = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8") + (ROOT / "README.md").read_text(
        encoding="utf-8"
    )
    assert re.search(rf"se-bench {command}\b", text)


@every_page
def test_every_relative_link_leads_to_a_file_and_a_heading(page: Path) -> None:
    for target in LINK.findall(prose(page)):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = target.partition("#")
        file = (page.parent / name).resolve() if name else page
        assert file.exists(), f"{page.name}: {target}"
        assert file.is_relative_to(ROOT), f"{page.name}: {target} leaves the repository"
        if anchor and file.suffix == ".md":
            assert anchor in anchors(file), f"{page.name}: {target}"


def test_the_links_of_a_page_are_found() -> None:
    text = 'See [a](b.md), ![an image](images/c.png "with a title") and [d](<e.md#f-g>).'
    assert LINK.findall(text) == ["b.md", "images/c.png", "e.md#f-g"]


@pytest.mark.parametrize("model", [StudyDefinition, PlanDefinition, Scheduler, Budget, SeedRange, Claim, Pair])
def test_every_key_of_a_study_stands_in_the_guide_to_studies(model: type) -> None:
    text = (ROOT / "docs" / "studies.md").read_text(encoding="utf-8")
    keys = list(model.model_fields)  # type: ignore[attr-defined]
    assert [key for key in keys if not re.search(rf"\b{key}:", text)] == []


def test_the_claims_of_the_guide_to_studies_are_ones_that_a_study_may_make() -> None:
    blocks = re.findall(r"^```yaml\n(.*?)^```", (ROOT / "docs" / "studies.md").read_text(encoding="utf-8"), re.M | re.S)
    found = [yaml.safe_load(block) for block in blocks]
    claims = [claim for block in found for claim in (block.get("claims", ()) if isinstance(block, dict) else block)]
    read = [Claim.read(claim) for claim in claims]
    assert len(read) == 5
    assert {claim.metric for claim in read} >= {"accuracy", "epochs_to", "gradient_norm"}
    assert any(claim.than for claim in read)
    assert any(claim.along for claim in read)


@pytest.mark.parametrize("page", ["studies.md", "search.md"])
def test_the_plans_of_a_guide_are_ones_that_a_study_may_have(page: str) -> None:
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    blocks = [yaml.safe_load(block) for block in re.findall(r"^```yaml\n(.*?)^```", text, re.M | re.S)]
    plans = [block for block in blocks if isinstance(block, dict) and "plan" in block]
    assert plans
    for block in plans:
        plan = {"vary": {"reduction": [2, 4]}} | block["plan"]
        head = {"name": "mine", "question": "Which?", "space": "se_block", "setting": "digits"}
        assert StudyDefinition.read(head | block | {"plan": plan}).plan.kind == plan.get("kind", "grid")


def test_the_pages_that_the_code_refers_to_are_there() -> None:
    named = {
        page
        for module in (ROOT / "se_bench").rglob("*.py")
        for page in re.findall(r"docs/\w+\.md", module.read_text(encoding="utf-8"))
    }
    assert named
    assert [page for page in sorted(named) if not (ROOT / page).is_file()] == []
