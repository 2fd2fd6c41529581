"""Live refresh: the browser asks for a mark of what it shows, rarely where nothing happens, and draws what is new.

A mark is a short text that is equal as long as nothing has changed. How often it is asked for, and that a hidden tab
or a finished study asks for nothing, is decided in ``assets/live.js``.
"""

from __future__ import annotations

from typing import Any

from dash import ClientsideFunction, Input, Output, State, dcc, html

from se_bench.dashboard.page.site import Site
from se_bench.errors import UserError
from se_bench.records import Status


def parts() -> list[Any]:
    """What the frame of all pages needs for it."""
    return [
        dcc.Interval(id="tick", interval=2000),
        dcc.Store(id="ask"),
        dcc.Store(id="beat"),
        html.Span(id="age", className="soft age"),
        html.Button("Refresh", id="refresh", type="button", className="plain"),
    ]


def beat(site: Site, subject: dict[str, Any]) -> dict[str, Any]:
    """The present mark of what a page shows, or what is wrong with the database.

    ``active``: trials are running, so that something will change soon; ``finished``: nothing will.
    """
    try:
        if "study" not in subject:
            return {"mark": site.reader.database_watermark(), "active": False, "finished": False}
        frame = site.reader.frames.frame(subject["study"])
        running = frame.counts()[Status.RUNNING] > 0
        return {"mark": frame.watermark, "active": running, "finished": frame.finished}
    except UserError as problem:
        return {"error": str(problem)}


def register(site: Site) -> None:
    """Ask, answer, and take the answer in."""
    app = site.app
    app.clientside_callback(
        ClientsideFunction("live", "ask"),
        Output("ask", "data"),
        Input("tick", "n_intervals"),
        Input("refresh", "n_clicks"),
        State("subject", "data"),
        prevent_initial_call=True,
    )

    @app.callback(Output("beat", "data"), Input("ask", "data"), State("subject", "data"), prevent_initial_call=True)
    def _answer(asked: int, subject: dict[str, Any]) -> dict[str, Any]:
        return {"asked": asked, **beat(site, subject)}

    app.clientside_callback(
        ClientsideFunction("live", "hear"),
        Output("mark", "data"),
        Output("tick", "interval"),
        Output("tick", "disabled"),
        Input("beat", "data"),
        Input("subject", "data"),
        State("mark", "data"),
        State("tick", "interval"),
    )
