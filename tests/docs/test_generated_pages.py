"""Pages that a program makes are what it would make now."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

DOCS = Path(__file__).resolve().parents[2] / "docs"


SOME = ("cifar_resnet20", "cifar_resnet56", "mobilenet_v1", "resnet50", "shufflenet_v1_g3", "vgg16_bn")
"""Of each family one; all take half a minute."""


@pytest.mark.parametrize("names", [SOME, pytest.param((), marks=pytest.mark.slow)], ids=["some", "all"])
def test_the_page_of_backbones_is_current(names: tuple[str, ...]) -> None:
    assert checked(*names) == 0, "run `make docs`"


def test_a_page_that_is_not_current_is_found() -> None:
    assert checked("no_such_backbone") != 0


def checked(*names: str) -> int:
    command = [sys.executable, str(DOCS / "make_backbones.py"), "--check", *names]
    return subprocess.run(command, check=False, timeout=300, capture_output=True).returncode
