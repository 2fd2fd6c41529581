"""Pages that a program makes are what it would make now."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

DOCS = Path(__file__).resolve().parents[2] / "docs"


def test_the_page_of_backbones_is_current() -> None:
    checked = subprocess.run([sys.executable, str(DOCS / "make_backbones.py"), "--check"], check=False, timeout=300)
    assert checked.returncode == 0, "run `make docs`"
