"""``/study/NAME``: accuracy against cost with everything that the reader may choose, and the trials in a table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import ClientsideFunction, Input, Output, State, dcc, html, no_update

from se_bench.config.load import load_dashboard
from se_bench.dashboard.page import drawing, grid, parts
from se_bench.dashboard.page.grid import Column
from se_bench.dashboard.page.site import Shown, Site
from se_bench.dashboard.pages import panels
from se_bench.dashboard.pages.heading import MAIN, heading
from se_bench.dashboard.reader import Head
from se_bench.dashboard.state import Key, read
from se_bench.errors import UserError
from se_bench.figures import style

PLACE = "pareto"
"""What the figure of this page is called by its parts."""
OBJECTIVES = ("accuracy", "loss", "train_seconds", "macs", "params", "elementwise", "activations")
MOST_CHOSEN = 8
"""Trials that can be chosen at once."""


def keys(head: Head) -> tuple[Key, ...]:
    """What can be chosen on the page of a study."""
    y, x = head.axes_shown
    return (
        Key(name="y", default=y, choices=OBJECTIVES),
        Key(name="x", default=x, choices=OBJECTIVES),
        Key(name="xs", default="auto", choices=("auto", "log", "linear"), asks=False),
        Key(name="by", choices=("", *head.axes)),
        Key(name="seeds", default="mean", choices=("mean", "each")),
        Key(name="ci", default="95", choices=("95", "0"), asks=False),
        Key(name="front", default="shown", choices=("shown", "all")),
        Key(name="f"),
        Key(name="sel", asks=False),
        Key(name="sort", asks=False),
        Key(name="cols", default=",".join(DEFAULT_COLUMNS), asks=False),
    )
