"""A few kills at random moments; `make chaos` does a hundred."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.chaos.mayhem import wreak


@pytest.mark.slow
def test_nothing_is_lost_doubled_or_different(tmp_path: Path) -> None:
    done = wreak(tmp_path, kills=6, seed=7)
    assert (done.lost, done.doubled, done.different, done.hung) == (0, 0, 0, 0), str(done)
    assert done.kills.total() >= 6
