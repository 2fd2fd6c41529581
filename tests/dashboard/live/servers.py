"""The server in a thread of its own."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from se_bench.dashboard.page.server import Address, Server
from se_bench.dashboard.reader import Reader


@contextmanager
def serving(reader: Reader, address: Address | None = None) -> Iterator[str]:
    """The address of the pages, as long as they are served."""
    server = Server(reader, address or Address(port=0))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield server.url
    finally:
        server.close()
        thread.join(30)
        assert not thread.is_alive()
