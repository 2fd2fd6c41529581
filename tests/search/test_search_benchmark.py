"""The benchmark of searches on a small grid whose curves are made up."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import pytest

from benchmarks.curves import Curve, curve_of, read, write
from benchmarks.search import GOAL, Replay, median, share_to_goal
from se_bench.config.load import load_study
from se_bench.records import Candidate, Status
from se_bench.search.plan import Plan, make_plan
from se_bench.training.seeds import stream_seed
from tests.search.searching import FEW

GRID = """\
name: grid
question: Which?
space: se_block
setting: digits
plan:
  vary: {excite: [bottleneck, diagonal], reduction: [2, 8], gate: [sigmoid, tanh], stages: [all, [1], [3]]}
seeds: 1
"""
NETS = 3 * 2 * 3
EPOCHS = 8


@pytest.fixture(autouse=True)
def soon_exhausted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("se_bench.search.samplers.MOST_REFUSALS", 100)


def quality(candidate: Candidate) -> float:
    return 0.5 + 0.4 * stream_seed(0, candidate.architecture_id) / 2**63


def rising(candidate: Candidate) -> tuple[float, ...]:
    return tuple(quality(candidate) - 0.2 / epoch for epoch in range(1, EPOCHS + 1))


def alike(candidate: Candidate) -> tuple[float, ...]:
    """The scheduler can tell no net from another until the last epoch."""
    return (0.2,) * (EPOCHS - 1) + (quality(candidate),)


@pytest.fixture(scope="module")
def grid(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("grid") / "grid.yaml"
    file.write_text(GRID)
    return file


@pytest.fixture(scope="module")
def plan(grid: Path) -> Plan:
    return make_plan(load_study(str(grid), overrides=FEW))


def curves(plan: Plan, shape: Callable[[Candidate], tuple[float, ...]] = rising) -> list[Curve]:
    return [curve_of(each, Status.COMPLETED, shape(each)) for each in plan.candidates]


@pytest.fixture(scope="module")
def replay(grid: Path, plan: Plan) -> Replay:
    return Replay(grid, curves(plan), FEW)


def test_curves_are_read_back_as_they_were_written(plan: Plan, tmp_path: Path) -> None:
    made = curves(plan, alike)
    made[3] = Curve("x" * 32, "odd, name", 7, 8, Status.DIVERGED, (0.125,))
    write(tmp_path / "curves.csv", made)
    again = read(tmp_path / "curves.csv")
    assert [(each.label, each.params, each.status) for each in again] == [
        (each.label, each.params, each.status) for each in made
    ]
    assert again[3] == made[3]
    assert again[1].validation_accuracies == pytest.approx(made[1].validation_accuracies, abs=1e-6)


@pytest.mark.parametrize("kind", ["tpe", "nsga2", "RandomSampler"])
def test_a_search_keeps_its_budget_and_gains_hypervolume(replay: Replay, kind: str) -> None:
    assert replay.epochs == NETS * EPOCHS
    found = list(replay.search(kind, 0, 0.5))
    assert found
    assert found[-1].epochs <= NETS * EPOCHS // 2
    shares = [each.hypervolume for each in found]
    assert shares == sorted(shares)
    assert 0 < shares[-1] <= 1 + 1e-12
    assert len(found) < NETS


def test_a_search_that_trains_all_has_all(grid: Path, plan: Plan) -> None:
    found = list(Replay(grid, curves(plan, alike), FEW).search("RandomSampler", 0, 2.0))
    assert len(found) == NETS
    assert found[-1].hypervolume == pytest.approx(1)
    assert found[-1].epochs == (NETS + 1) * EPOCHS  # the baseline too
    assert found[0].hypervolume < 1


def test_a_search_with_a_seed_comes_out_the_same_twice(replay: Replay) -> None:
    one, again, other = (list(replay.search("nsga2", seed, 0.5)) for seed in (3, 3, 4))
    assert one == again != other


def test_the_share_to_the_goal_is_that_of_the_first_whole_net_that_has_it(replay: Replay) -> None:
    share = share_to_goal(replay.search("RandomSampler", 0, 2.0), replay.epochs)
    found = list(replay.search("RandomSampler", 0, 2.0))
    assert share == min(each.epochs for each in found if each.hypervolume >= GOAL) / replay.epochs
    assert share_to_goal(replay.search("RandomSampler", 0, 0.15), replay.epochs) == math.inf


def test_curves_of_another_grid_are_refused(grid: Path, plan: Plan) -> None:
    with pytest.raises(SystemExit, match="1 nets have no curve"):
        Replay(grid, curves(plan)[:-1], FEW)


def test_a_median_has_its_interval() -> None:
    assert median([0.1, 0.1, 0.1]) == {"median": 0.1, "low": 0.1, "high": 0.1, "worst": 0.1}
    found = median([0.1, 0.2, 0.3, 0.4, 0.5])
    assert found["low"] <= found["median"] == 0.3 <= found["high"] <= found["worst"] == 0.5


def test_a_search_beyond_its_budget_counts_as_one_of_the_longest() -> None:
    found = median([0.1, 0.2, 0.2, math.inf])
    assert (found["median"], found["worst"]) == (0.2, None)
    assert median([0.1, math.inf, math.inf])["median"] is None
