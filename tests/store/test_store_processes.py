"""Real processes: several that write at once, and one that is killed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from store_examples import candidate, finish, run, started, trial

from se_bench.records import Status
from se_bench.store.merge import merge
from se_bench.store.repository import Store

WRITER = Path(__file__).with_name("store_writer.py")


def writer(url: str, name: str, trials: int, epochs: int) -> subprocess.Popen[str]:
    command = [sys.executable, str(WRITER), url, name, str(trials), str(epochs)]
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    if (said := process.stdout.readline()) != "ready\n":
        pytest.fail(said + process.communicate()[1])
    return process


def test_two_drivers_at_once_lose_nothing(url: str):
    """From making the database to the last record: 2 drivers x 8 trials x 10 epochs, and one study each."""
    drivers = [writer(url, name, 8, 10) for name in ("left", "right")]
    for driver in drivers:
        assert driver.stdin is not None
        driver.stdin.write("go\n")
        driver.stdin.flush()
    for driver in drivers:
        said, complained = driver.communicate(timeout=120)
        assert driver.returncode == 0, complained
        assert complained == ""
        assert len(said.splitlines()) == 80
    with Store.open(url) as store:
        assert {each.name: each.counts for each in store.studies()} == {
            name: {Status.COMPLETED: 8, Status.PLANNED: 1} for name in ("left", "right")
        }
        for name in ("left", "right"):
            records = store.records(store.study(name).trials[1:], [])
            assert {each.epochs for each in records.trials} == {10}
            assert [each.epoch for each in records.epochs] == list(range(1, 11)) * 8
            assert [each.run_id for each in records.runs] == [f"run-{name}"]


def test_a_killed_driver_leaves_what_was_acknowledged(url: str):
    driver = writer(url, "victim", 500, 10)
    assert driver.stdin is not None
    assert driver.stdout is not None
    driver.stdin.write("go\n")
    driver.stdin.flush()
    said = [driver.stdout.readline() for _ in range(37)]
    driver.kill()  # SIGKILL, in the middle of whatever it does now
    said += driver.stdout.readlines()  # by the same buffer, which may be ahead; communicate() would pass it over
    assert driver.wait() == -9
    acknowledged = [tuple(line.split()) for line in said if line.endswith("\n")]
    with Store.open(url) as store:
        trials = store.study("victim").trials
        records = store.records(trials, [])
        on_record = [(each.trial_id, str(each.epoch)) for each in records.epochs]
        assert on_record[: len(acknowledged)] == acknowledged
        assert len(on_record) - len(acknowledged) <= 1  # committed, and killed before it could say so
        for each in records.trials:
            assert each.epochs == sum(trial_id == each.trial_id for trial_id, _ in on_record)
        interrupted = trials[len(acknowledged) // 10]
        store.begin(run("run-next"))
        store.keep(started(interrupted, "run-next"))
        finish(store, interrupted, run_id="run-next")
        assert store.statuses([interrupted.trial_id]) == {interrupted.trial_id: Status.COMPLETED}


def test_threads_share_a_store(store: Store):
    from concurrent.futures import ThreadPoolExecutor

    trials = [trial(0, seed) for seed in range(16)]
    store.register("s", "?", {}, [candidate(0)], trials)
    store.begin(run())
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda each: finish(store, each, epochs=3), trials))
    assert store.studies()[0].counts == {Status.COMPLETED: 16}
    assert len(store.records(trials, []).epochs) == 48


def test_a_merge_beside_a_driver_loses_nothing_of_either(url: str, tmp_path: Path):
    """The driver trains while another database comes in, again and again, with a trial that both plan."""
    other = str(tmp_path / "other.db")
    with Store.open(other, create=True) as there:
        trials = [trial(0, trial_id="shared"), *(trial(0, seed) for seed in range(50))]
        there.register("elsewhere", "?", {}, [candidate(0)], trials)
        there.begin(run("run-there"))
        for each in trials:
            finish(there, each, run_id="run-there")
    driver = writer(url, "driver", 20, 10)
    assert driver.stdin is not None
    driver.stdin.write("go\n")
    driver.stdin.flush()
    found = [merge(other, url)]
    while driver.poll() is None:
        found.append(merge(other, url))
    said, complained = driver.communicate()
    assert (driver.returncode, complained) == (0, "")
    assert len(said.splitlines()) == 200
    assert sum(each.settled for each in found) == len(trials)
    assert not any(each.conflicts for each in found)
    with Store.open(url) as store:
        assert {each.name: each.counts for each in store.studies()} == {
            "driver": {Status.COMPLETED: 21},
            "elsewhere": {Status.COMPLETED: 51},
        }
        assert {each.epochs for each in store.records(store.study("driver").trials[1:], []).trials} == {10}
