"""Configurations beside each other."""

from __future__ import annotations

from se_bench.dashboard.differing import in_words, settings

BASE = {"block": "none", "width": 16}
OWN = {"block": "se", "stages": [1, 2], "bias": False, "width": 16}


def test_what_differs_comes_first_in_the_order_given() -> None:
    found = [(each.axis, each.here, each.there, each.differs) for each in settings(OWN, BASE)]
    assert found == [
        ("block", "se", "none", True),
        ("stages", "1+2", "–", True),
        ("bias", "no", "–", True),
        ("width", "16", "16", False),
    ]


def test_an_axis_of_the_other_alone_is_there_too() -> None:
    assert [(each.axis, each.here) for each in settings(BASE, OWN)][:2] == [("block", "none"), ("stages", "–")]


def test_the_difference_in_a_line() -> None:
    assert in_words(OWN, BASE) == "block=se, stages=1+2, bias=no"
    assert in_words(OWN, BASE, but=("block",)) == "stages=1+2, bias=no"
    assert in_words(BASE, BASE) == "nothing"
    assert in_words(BASE, None) == "block=none, width=16"
