"""A study in a line: its best candidate, how many are on the front, and the cheapest that is nearly as good."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from se_bench.analysis.front import front
from se_bench.analysis.seed_table import SeedTable, maximized

NEARLY = 0.005
"""How far from the best an accuracy may be to be nearly as good: half a point. Of others, this share of the best."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Headline:
    """What a list says of a study. Candidates with diverged or failed trials are not ranked."""

    y: str
    x: str
    best: str
    """Label of the best candidate, by its mean over seeds; of equals, the cheapest."""
    value: float
    """Its mean."""
    front: int
    """Candidates on the front of the means."""
    cheapest: str
    """Label of the cheapest candidate that is nearly as good as the best."""
    cost: float
    """Its cost."""


def compute(found: SeedTable, y: str, x: str, objectives: Mapping[Any, str]) -> Headline | None:
    """The headline of a study's measurements; None where no candidate can be ranked."""
    gain, cost = (
        (1 if maximized(name, objectives) else -1) * found.mean(name) * sign for name, sign in ((y, 1), (x, -1))
    )
    ranked = np.flatnonzero(found.reliable & np.isfinite(gain) & np.isfinite(cost))
    if not ranked.size:
        return None
    best = ranked[np.lexsort((cost[ranked], -gain[ranked]))[0]]
    reach = NEARLY if y.endswith("accuracy") else NEARLY * abs(gain[best])
    near = ranked[gain[ranked] >= gain[best] - reach]
    cheapest = near[np.lexsort((-gain[near], cost[near]))[0]]
    return Headline(
        y=y,
        x=x,
        best=found.labels[best],
        value=float(found.mean(y)[best]),
        front=len(front(-cost[ranked], gain[ranked], maximize_x=True)),
        cheapest=found.labels[cheapest],
        cost=float(found.mean(x)[cheapest]),
    )
