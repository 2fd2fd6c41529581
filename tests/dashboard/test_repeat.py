"""The command of a trial's page trains the very same trial."""

from __future__ import annotations

import dataclasses
import shlex
from datetime import UTC, datetime
from pathlib import Path

import pytest

from se_bench.config.load import load_study
from se_bench.dashboard.repeat import command
from se_bench.records import Run
from se_bench.search.plan import make_plan
from tests.cli import tiny

RUN = Run(
    run_id="run",
    study="tiny",
    command="se-bench run tiny.yaml --set recipe.epochs=2 --set=gate=tanh --seeds 4 --db mine.db --slots 2",
    started_at=datetime(2026, 1, 1, tzinfo=UTC),
    environment={},
)


def asked(line: str) -> tuple[str, list[str]]:
    """The study and the overrides of a command line."""
    words = shlex.split(line)
    assert words[:2] == ["se-bench", "run"]
    assert words[-2:] == ["--db", "reproduced.db"]
    return words[2], [words[place + 1] for place, word in enumerate(words) if word == "--set"]


@pytest.mark.parametrize("place", [0, 1])
def test_the_plan_of_the_command_has_the_trial(tmp_path: Path, place: int, monkeypatch: pytest.MonkeyPatch) -> None:
    tiny.write(tmp_path)
    monkeypatch.chdir(tmp_path)
    study = tiny.study(tmp_path, "gate=tanh")
    plan = make_plan(study)
    candidate = plan.candidates[place]
    trained = next(each for each in plan.trials if each.architecture_id == candidate.architecture_id and each.seed == 1)
    overrides = " ".join(f"--set {shlex.quote(pair)}" for pair in (*tiny.OVERRIDES, "gate=tanh"))
    run = dataclasses.replace(RUN, command=f"se-bench run tiny.yaml {overrides}")
    line = command(run, study.documents["study"].data["plan"], candidate, 1)
    assert line is not None
    name, pairs = asked(line)
    again = make_plan(load_study(name, overrides=pairs))
    assert trained.trial_id in {each.trial_id for each in again.trials}
    assert {each.seed for each in again.trials} == {1}
    assert len(again.candidates) <= 2


def test_what_decides_the_numbers_is_kept_and_what_does_not_is_not() -> None:
    candidate = make_candidate()
    line = command(RUN, {"vary": {"reduction": [2, 4]}, "fixed": {"gate": "tanh"}}, candidate, 3)
    assert line is not None
    study, pairs = asked(line)
    assert study == "tiny.yaml"
    assert pairs[:2] == ["recipe.epochs=2", "gate=tanh"]
    assert "seeds=[3]" in pairs
    assert not any("4" in pair for pair in pairs if pair.startswith("seeds"))


@pytest.mark.parametrize(
    ("said", "environment"),
    [("se-bench import results.csv", {}), ("se-bench run x", {"synthetic": True}), ("'", {}), ("", {})],
)
def test_what_no_run_has_trained_cannot_be_repeated(said: str, environment: dict[str, bool]) -> None:
    run = dataclasses.replace(RUN, command=said, environment=environment)
    assert command(run, {}, make_candidate(), 0) is None


def make_candidate():
    from tests.analysis.small_studies import candidate

    return candidate("reduction=4", 4)
