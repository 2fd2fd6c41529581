"""Commands run in a folder of their own, without the database that the developer may have named."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli import tiny
from tests.cli.programs import Outcome, program


@pytest.fixture(autouse=True)
def no_database_by_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SE_BENCH_DB", raising=False)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder in which the user stands."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(autouse=True, scope="module")
def torch_as_it_was() -> Iterator[None]:
    """Planning tries a few training steps, deterministically and with one thread."""
    import torch

    threads, algorithms = torch.get_num_threads(), torch.are_deterministic_algorithms_enabled()
    memory = torch.utils.deterministic.fill_uninitialized_memory
    yield
    torch.set_num_threads(threads)
    torch.use_deterministic_algorithms(algorithms)
    torch.utils.deterministic.fill_uninitialized_memory = memory


@pytest.fixture(scope="session")
def tiny_place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the tiny study was trained, in this process; tests work on copies of it."""
    place = tmp_path_factory.mktemp("tiny")
    tiny.write(place)
    tiny.train(tiny.study(place), place / tiny.DATABASE)
    return place


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where a user stands, with a study of their own."""
    place = tmp_path_factory.mktemp("user")
    tiny.write(place)
    return place


@pytest.fixture(scope="session")
def killed(folder: Path) -> list[str]:
    """The lines of a run that is killed (-9), with everything in its process group, after its first trial."""
    with program(folder, "run", "tiny.yaml", *tiny.SET, "--slots", "1") as running:
        running.read_until("[1/4]")
        running.signal(signal.SIGKILL)
        assert running.finish().code == -signal.SIGKILL
        assert running.survivors(30.0) == []
        return running.lines


@pytest.fixture(scope="session")
def finished(folder: Path, killed: list[str]) -> Outcome:
    """The same command again, to its end."""
    with program(folder, "run", "tiny.yaml", *tiny.SET) as running:
        outcome = running.finish()
        assert running.survivors(30.0) == []
        assert list(running.temp.glob("se-bench-*")) == []
        return outcome
