"""The table of trials: as many rows as there are, of which the browser holds what is on the screen.

The grid asks for blocks of 100 rows in its order; filter and order are the server's.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import dash_ag_grid as ag
from dash import dcc, html

from se_bench.dashboard.columns import Column
from se_bench.dashboard.page import parts

BLOCK = 100
_FORMATS = {
    "fraction": "d3.format('.4f')(params.value)",
    "decimal": "d3.format('.4~f')(params.value)",
    "count": "d3.format(',')(params.value)",
    "seconds": "d3.format(',.1f')(params.value)",
}


def grid(columns: Sequence[Column], shown: Sequence[str], sort: str) -> Any:
    """The table, sorted as ``sort`` says (``-accuracy``: best first), with a choice of its columns below it."""
    names = {each.name: each.words for each in columns}
    choice = html.Details(
        [
            html.Summary("Columns"),
            parts.choices("cols", "Columns", names, [each.name for each in columns if each.name in shown], many=True),
        ],
        className="as-table",
    )
    table = ag.AgGrid(
        id="grid",
        columnDefs=[_definition(each, each.name in shown, sort) for each in columns],
        defaultColDef={"sortable": True, "resizable": True, "suppressMovable": True, "minWidth": 60},
        rowModelType="infinite",
        getRowId="params.data.id",
        dashGridOptions={
            "cacheBlockSize": BLOCK,
            "maxBlocksInCache": 20,
            "infiniteInitialRowCount": 1,
            "rowHeight": 32,
            "headerHeight": 36,
            "suppressMultiSort": True,
            "animateRows": False,
            "ensureDomOrder": True,
            "enableCellTextSelection": True,
            "theme": {"function": "seBenchTheme(themeQuartz)"},
        },
        eventListeners={"cellFocused": ["seBenchFocused(params)"], "cellKeyDown": ["seBenchKey(params)"]},
        style={"height": "430px", "width": "100%"},
    )
    return html.Div([table, choice, dcc.Store(id="grid-order")], className="grid")


def _definition(column: Column, shown: bool, sort: str) -> dict[str, Any]:
    is_number = column.kind in _FORMATS
    definition: dict[str, Any] = {
        "field": column.name,
        "colId": column.name,
        "headerName": column.words,
        "headerTooltip": column.tip or column.words,
        "width": column.width,
        "hide": not shown,
        "cellClass": "number" if is_number else "words",
        "headerClass": "number" if is_number else "words",
    }
    if is_number:
        definition["valueFormatter"] = {"function": f"params.value == null ? '–' : {_FORMATS[column.kind]}"}
    if column.name == "candidate":
        definition |= {"cellRenderer": "TrialLink", "flex": 1, "minWidth": column.width}
    if sort.removeprefix("-") == column.name:
        definition["sort"] = "desc" if sort.startswith("-") else "asc"
    return definition
