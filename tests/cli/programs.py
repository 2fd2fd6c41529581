"""The program, called in this process or as one of its own, and what it leaves behind."""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import select
import signal
import subprocess
import sys
import tempfile
import threading
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from se_bench.cli.main import main

PATIENCE = 180.0
"""Seconds after which a program that hangs is killed, so that the test fails instead."""


@dataclass(frozen=True)
class Outcome:
    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()


def call(*arguments: str) -> Outcome:
    """Run one command in this process."""
    out, err = io.StringIO(), io.StringIO()
    with (
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
        pytest.raises(SystemExit) as end,
    ):
        main(list(arguments))
    code = end.value.code
    assert code is None or isinstance(code, int)
    return Outcome(code or 0, out.getvalue(), err.getvalue())


def contents(folder: Path) -> dict[str, str]:
    """Every file and folder below ``folder`` with a hash of what is in it."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "folder"
        for path in sorted(folder.rglob("*"))
    }


class Program:
    """``se-bench`` in a process group of its own; whatever it starts can be found by a mark."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        self._mark = f"SE_BENCH_TEST={uuid.uuid4().hex}"
        self.temp = Path(tempfile.mkdtemp(prefix="sbt-", dir="/tmp"))  # short, for the paths of Ray's sockets
        name, _, value = self._mark.partition("=")
        environment = {key: own for key, own in os.environ.items() if key != "SE_BENCH_DB"}
        self._errors = tempfile.TemporaryFile("w+")  # noqa: SIM115 - open as long as the program runs
        self.process = subprocess.Popen(
            [str(Path(sys.executable).with_name("se-bench")), *arguments],
            cwd=folder,
            env={**environment, name: value, "TMPDIR": str(self.temp)},
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
            start_new_session=True,
            # A shell starts what runs in its background with SIGINT ignored, and children inherit that.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509 - before threads matter
        )
        self._watchdog = threading.Timer(PATIENCE, self.signal, [signal.SIGKILL])
        self._watchdog.start()
        self.lines: list[str] = []

    def read_until(self, beginning: str) -> None:
        """Read lines until one starts with ``beginning``."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line.rstrip("\n"))
            if line.startswith(beginning):
                return
        pytest.fail(f"no line {beginning!r} in {self.lines} {self.errors()}")

    def signal(self, number: signal.Signals) -> None:
        """To the whole group, as a terminal does."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, number)

    def finish(self, timeout: float = PATIENCE) -> Outcome:
        """Wait for the end; the output read before is part of the outcome."""
        rest, _ = self.process.communicate(timeout=timeout)
        self.lines += rest.splitlines()
        return Outcome(self.process.returncode, "\n".join(self.lines) + "\n", self.errors())

    def errors(self) -> str:
        self._errors.seek(0)
        return self._errors.read()

    def descendants(self) -> list[int]:
        """The processes that carry the mark."""
        found = []
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                with contextlib.suppress(OSError):
                    if self._mark.encode() in (entry / "environ").read_bytes().split(b"\0"):
                        found.append(int(entry.name))
        return found

    def survivors(self, seconds: float) -> list[int]:
        """The processes that are still there after ``seconds``; those that end are waited for."""
        for process in self.descendants():
            with contextlib.suppress(OSError):
                handle = os.pidfd_open(process)
                try:
                    select.select([handle], [], [], seconds)
                finally:
                    os.close(handle)
        return self.descendants()

    def close(self) -> None:
        """End what is left, by process id, and remove its temporary files."""
        self._watchdog.cancel()
        for process in self.descendants():
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        self.process.wait(PATIENCE)
        assert self.process.stdout is not None
        self.process.stdout.close()
        self._errors.close()
        subprocess.run(["rm", "-rf", str(self.temp)], check=True)


@contextlib.contextmanager
def program(folder: Path, *arguments: str) -> Iterator[Program]:
    started = Program(folder, *arguments)
    try:
        yield started
    finally:
        started.close()
