"""Files that appear whole or not at all."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path

from se_bench.errors import UserError

_HINT = "name another file with -o (for `se-bench run`: --report)"


def check_writable(path: Path) -> None:
    """Refuse a path that :func:`write_whole` could not write, before work is done for it. Writes nothing."""
    try:
        problem = _obstacle(path)
    except OSError as error:  # a folder on the way that may not even be looked into
        problem = error.strerror
    if problem:
        raise UserError(f"cannot be written: {problem}", file=path, hint=_HINT)


def write_whole(content: str | bytes, path: Path) -> None:
    """Put ``content`` into the file at ``path``, making its folder; a reader never sees half of it.

    A link stays and what it points to is replaced; a pipe or device (``/dev/stdout``) is written to. Raises
    :class:`UserError` where it cannot be written; nothing is left behind then.
    """
    data = content.encode("utf-8") if isinstance(content, str) else content
    partial = None
    try:
        if _is_device(path):
            path.write_bytes(data)
            return
        target = Path(os.path.realpath(path))
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, partial = tempfile.mkstemp(dir=target.parent, prefix=".se-bench-")
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        Path(partial).chmod(0o644)  # mkstemp's are for the owner alone
        Path(partial).replace(target)
    except OSError as problem:
        if partial:
            with contextlib.suppress(OSError):
                Path(partial).unlink()
        raise UserError(f"cannot be written: {problem.strerror}", file=path, hint=_HINT) from None


def _obstacle(path: Path) -> str | None:
    if _is_device(path):
        return None if os.access(path, os.W_OK) else "Permission denied"
    target = Path(os.path.realpath(path))
    existing = next(place for place in (target, *target.parents) if place.exists())
    if target.is_dir():
        return "it is a folder"
    if existing != target and not existing.is_dir():
        return f"{existing} is no folder"
    folder = existing if existing.is_dir() else existing.parent
    return None if os.access(folder, os.W_OK) else "Permission denied"


def _is_device(path: Path) -> bool:
    """Whether ``path`` is written to, and not replaced: a pipe, a terminal."""
    return path.exists() and not path.is_file() and not path.is_dir()
