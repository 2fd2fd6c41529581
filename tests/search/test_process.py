"""A process is known by place, number and start, so that another with its number is not taken for it."""

import os
import subprocess
import sys

from se_bench.search import process

SAY = [sys.executable, "-c", "from se_bench.search import process; print(process.identity())"]


def test_this_process_is_not_gone():
    assert not process.is_gone(process.identity())
    assert not process.is_gone(f"{process.identity()}/run-1")
    assert process.is_running(os.getpid())


def test_one_that_has_ended_is_gone():
    said = subprocess.run(SAY, capture_output=True, text=True, check=True).stdout.strip()
    assert process.is_gone(said)
    assert process.is_gone(f"{said}/run-1")


def test_another_with_the_same_number_is_not_mistaken_for_it():
    place, pid, start = process.identity().split(":")
    assert process.is_gone(f"{place}:{pid}:{int(start) + 1}")


def test_of_another_machine_nothing_is_known():
    _, pid, start = process.identity().split(":")
    assert not process.is_gone(f"elsewhere:{pid}:{int(start) + 1}")
    for odd in ("", "me", "a:b", f"{process.identity().partition(':')[0]}:x:1"):
        assert not process.is_gone(odd)
