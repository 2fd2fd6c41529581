"""How much a plan may train at most."""

from __future__ import annotations

from pathlib import Path

import pytest

from se_bench.search.bounds import Bounds, bounds
from se_bench.search.plan import make_plan
from tests.search.searching import Driver, asked

GRID = "vary: {reduction: [2, 4, 8]}"
ASHA = "scheduler: {kind: asha}"


@pytest.mark.parametrize(
    ("plan", "budget", "most"),
    [
        (f"{{{GRID}}}", "hours: 2", Bounds(3, 8, 32, 2.0)),
        (f"{{{GRID}, {ASHA}}}", "trials: 5", Bounds(3, 5, 20, None)),
        ("{kind: tpe, candidates: 9}", "hours: 2", Bounds(9, 20, 80, 2.0)),
        ("{kind: tpe, candidates: 9}", "trials: 7", Bounds(9, 7, 28, None)),
        ("{kind: tpe}", "epochs: 30", Bounds(None, 7, 28, None)),
        (f"{{kind: tpe, {ASHA}}}", "epochs: 30", Bounds(None, 30, 30, None)),
        ("{kind: tpe}", "hours: 2", Bounds(None, None, None, 2.0)),
    ],
)
def test_bounds_are_those_of_the_narrowest_limit(tmp_path: Path, plan: str, budget: str, most: Bounds) -> None:
    nets = asked(tmp_path, plan, rest=f"budget: {{{budget}}}", seeds=2, epochs=4)
    assert bounds(make_plan(nets.study)) == most


def test_a_search_over_nets_may_bring_a_baseline_with_each(tmp_path: Path) -> None:
    plan = "{kind: RandomSampler, candidates: 4, vary: {width: [8, 16], reduction: [2, 4]}}"
    nets = asked(tmp_path, plan, space="full", seeds=1)
    most = bounds(make_plan(nets.study)).trials
    driver = Driver(nets)
    driver.run()
    assert most == 1 + 2 * 4
    assert len(driver.memory.begun) <= most
