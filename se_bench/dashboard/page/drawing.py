"""How a figure gets onto the screen: the server's drawing, in the theme of the page, with what the reader has chosen.

The drawing is kept as it came; theme, scale and highlight are laid over it in the browser, without a request.
"""

from __future__ import annotations

import json
from typing import Any

from dash import MATCH, ClientsideFunction, Input, Output, State, dcc

from se_bench.dashboard.page.parts import part
from se_bench.dashboard.page.site import Site
from se_bench.figures import style


def stores() -> list[Any]:
    """What the frame of all pages holds for its figures."""
    return [dcc.Store(id="themes", data=json.loads(style.theme_changes()))]


def register(site: Site) -> None:
    """Draw each figure when it comes, and again in other colours when the theme changes."""
    site.app.clientside_callback(
        ClientsideFunction("figures", "draw"),
        Output(part("graph", MATCH, MATCH), "figure"),
        Output(part("stage", MATCH, MATCH), "className"),
        Output(part("graph", MATCH, MATCH), "style"),
        Input(part("drawn", MATCH, MATCH), "data"),
        Input(part("look", MATCH, MATCH), "data"),
        Input("mode", "data"),
        State("themes", "data"),
        State(part("graph", MATCH, MATCH), "figure"),
        prevent_initial_call=True,
    )
    site.app.clientside_callback(
        ClientsideFunction("figures", "list"),
        Output(part("listed", MATCH, MATCH), "className"),
        Input(part("rows", MATCH, MATCH), "data"),
        State(part("listed", MATCH, MATCH), "id"),
        prevent_initial_call=True,
    )


def drawn(figure: Any, *, revision: str, **meta: Any) -> dict[str, Any]:
    """A figure as the browser gets it.

    Args:
        figure: plotly's.
        revision: equal as long as zoom, legend and selection of the reader stay.
        meta: kept beside it for the page's own scripts.
    """
    entry: dict[str, Any] = figure.to_plotly_json()
    entry["layout"] = {**entry["layout"], "uirevision": revision}
    return {"data": entry["data"], "layout": entry["layout"], "meta": meta}
