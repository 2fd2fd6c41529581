"""The application: the frame around every page, and the router that puts a page into it."""

from __future__ import annotations

import logging
from typing import Any

import pandas as pd  # noqa: F401 - plotly looks whether it is there, and fails while another thread imports it
from dash import ALL, ClientsideFunction, Dash, Input, Output, State, dcc, html, no_update, set_props
from flask_compress import Compress

from se_bench.dashboard import pages
from se_bench.dashboard.page import drawing, parts, refresh
from se_bench.dashboard.page.site import Shown, Site
from se_bench.dashboard.reader import Reader
from se_bench.errors import UserError

_NO_PAGE = [*parts.stores(subject={"still": True}, mark=None), dcc.Store(id="rendered")]
"""What callbacks find before the first page has come."""
_INDEX = """<!doctype html>
<html lang="en">
<head>
{%metas%}
<title>{%title%}</title>
<link rel="icon" href="data:,">
<script src="THEME"></script>
{%css%}
</head>
<body>
<noscript>This page needs JavaScript, all of it from this server. Without: se-bench results STUDY</noscript>
{%app_entry%}
<footer>{%config%}{%scripts%}{%renderer%}</footer>
</body>
</html>
"""


def make_app(reader: Reader, *, prefix: str = "/") -> Dash:
    """The application over a database. It loads nothing from elsewhere, offers no upload and no debugger."""
    app = Dash(
        __package__,
        assets_folder="assets",
        assets_ignore=r"theme\.js",
        use_pages=False,
        include_pages_meta=False,
        url_base_pathname=prefix,
        serve_locally=True,
        compress=False,
        enable_mcp=False,
        suppress_callback_exceptions=True,
        title="se-bench",
        update_title="",
        add_log_handler=False,
        on_error=_told,
    )
    app.index_string = _INDEX.replace("THEME", app.get_asset_url("theme.js"))
    app.server.config["COMPRESS_ALGORITHM"] = ["br", "gzip"]
    app.server.config["COMPRESS_STREAMS"] = False
    Compress(app.server)
    site = Site(app, reader, prefix)
    app.layout = _frame(site)
    _route(site)
    refresh.register(site)
    drawing.register(site)
    pages.register(site)
    return app


def _frame(site: Site) -> Any:
    return html.Div(
        [
            html.A("Skip to content", href="#content", className="skip"),
            dcc.Location(id="url", refresh=False),
            dcc.Store(id="route"),
            dcc.Store(id="applied"),
            dcc.Store(id="title"),
            dcc.Store(id="arrived"),
            dcc.Store(id="mode"),
            *drawing.stores(),
            html.Header(
                [
                    html.Nav(id="trail", className="trail", **{"aria-label": "Where you are"}),
                    html.Div(
                        [*refresh.parts(), html.Button("Dark", id="theme", type="button", className="plain")],
                        className="tools",
                    ),
                ],
                className="top",
            ),
            html.Div(id="banner", className="banner", role="alert", hidden=True),
            html.Main(html.Div(_NO_PAGE, id="page", className="page"), id="content", tabIndex=-1),
        ],
        className="frame",
    )


def _route(site: Site) -> None:
    app = site.app
    app.clientside_callback(
        ClientsideFunction("page", "route"),
        Output("route", "data"),
        Input("url", "pathname"),
        Input("url", "search"),
        State("applied", "data"),
    )

    @app.callback(
        Output("page", "children"),
        Output("trail", "children"),
        Output("title", "data"),
        Input("route", "data"),
        prevent_initial_call=True,
    )
    def _show(route: dict[str, Any]) -> tuple[Any, Any, str]:
        shown = pages.build(site, route["pathname"], route["search"])
        content = shown.content if isinstance(shown.content, list) else [shown.content]
        return [*content, dcc.Store(id="rendered", data=route["at"])], _trail(site, shown), shown.title

    app.clientside_callback(
        ClientsideFunction("page", "query"),
        Output("query", "data"),
        Output("question", "data"),
        Input({"control": ALL}, "value"),
        State({"control": ALL}, "id"),
        State("known", "data"),
        State("query", "data"),
        State("question", "data"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("page", "address"),
        Output("applied", "data"),
        Output("url", "search"),
        Input("query", "data"),
        State("rendered", "data"),
        State("known", "data"),
    )
    app.clientside_callback(
        ClientsideFunction("page", "arrived"),
        Output("arrived", "data"),
        Input("title", "data"),
        State("arrived", "data"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("page", "theme"),
        Output("mode", "data"),
        Output("theme", "children"),
        Output("theme", "aria-label"),
        Input("theme", "n_clicks"),
    )


def _trail(site: Site, shown: Shown) -> list[Any]:
    links = [dcc.Link("se-bench", href=site.href(), className="brand")]
    links += [dcc.Link(words, href=address) for words, address in shown.trail]
    return links


def _told(problem: Exception) -> Any:
    """What the user can mend is said in the banner; what is our fault is logged and said too. Nothing is changed."""
    if isinstance(problem, UserError):
        words = str(problem)
    else:
        logging.getLogger("se_bench.dashboard").exception("a page's callback failed", exc_info=problem)
        words = f"A fault of se-bench, please report it: {type(problem).__name__}: {problem}"
    set_props("banner", {"children": words, "hidden": False})
    return no_update
