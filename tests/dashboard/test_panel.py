"""One panel for one answer: what it chooses, says and draws is the same for report and page."""

from __future__ import annotations

import pytest

from se_bench import registry
from se_bench.analysis.selection import select
from se_bench.config.dashboard import Panel
from se_bench.dashboard.panel import shown
from tests.analysis.small_studies import ODD, answered
from tests.figures.odd_studies import factorial, study


def test_it_shows_the_figure_of_the_candidates_that_it_chooses() -> None:
    panel = Panel.read({"figure": "effects", "where": {"gate": ["tanh"], "squeeze": ["avg", "max"]}})
    found = shown(factorial(), panel)
    kind = registry.load("figure", "effects")
    chosen = select(factorial(), {"gate": ("tanh",), "squeeze": ("avg", "max")})
    assert found.figure == kind.draw(kind.compute(chosen, panel))
    assert len(found.figure.data[0].y) == 2
    assert found.caption.startswith("Only gate=tanh, squeeze=avg or max. Accuracy minus")


def test_its_caption_and_table_are_those_of_the_value() -> None:
    panel = Panel.read({"figure": "front_at_costs", "x": ["macs"]})
    found = shown(study("full"), panel)
    kind = registry.load("figure", "front_at_costs")
    value = kind.compute(study("full"), panel)
    assert found.caption == value.caption
    assert found.table == kind.tabulate(value)
    assert found.table is not None
    assert found.table.rows[0][:3] == ("MACs", "10,000", "baseline")


def test_what_is_outside_the_front_is_an_em_dash() -> None:
    found = shown(study("full"), Panel.read({"figure": "front_at_costs", "x": ["macs"], "costs": [1e3, 10_050.0, 1e9]}))
    assert found.table is not None
    below, inside, beyond = found.table.rows
    assert below[2:] == beyond[2:] == ("—",) * 4
    assert inside[2] == "reduction=2"
    assert inside[4].startswith("+4.00 [")


@pytest.mark.parametrize("name", registry.names("figure"))
def test_without_anything_to_show_it_says_what_is_needed(name: str) -> None:
    found = shown(answered(ODD["no trial"]), Panel.read({"figure": name, "where": {"gate": "tanh"}}))
    assert (found.figure, found.table) == (None, None)
    assert found.caption.startswith("Only gate=tanh. Nothing to show yet: this needs ")
