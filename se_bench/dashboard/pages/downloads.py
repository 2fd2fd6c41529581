"""The files behind the links of ``/export``: plain answers to GET, streamed, never shown in the page."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime

from flask import Response, request

from se_bench.config.filter_text import parse
from se_bench.config.load import load_dashboard
from se_bench.dashboard import report
from se_bench.dashboard.exports import FORMS, MEDIA, Form, export, provenance
from se_bench.dashboard.page.site import Site
from se_bench.dashboard.pages.export import KEYS, selected
from se_bench.dashboard.pages.heading import MAIN
from se_bench.errors import UserError


def trials(site: Site, values: Mapping[str, str], form: Form) -> Iterable[bytes]:
    """A file of the trials of an address. Raises :class:`UserError` before its first piece."""
    frame, found = selected(site.reader, values)
    return export(frame, found.places, form, provenance(site.reader.frames, frame, found, form, datetime.now(UTC)))


def report_file(site: Site, study: str, only: str, dashboard: str) -> bytes:
    """The report of a study, as ``se-bench report`` writes it, of the trials that a filter lets through."""
    return report.render(site.reader.answer(study, parse(only)), load_dashboard(dashboard)).encode()


def register(site: Site) -> None:
    """The addresses of the files."""
    for form in FORMS:
        site.app.server.add_url_rule(
            f"{site.prefix}download/trials.{form}",
            endpoint=f"trials.{form}".replace(".", "-"),
            view_func=lambda form=form: _file(
                lambda values: trials(site, values, form), f"{_asked()['study']}.{form}", MEDIA[form]
            ),
        )
    site.app.server.add_url_rule(
        f"{site.prefix}download/report.html",
        endpoint="report",
        view_func=lambda: _file(
            lambda values: [report_file(site, values["study"], values["f"], _dashboard())],
            f"{_asked()['study']}.{_dashboard()}.html",
            "text/html",
        ),
    )


def _file(make: Callable[[Mapping[str, str]], Iterable[bytes]], name: str, media: str) -> Response:
    try:
        pieces = make(_asked())
    except UserError as problem:
        return Response(f"{problem}\n", status=400, mimetype="text/plain")
    safe = re.sub(r"[^\w.-]+", "_", name, flags=re.ASCII)
    return Response(pieces, mimetype=media, headers={"Content-Disposition": f'attachment; filename="{safe}"'})


def _asked() -> dict[str, str]:
    return {key.name: request.args.get(key.name, key.default) for key in KEYS}


def _dashboard() -> str:
    return request.args.get("dashboard", MAIN)
