"""Serving the pages: a socket, waitress behind it, and the guard in front of the application."""

from __future__ import annotations

import errno
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from waitress.server import create_server

from se_bench.dashboard.page.app import make_app
from se_bench.dashboard.page.guard import LOCAL_NAMES, Guard
from se_bench.dashboard.reader import Reader
from se_bench.errors import ConfigError

FIRST_PORT = 8050
_PORTS_TRIED = 20
_THREADS = 8
_LARGEST_REQUEST = 256 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where the pages are served."""

    host: str = "127.0.0.1"
    """The interface: its name or address."""
    port: int | None = None
    """None: 8050, or the first free one after it; 0: any."""
    prefix: str = "/"
    """The path under which all pages lie, with a slash at both ends."""
    names: tuple[str, ...] = ()
    """Further names by which browsers may call this server."""

    @property
    def is_local(self) -> bool:
        """Whether only this machine can reach it."""
        return self.host in LOCAL_NAMES


class Server:
    """The pages of a database, bound to their address; ``run`` serves until ``close``."""

    def __init__(self, reader: Reader, address: Address) -> None:
        app = make_app(reader, prefix=address.prefix)
        own = () if address.is_local else (address.host, socket.gethostname())
        guarded = Guard(
            app.server,
            names=(*own, *address.names),
            any_address=not address.is_local,
            inline_scripts=app.csp_hashes(),
        )
        self._socket = _bound(address)
        self._served: dict[int, Any] = {}
        self._server: Any = create_server(
            guarded,
            map=self._served,
            sockets=[self._socket],
            threads=_THREADS,
            ident=None,
            max_request_body_size=_LARGEST_REQUEST,
            clear_untrusted_proxy_headers=True,
        )
        host = address.host if ":" not in address.host else f"[{address.host}]"
        self.url = f"http://{host}:{self._socket.getsockname()[1]}{address.prefix}"

    def run(self) -> None:
        """Answer requests until the process is interrupted or :meth:`close` is called from another thread."""
        self._server.run()
        self._server.task_dispatcher.shutdown()
        self._socket.close()

    def close(self) -> None:
        """Stop answering and free the port; may be called from another thread while :meth:`run` is under way."""
        self._server.trigger.pull_trigger(self._end)

    def _end(self) -> None:
        """Close every connection, so that the loop of ``run`` has nothing to wait for. Called by that loop."""
        for each in list(self._served.values()):
            each.close()


def _bound(address: Address) -> socket.socket:
    """A listening socket at the address. Raises :class:`ConfigError` where there is none to be had."""
    ports: Sequence[int] = range(FIRST_PORT, FIRST_PORT + _PORTS_TRIED) if address.port is None else (address.port,)
    for port in ports:
        try:
            family, kind, protocol, _, place = socket.getaddrinfo(
                address.host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
            )[0]
        except socket.gaierror as problem:
            raise ConfigError(f"no interface {address.host!r}: {problem.strerror}", key="--host") from None
        opened = socket.socket(family, kind, protocol)
        try:
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            opened.bind(place)
        except OSError as problem:
            opened.close()
            if problem.errno == errno.EADDRINUSE and port != ports[-1]:
                continue
            hint = "name another with --port, or leave it out" if problem.errno == errno.EADDRINUSE else None
            raise ConfigError(
                f"cannot listen on {address.host}:{port}: {problem.strerror}", key="--port", hint=hint
            ) from None
        return opened
    raise AssertionError("at least one port is tried")
