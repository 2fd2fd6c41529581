"""Ray in a thread of its own, from its start to its shutdown.

It starts in the background, while whoever needs it still prepares; what is to be done there is handed in. An
interrupt strikes the caller's thread, never Ray half-way through starting.
"""

from __future__ import annotations

import contextlib
import gc
import logging
import os
import queue
import shutil
import signal
import socket
import tempfile
import threading
import warnings
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import se_bench
import se_bench.search.ray_environment  # isort: split

import ray

from se_bench.errors import EngineError
from se_bench.search.process import children, is_running

Job = Callable[[BaseException | None], None]
"""What is done in Ray's thread, given what went wrong at Ray's start."""

_OBJECT_STORE_BYTES = 100 * 1024**2  # records are small; Ray's default takes a third of the memory
_FAREWELL_SECONDS = 4.0  # for Ray's thread to end; it takes one to two, and more only while Ray starts
_STARTS = 2  # a start of our own can fail by chance, as when another program takes a port that Ray has just chosen
_REACH_SECONDS = 5.0  # for a cluster to answer; Ray itself would try for minutes
_LIFE = threading.Lock()  # Ray is one a process: who comes next waits until the one before has ended
_PORTS = 1 << 16
_AGAIN = "run the same command again; nothing of what the database has is trained twice"
_OTHER_ADDRESS = "`ray start --head` on one of its machines prints the address; or leave --ray-address out"
_TEMP_PREFIX = "se-bench-"
_LONGEST_TEMP = 40  # characters; sockets below it must stay under the system's limit of 107


class Head:
    """A Ray of our own with ``cpus`` processors, or the one that runs at ``address``."""

    def __init__(self, cpus: int, *, gpus: bool = False, address: str | None = None) -> None:
        """``gpus``: whether Ray shall look for them."""
        self.cpus = cpus
        self.address = address
        self._gpus = gpus
        self._jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._live, name="ray", daemon=True)
        self._stack = ExitStack()
        self._is_over = False
        self.processes: dict[int, str] = {}
        """Ray's own on this machine, once it has started."""

    def __enter__(self) -> Self:
        _remove_what_the_killed_left()
        own = f"{_TEMP_PREFIX}{os.getpid()}-"
        folder = tempfile.TemporaryDirectory(prefix=own, dir=_short_temp(), ignore_cleanup_errors=True)
        self.temp = Path(self._stack.enter_context(folder))
        """A folder that goes with this object."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._is_over = True
        with self._stack as stack:
            self.end()
            if self.is_alive and kind is not KeyboardInterrupt:  # which ends the process
                self._stack = stack.pop_all()  # Ray still starts, and would end the process if its folder went

    def start(self) -> None:
        """Begin to start, where that has not begun.

        Raises :class:`EngineError` where nothing answers at the address.
        """
        if self._thread.ident is None:
            if self.address:
                _reach(self.address)
            warnings.filterwarnings("ignore", module=r"ray(\.|$)")  # here: filters are no thread's own
            self._thread.start()

    def end(self) -> None:
        """Wait until Ray has shut down, where it has begun and its job is done."""
        self._jobs.put(None)
        if self._thread.ident is not None:
            self._thread.join(_FAREWELL_SECONDS)

    @property
    def is_alive(self) -> bool:
        """Whether Ray starts, runs or shuts down."""
        return self._thread.is_alive()

    def run(self, job: Job) -> None:
        """Have ``job`` done once Ray has started; when it returns, Ray is shut down."""
        self._jobs.put(job)
        self.start()

    def _live(self) -> None:
        """Ray's whole life."""
        logging.getLogger("ray").setLevel(logging.CRITICAL)
        with _LIFE:
            if not self._is_over:
                problem = self._begin()
                try:
                    if job := self._jobs.get():
                        job(problem)
                finally:
                    _shut_down()
        if self._is_over:
            self._stack.close()

    def _begin(self) -> BaseException | None:
        """Start Ray, or say why it did not start."""
        problem: BaseException | None = None
        others = _processes()
        for _ in range(1 if self.address else _STARTS):
            try:
                ray.init(**self._where(), log_to_driver=False, logging_level=logging.CRITICAL)
                if not self.address:
                    self.processes = children("gcs_server", "raylet/raylet")
            except Exception as raised:
                said = " ".join(str(raised).split())
                hint = _OTHER_ADDRESS if self.address else _AGAIN
                problem = EngineError(f"Ray could not be started: {said}", file=self.address, hint=hint)
                problem.__cause__ = raised
                ray.shutdown()
                for left in _processes().keys() - others.keys():  # Ray forgets what a failed start has started
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(left, signal.SIGKILL)
            except BaseException as raised:
                return raised
            else:
                return None
        return problem

    def _where(self) -> dict[str, Any]:
        if self.address:
            return {
                "address": self.address,
                "runtime_env": {"py_modules": [str(Path(se_bench.__file__).parent)]},
            }
        return {
            "address": "local",
            "num_cpus": self.cpus,
            "num_gpus": None if self._gpus else 0,
            "object_store_memory": _OBJECT_STORE_BYTES,
            "include_dashboard": False,
            "_temp_dir": str(self.temp),
        }


def _processes() -> dict[int, str]:
    """Ray's processes below this one."""
    return children(str(Path(ray.__file__).parent))


def _shut_down() -> None:
    """End Ray while other threads go on.

    Whoever destroys one of Ray's objects meanwhile ends the whole process with exit code 1, Python's collector of
    cycles included, in whatever thread it runs: what there is now is kept from it until Ray has ended.
    """
    gc.freeze()
    try:
        ray.shutdown()
    finally:
        gc.unfreeze()


def _reach(address: str) -> None:
    """Raise :class:`EngineError` unless somebody listens at ``address`` (``host:port``; what else Ray takes passes)."""
    host, _, port = address.rpartition(":")
    if address == "auto" or "://" in address:
        return
    if not (host and port.isdecimal() and int(port) < _PORTS):
        raise EngineError(f"{address!r} is no address of a Ray cluster", allowed=("HOST:PORT", "auto"))
    try:
        socket.create_connection((host.strip("[]"), int(port)), timeout=_REACH_SECONDS).close()
    except (OSError, UnicodeError) as problem:
        said = getattr(problem, "strerror", None) or problem
        raise EngineError(
            f"no Ray cluster answers: {said}",
            file=address,
            hint=_OTHER_ADDRESS,
        ) from problem


def _short_temp() -> Path:
    default = tempfile.gettempdir()
    return Path(default if len(default) <= _LONGEST_TEMP else "/tmp")


def _remove_what_the_killed_left() -> None:
    """Remove the folders of drivers that are gone: a process that is killed cannot tidy up behind itself."""
    for folder in _short_temp().glob(f"{_TEMP_PREFIX}*-*"):
        pid = folder.name.removeprefix(_TEMP_PREFIX).partition("-")[0]
        if pid.isdigit() and not is_running(int(pid)):
            shutil.rmtree(folder, ignore_errors=True)
