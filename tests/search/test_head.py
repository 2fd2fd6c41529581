"""Starting Ray: a start that fails by chance is tried again, and one that cannot work is one message."""

from __future__ import annotations

import queue
import socket
import subprocess
import sys
from contextlib import closing
from typing import Any

import pytest

from se_bench.errors import EngineError
from se_bench.search import head
from se_bench.search.head import Head
from se_bench.search.process import children

import ray  # isort: skip - after `head`, which sets what it reads from the environment


def started(ray_head: Head) -> BaseException | None:
    """What went wrong at the start of ``ray_head``."""
    said: queue.SimpleQueue[BaseException | None] = queue.SimpleQueue()
    with ray_head:
        ray_head.run(said.put)
        return said.get()


def test_a_start_that_fails_once_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    tries = 0
    init = ray.init

    def fails_once(**options: Any) -> Any:
        nonlocal tries
        tries += 1
        if tries == 1:
            raise TimeoutError("a port was taken meanwhile")
        return init(**options)

    monkeypatch.setattr(ray, "init", fails_once)
    assert started(Head(1)) is None
    assert tries == 2


def test_a_start_that_cannot_work_says_why_and_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAY_gcs_server_port_wait_time_s", "soon")
    problem = started(Head(1))
    assert isinstance(problem, EngineError)
    assert "Ray could not be started: " in str(problem)
    assert "'soon'" in str(problem)
    assert "next: run the same command again" in str(problem)
    assert children("gcs_server") == {}, "the tries have left nothing"


def test_leaving_while_ray_starts_takes_nothing_from_under_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """As where a study turns out to be wrong: the process lives on, and the next Ray starts when this one has ended."""
    monkeypatch.setattr(head, "_FAREWELL_SECONDS", 0.0)
    with Head(1) as left:
        left.start()
    assert left.is_alive
    assert left.temp.exists()
    with Head(1) as never:
        never.start()
    monkeypatch.undo()
    assert started(Head(1)) is None
    assert not left.is_alive
    assert not left.temp.exists()
    assert not never.temp.exists()


LEAVES_CYCLES = """
import gc, threading
from se_bench.search.head import Head
import ray

ending, shutdown = threading.Event(), ray.shutdown
ray.shutdown = lambda: (ending.set(), shutdown())

def job(problem):
    gc.disable()
    for number in range(1000):
        cycle = [ray.put(number)]
        cycle.append(cycle)

with Head(1) as head:
    head.run(job)
    ending.wait()
    while any(thread.name == "ray" for thread in threading.enumerate()):
        gc.collect()
print("collected", gc.collect() > 1000)
"""


def test_the_collector_may_run_while_ray_ends() -> None:
    """Or the process would end there, with exit code 1, in the middle of whatever another thread does."""
    program = [sys.executable, "-c", LEAVES_CYCLES]
    done = subprocess.run(program, capture_output=True, text=True, check=False, timeout=120)
    assert (done.returncode, done.stdout) == (0, "collected True\n"), done.stderr


def test_nobody_at_the_address_is_said_at_once() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]
    with pytest.raises(EngineError, match=rf"127.0.0.1:{port}: no Ray cluster answers: Connection refused\n  next: "):
        started(Head(1, address=f"127.0.0.1:{port}"))


@pytest.mark.parametrize("address", ["nowhere", ":6379", "host:", "host:port", "host:65536", "host:²"])
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(EngineError, match="is no address of a Ray cluster\n  allowed: HOST:PORT, auto"):
        started(Head(1, address=address))
