"""What runs below this process, read from /proc, and a wait for its end that needs no sleep."""

from __future__ import annotations

import os
import select
import time
from pathlib import Path


def below(pid: int) -> dict[int, str]:
    """Every living descendant of ``pid`` with its command line."""
    parents, commands = {}, {}
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
            command = (folder / "cmdline").read_text()
        except OSError:  # it ended meanwhile
            continue
        if fields[0] != "Z":
            parents[int(folder.name)] = int(fields[1])
            commands[int(folder.name)] = command.replace("\0", " ").strip()

    def descends(child: int) -> bool:
        parent = parents.get(child)
        return parent is not None and (parent == pid or descends(parent))

    return {child: command for child, command in commands.items() if descends(child)}


def workers() -> set[int]:
    """The processes that train: named after the actor's class; idle and service processes are not."""
    actors = ("ray::Worker", "ray::ResourceTrainable")
    return {pid for pid, command in below(os.getpid()).items() if command.startswith(actors)}


def folder(pid: int) -> Path:
    """The working folder of a living process."""
    return (Path("/proc") / str(pid) / "cwd").readlink()


def watch(pids: set[int]) -> dict[int, int]:
    """A descriptor for each process, which cannot be mistaken for a later process of the same number."""
    return {pid: os.pidfd_open(pid) for pid in pids}


def alive_after(watched: dict[int, int], seconds: float) -> set[int]:
    """The watched processes that have not ended within ``seconds`` from now; closes the descriptors."""
    alive = set()
    deadline = time.monotonic() + seconds
    for pid, descriptor in watched.items():
        poll = select.poll()
        poll.register(descriptor, select.POLLIN)
        if not poll.poll(max(0.0, deadline - time.monotonic()) * 1000):
            alive.add(pid)
        os.close(descriptor)
    return alive
