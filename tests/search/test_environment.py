"""What is said of the machine, what never is, and how its cores and GPUs become slots."""

from __future__ import annotations

import getpass
import json
import os
import re
import socket
import subprocess
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import se_bench
from se_bench.search.environment import PACKAGES, describe, divide, resources
from se_bench.search.process import cores

ROOT = Path(se_bench.__file__).parent.parent


def strings(value: object) -> list[str]:
    """Every string in nested data, keys too."""
    if isinstance(value, dict):
        return [text for pair in value.items() for part in pair for text in strings(part)]
    if isinstance(value, list):
        return [text for part in value for text in strings(part)]
    return [value] if isinstance(value, str) else []


def test_versions_processor_and_slots_are_described() -> None:
    said = describe(slots=3, gpus_per_trial=0.5)
    assert said["se_bench"] == se_bench.__version__
    assert set(said["packages"]) == set(PACKAGES)
    assert said["packages"]["torch"].partition("+")[0] == torch.__version__.partition("+")[0]
    assert said["packages"]["ray"]
    assert said["processor"]
    assert (said["slots"], said["gpus_per_trial"], said["threads_per_trial"]) == (3, 0.5, 1)
    assert len(said["gpus"]) == torch.cuda.device_count()
    assert json.loads(json.dumps(said)) == said  # plain data, as the store keeps it


def test_nothing_of_the_environment_the_host_or_the_user_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*os.environ, "AWS_SECRET_ACCESS_KEY", "SE_BENCH_DB", "USER", "LOGNAME", "HOSTNAME"):
        if name != "PATH":  # git is found by it
            monkeypatch.setenv(name, f"/secret-of-{name}")
    said = strings(describe(slots=1, gpus_per_trial=0.0))
    monkeypatch.undo()
    assert [text for text in said if "secret" in text] == []
    words = {word for text in said for word in re.split(r"[\s/:@,()]+", text)}
    assert words.isdisjoint({socket.gethostname(), getpass.getuser(), Path.home().name})
    assert [text for text in said if str(Path.cwd()) in text or os.environ["PATH"] in text] == []


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="not a checkout")
def test_the_commit_is_that_of_the_checkout() -> None:
    commit = describe(slots=1, gpus_per_trial=0.0)["git_commit"]
    head = subprocess.run(
        ["git", "-C", str(ROOT), "rev-parse", "HEAD"], capture_output=True, text=True, check=True
    ).stdout.strip()
    assert commit.removesuffix("+") == head


def test_cores_are_those_that_this_process_may_use() -> None:
    mine = os.sched_getaffinity(0)
    one = min(mine)
    assert cores() == len(mine)
    os.sched_setaffinity(0, {one})
    try:
        assert cores() == 1
    finally:
        os.sched_setaffinity(0, mine)


def test_this_machine_without_a_wish() -> None:
    slots, share = resources(None, None)
    if torch.cuda.is_available():
        assert (slots, share) == (torch.cuda.device_count(), 1.0)
    else:
        assert (slots, share) == (cores(), 0.0)


@pytest.mark.parametrize(
    ("gpus", "slots", "share", "expected"),
    [
        (0, None, None, (8, 0.0)),  # one a core
        (0, 3, None, (3, 0.0)),
        (0, 3, 0.5, (3, 0.0)),  # a share of no GPU
        (2, None, None, (2, 1.0)),  # one a GPU
        (2, 1, None, (1, 1.0)),
        (2, 4, None, (4, 0.5)),
        (2, 3, None, (3, 0.5)),  # a trial is on one GPU: 2/3 each would leave a slot without
        (1, 3, None, (3, 0.3333)),
        (1, 6, None, (6, 0.1666)),  # rounded down, as Ray counts in ten-thousandths
        (2, None, 0.25, (8, 0.25)),
        (2, None, 0.6, (2, 0.6)),  # a trial is on one GPU: not three
        (1, None, 0.1, (10, 0.1)),
        (1, None, 1 / 7, (7, 0.1428)),
        (1, None, 1 / 24, (24, 0.0416)),
        (1, 4, 0.5, (2, 0.5)),  # more do not fit
        (2, 3, 0.25, (3, 0.25)),
    ],
)
def test_cores_and_gpus_become_slots(
    gpus: int, slots: int | None, share: float | None, expected: tuple[int, float]
) -> None:
    assert divide(gpus, 8, slots, share) == expected


def test_what_was_asked_of_a_cluster_elsewhere_stands() -> None:
    assert resources(8, 0.25, elsewhere=True) == (8, 0.25)
    assert resources(8, None, elsewhere=True) == (8, 0.0)
    assert resources(None, 0.5, elsewhere=True) == (cores(), 0.5)


@given(
    st.integers(1, 16),
    st.none() | st.integers(1, 200),
    st.none() | st.integers(1, 100).map(lambda percent: percent / 100) | st.integers(1, 256).map(lambda each: 1 / each),
)
def test_all_slots_fit_on_the_gpus(gpus: int, slots: int | None, share: float | None) -> None:
    given_slots, given_share = divide(gpus, 8, slots, share)
    on_fullest = -(-given_slots // gpus)
    assert on_fullest * round(given_share * 10_000) <= 10_000
    assert 1 <= given_slots <= (slots or given_slots)
