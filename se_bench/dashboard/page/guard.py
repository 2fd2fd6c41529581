"""What stands between the network and the pages: who may ask, and what a browser may do with the answer.

A page on 127.0.0.1 is reached by every web site that the user's browser has open: by a form, or through a name that
the attacker's server resolves to 127.0.0.1 (DNS rebinding). So the name in the Host header must be one of ours, and
what changes nothing but is asked by POST must come from a page of ours.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

LOCAL_NAMES = ("localhost", "127.0.0.1", "::1")
_SAFE_METHODS = ("GET", "HEAD", "OPTIONS")


class Guard:
    """WSGI middleware: refuses foreign hosts and origins with 403, and adds the security headers to every answer.

    Args:
        app: what answers the requests that pass.
        names: further names of this server, besides those of the loopback.
        any_address: whether a literal IP address may stand in the Host header; safe against rebinding, which
            needs a name, and what a server that is reached from other machines is called.
        inline_scripts: CSP sources (``'sha256-...'``) of the scripts that stand in the page itself.
    """

    def __init__(
        self, app: Wsgi, *, names: Sequence[str] = (), any_address: bool = False, inline_scripts: Sequence[str] = ()
    ) -> None:
        self._app = app
        self._names = frozenset(name.lower() for name in (*LOCAL_NAMES, *names))
        self._any_address = any_address
        self._headers = security_headers(inline_scripts)

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer a request, or have it answered."""
        problem = self._problem(environ)
        if problem:
            body = f"{problem}\n".encode()
            headers = [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(body)))]
            start_response("403 Forbidden", [*headers, *self._headers])
            return [body]

        def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            return start_response(status, [*headers, *self._headers], *rest)

        return self._app(environ, start)

    def _problem(self, environ: dict[str, Any]) -> str | None:
        host = str(environ.get("HTTP_HOST", ""))
        if not self._is_ours(name_of(host)):
            return f"This server is not called {host!r}. Next: se-bench dashboard --allow-host NAME"
        if environ.get("REQUEST_METHOD", "GET") in _SAFE_METHODS:
            return None
        site = environ.get("HTTP_SEC_FETCH_SITE", "same-origin")
        origin = environ.get("HTTP_ORIGIN")
        if site not in ("same-origin", "none") or (origin is not None and urlsplit(origin).netloc != host):
            return "Only the pages of this server may ask this."
        return None

    def _is_ours(self, name: str) -> bool:
        return name in self._names or (self._any_address and _is_address(name))


def name_of(host: str) -> str:
    """The name in a Host header: without port, and an IPv6 address without its brackets; lower case."""
    try:
        return (urlsplit(f"//{host}").hostname or "").rstrip(".")
    except ValueError:
        return ""


def security_headers(inline_scripts: Sequence[str]) -> list[tuple[str, str]]:
    """The headers of every answer.

    Styles are inline in plotly's and the grid's elements, and images are data: URLs. Plotly's WebGL traces compile
    their drawing by ``Function``, which is ``unsafe-eval``; scripts in the page and from elsewhere stay forbidden.
    """
    policy = {
        "default-src": "'self'",
        "script-src": " ".join(("'self'", "'unsafe-eval'", *inline_scripts)),
        "style-src": "'self' 'unsafe-inline'",
        "img-src": "'self' data: blob:",
        "font-src": "'self' data:",
        "object-src": "'none'",
        "base-uri": "'none'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
    }
    return [
        ("Content-Security-Policy", "; ".join(f"{what} {sources}" for what, sources in policy.items())),
        ("X-Frame-Options", "DENY"),
        ("X-Content-Type-Options", "nosniff"),
        ("Referrer-Policy", "same-origin"),
        ("Cross-Origin-Opener-Policy", "same-origin"),
        ("Cross-Origin-Resource-Policy", "same-origin"),
    ]


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True
