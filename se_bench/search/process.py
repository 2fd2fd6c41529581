"""Which process this is, in a word that another process on the same machine can check for life."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from functools import cache
from pathlib import Path


def identity() -> str:
    """``PLACE:PID:START``: where process numbers mean the same, this one's number, and when it began."""
    return f"{_place()}:{os.getpid()}:{_start(os.getpid())}"


def is_gone(holder: str) -> bool:
    """Whether the process that called itself ``holder`` has certainly ended; False where that cannot be known."""
    place, _, rest = holder.partition(":")
    pid, _, start = rest.partition(":")
    return bool(start) and place == _place() and pid.isdigit() and _start(int(pid)) != start.partition("/")[0]


def ended(processes: Mapping[int, str]) -> bool:
    """Whether one of these processes, of which :func:`children` told, has ended since."""
    return any(_start(pid) != start for pid, start in processes.items())


def children(*words: str) -> dict[int, str]:
    """The processes below this one whose command has one of ``words``, each with when it began; none without /proc."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parent = (folder / "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[1]
            command = (folder / "cmdline").read_text(encoding="utf-8", errors="replace")
        except OSError:  # it has ended meanwhile
            continue
        if int(parent) == os.getpid() and any(word in command for word in words):
            found[int(folder.name)] = _start(int(folder.name))
    return found


def is_running(pid: int) -> bool:
    """Whether there is a process of this number."""
    try:
        os.kill(pid, 0)  # asks, and sends nothing
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


@cache
def _place() -> str:
    """One word for this boot of the machine and this namespace of processes; no name of a host in it."""
    parts = [os.uname().nodename]
    for part in ("/proc/sys/kernel/random/boot_id", "/proc/self/ns/pid"):
        path = Path(part)
        parts.append(str(path.readlink()) if path.is_symlink() else path.read_text() if path.exists() else "")
    return hashlib.blake2b(" ".join(parts).encode(), digest_size=8).hexdigest()


def _start(pid: int) -> str:
    """When the process began, in ticks since boot; empty where there is none (or it has ended and waits to be seen)."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    except OSError:
        return "" if Path("/proc/self/stat").exists() else "unknown"
    return "" if fields[0] in ("Z", "X") else fields[19]


def cores() -> int:
    """Processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
