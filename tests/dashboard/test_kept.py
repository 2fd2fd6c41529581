"""Values that are made once and kept for a while."""

from __future__ import annotations

import threading

import pytest

from se_bench.dashboard.kept import Kept


def test_a_value_is_made_once() -> None:
    made: list[str] = []
    kept: Kept[int] = Kept(2)
    for _ in range(3):
        assert kept.get("a", lambda: made.append("a") or 1) == 1
    assert made == ["a"]


def test_the_one_that_was_not_asked_for_longest_goes_first() -> None:
    made: list[str] = []
    kept: Kept[str] = Kept(2)
    for key in "abacab":
        kept.get(key, lambda key=key: made.append(key) or key)
    assert made == ["a", "b", "c", "b"]


def test_a_failure_is_not_kept() -> None:
    kept: Kept[int] = Kept(2)
    with pytest.raises(ZeroDivisionError):
        kept.get("a", lambda: 1 // 0)
    assert kept.get("a", lambda: 5) == 5


def test_who_asks_meanwhile_waits_for_the_value() -> None:
    kept: Kept[int] = Kept(2)
    begun, go_on = threading.Event(), threading.Event()
    made: list[int] = []

    def slowly() -> int:
        begun.set()
        assert go_on.wait(30)
        made.append(7)
        return 7

    found: list[int] = []
    threads = [threading.Thread(target=lambda: found.append(kept.get("a", slowly))) for _ in range(4)]
    for thread in threads:
        thread.start()
    assert begun.wait(30)
    go_on.set()
    for thread in threads:
        thread.join(30)
    assert (found, made) == ([7] * 4, [7])
