"""Files that appear whole or not at all."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path

from se_bench.errors import UserError


def write_whole(text: str, path: Path) -> None:
    """Put ``text`` into the file at ``path``, making its folder; a reader never sees half of it.

    Raises :class:`UserError` where it cannot be written; nothing is left behind then.
    """
    partial = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, partial = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        Path(partial).chmod(0o644)  # mkstemp's are for the owner alone
        Path(partial).replace(path)
    except OSError as problem:
        if partial:
            with contextlib.suppress(OSError):
                Path(partial).unlink()
        raise UserError(f"cannot be written: {problem.strerror}", file=path, hint="name another file with -o") from None
