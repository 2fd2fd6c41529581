"""House rules that can be read off the files: each says what it is for, and none is long."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LONGEST = 400
MODULES = sorted((ROOT / "se_bench").rglob("*.py"))
FILES = [
    file
    for file in sorted((ROOT / "se_bench").rglob("*"))
    if file.is_file() and file.suffix != ".pyc" and "_shipped" not in file.parts
]


def name(file: Path) -> str:
    return str(file.relative_to(ROOT))


def test_there_are_modules_to_look_at() -> None:
    assert len(MODULES) > 50


@pytest.mark.parametrize("module", MODULES, ids=name)
def test_every_module_starts_with_what_it_is_for(module: Path) -> None:
    says = ast.get_docstring(ast.parse(module.read_text(encoding="utf-8")))
    assert says
    assert len(says.splitlines()[0]) > 10


@pytest.mark.parametrize("file", FILES, ids=name)
def test_no_file_is_longer_than_400_lines(file: Path) -> None:
    assert len(file.read_text(encoding="utf-8").splitlines()) <= LONGEST
