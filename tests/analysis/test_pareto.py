"""The value of the Pareto figure: points, fronts, how sure they are, and who is not ranked."""

from __future__ import annotations

import time
from itertools import product

import numpy as np
import pytest

from se_bench.analysis import multipliers, pareto
from se_bench.analysis.front import front
from se_bench.analysis.pareto import Pareto, State, compute, of
from se_bench.analysis.seed_table import SeedTable
from se_bench.config.dashboard import Panel
from se_bench.records import Status
from tests.analysis.small_studies import FULL, ODD, answered
from tests.analysis.test_front import dominates

PANEL = Panel.read({"figure": "pareto", "x": ["macs", "params"]})
UP = {"accuracy": "maximize", "macs": "minimize"}


def table(accuracy: np.ndarray, costs: np.ndarray, unsuccessful: np.ndarray | None = None) -> SeedTable:
    """Candidates without names, the first of which is the baseline."""
    number, seeds = accuracy.shape
    return SeedTable(
        labels=tuple(f"c{place}" for place in range(number)),
        axes=({},) * number,
        baseline=np.zeros(number, dtype=np.intp),
        seeds=tuple(range(seeds)),
        metrics={"accuracy": accuracy},
        costs={"macs": costs},
        unsuccessful=np.zeros(number, dtype=np.intp) if unsuccessful is None else unsuccessful,
    )


def front_of(accuracy: list[list[float]], costs: list[float], unsuccessful: list[int] | None = None) -> Pareto:
    lost = None if unsuccessful is None else np.array(unsuccessful)
    found = of(table(np.array(accuracy), np.array(costs), lost), "accuracy", ["macs"], UP)
    assert found is not None
    return found


def test_the_value_has_means_intervals_and_costs() -> None:
    answer = answered(FULL)
    found = compute(answer, PANEL)
    assert found is not None
    assert (found.y, found.maximize) == ("accuracy", True)
    assert [(axis.objective, axis.maximize) for axis in found.axes] == [("macs", False), ("params", False)]
    assert found.labels == tuple(FULL)
    for place, each in enumerate(answer.candidates):
        assert found.values[place] == pytest.approx(sum(FULL[each.label].values()) / 3)
        known = each.metrics["accuracy"]
        assert (found.low[place], found.high[place]) == pytest.approx((known.low, known.high))
        assert [axis.x[place] for axis in found.axes] == [each.candidate.cost.macs, each.candidate.cost.params]
    assert found.n.tolist() == [3, 3, 3]
    assert found.is_baseline.tolist() == [True, False, False]
    assert [axis.front for axis in found.axes] == [(0, 1), (0, 1)]
    assert found.missing == ()


def test_candidates_without_a_completed_trial_are_named_and_not_zero() -> None:
    found = compute(answered({**FULL, "reduction=8": {0: Status.FAILED}, "reduction=32": {0: Status.PLANNED}}), PANEL)
    assert found is not None
    assert found.missing == ("reduction=8", "reduction=32")
    assert found.labels == tuple(FULL)
    assert "N/A, no completed trial: reduction=8, reduction=32." in found.caption


@pytest.mark.parametrize("name", ["no trial", "nothing trained", "failed only"])
def test_there_is_nothing_to_show_before_a_trial_is_completed(name: str) -> None:
    assert compute(answered(ODD[name]), PANEL) is None


def test_one_seed_has_no_uncertainty_and_says_so() -> None:
    found = compute(answered(ODD["one seed"]), PANEL)
    assert found is not None
    assert np.isnan(found.low).all()
    assert np.isnan(found.high).all()
    for axis in found.axes:
        assert axis.probability is None
        assert axis.state.tolist() == [State.ON, State.ON]
        assert axis.hypervolume is not None
        assert (axis.hypervolume.low, axis.hypervolume.high) == (None, None)
    assert "No uncertainty: one seed." in found.caption


def test_without_costs_in_the_panel_the_other_objectives_are_the_axes() -> None:
    objectives = {"loss": "minimize", "train_seconds": "minimize", "params": "minimize"}
    found = compute(answered(FULL, objectives=objectives), Panel.read({"figure": "pareto"}))
    assert found is not None
    assert (found.y, found.maximize) == ("loss", False)
    assert [axis.objective for axis in found.axes] == ["train_seconds", "params"]
    assert [axis.x.tolist() for axis in found.axes] == [[11.0, 11.0, 11.0], [1000.0, 1100.0, 1200.0]]
    assert [axis.front for axis in found.axes] == [(1,), (0, 1)]


def test_a_single_objective_is_shown_against_macs() -> None:
    found = compute(answered(FULL, objectives={"accuracy": "maximize"}), Panel.read({"figure": "pareto"}))
    assert found is not None
    assert [axis.objective for axis in found.axes] == ["macs"]


@pytest.mark.parametrize(("accuracy", "params"), list(product(["maximize", "minimize"], repeat=2)))
def test_the_directions_are_the_studys(accuracy: str, params: str) -> None:
    found = compute(
        answered(FULL, objectives={"accuracy": accuracy, "params": params}), Panel.read({"figure": "pareto"})
    )
    assert found is not None
    (axis,) = found.axes
    assert (axis.maximize, found.maximize) == (params == "maximize", accuracy == "maximize")
    signs = tuple(1 if wanted == "maximize" else -1 for wanted in (params, accuracy))
    points = list(zip(axis.x.tolist(), found.values.tolist(), strict=True))
    expected = [
        place for place, point in enumerate(points) if not any(dominates(other, point, signs) for other in points)
    ]
    assert sorted(axis.front) == expected
    assert axis.state[expected].min() >= State.UNSURE


def test_a_metric_on_the_x_axis_has_its_own_direction_whatever_the_study_trades() -> None:
    panel = Panel.read({"figure": "pareto", "y": "loss", "x": ["accuracy"]})
    found = compute(answered(FULL), panel)
    assert found is not None
    assert not found.maximize
    assert found.axes[0].maximize
    assert found.axes[0].front == (1,)


def test_states_follow_from_probabilities() -> None:
    found = front_of(
        [[0.80, 0.801, 0.802], [0.90, 0.901, 0.902], [0.85, 0.851, 0.852], [0.905, 0.895, 0.90]], [1.0, 2.0, 3.0, 4.0]
    )
    (axis,) = found.axes
    assert axis.probability is not None
    assert axis.probability[:3].tolist() == [1.0, 1.0, 0.0]
    assert 0.05 < axis.probability[3] < 0.95
    assert axis.state.tolist() == [State.ON, State.ON, State.DOMINATED, State.UNSURE]


def test_exact_ties_are_both_on_the_front_in_every_resample() -> None:
    same = [0.80, 0.84, 0.79]
    found = front_of([[0.7, 0.71, 0.72], same, same, same], [1.0, 2.0, 2.0, 3.0])
    (axis,) = found.axes
    assert axis.front == (0, 1, 2)
    assert axis.probability is not None
    assert axis.probability[1] == axis.probability[2] > 0.95
    assert axis.probability[3] == 0, "as good and dearer"


def test_a_candidate_with_failures_is_unsure_at_best_and_takes_no_place() -> None:
    accuracy = [[0.80, 0.80, 0.81], [0.95, 0.95, np.nan], [0.85, 0.86, 0.85]]
    found = front_of(accuracy, [1.0, 2.0, 3.0], unsuccessful=[0, 1, 0])
    (axis,) = found.axes
    assert axis.front == (0, 2)
    assert axis.state.tolist() == [State.ON, State.UNSURE, State.ON]
    assert axis.probability is not None
    assert axis.probability[2] > 0.95
    assert "1 with trials without a result" in found.caption
    one_seed = front_of([row[:1] for row in accuracy], [1.0, 2.0, 3.0], unsuccessful=[0, 1, 0])
    assert one_seed.axes[0].state.tolist() == [State.ON, State.UNSURE, State.ON]


def test_a_failing_candidate_that_is_worse_anyway_is_dominated() -> None:
    found = front_of([[0.80, 0.80, 0.81], [0.5, 0.51, np.nan]], [1.0, 2.0], unsuccessful=[0, 1])
    assert found.axes[0].state.tolist() == [State.ON, State.DOMINATED]


def test_the_hypervolume_is_within_its_interval_and_grows_with_the_front() -> None:
    worse = front_of([[0.80, 0.81, 0.82], [0.84, 0.85, 0.83], [0.70, 0.71, 0.72]], [1.0, 2.0, 3.0])
    better = front_of([[0.80, 0.81, 0.82], [0.84, 0.85, 0.83], [0.90, 0.91, 0.92]], [1.0, 2.0, 3.0])
    for found in (worse, better):
        volume = found.axes[0].hypervolume
        assert volume is not None
        assert volume.low is not None
        assert volume.high is not None
        assert volume.low <= volume.value <= volume.high
        assert volume.low < volume.high
    shared = better.axes[0].reference
    again = of(
        table(np.array([[0.80, 0.81, 0.82], [0.84, 0.85, 0.83]]), np.array([1.0, 2.0])),
        "accuracy", ["macs"], UP, references=[shared],
    )  # fmt: skip
    assert again is not None
    small, large = again.axes[0].hypervolume, better.axes[0].hypervolume
    assert small is not None
    assert large is not None
    assert small.value < large.value


@pytest.mark.parametrize("x", ["macs", "train_seconds"])
def test_probabilities_are_the_share_of_resamples_on_whose_front_a_candidate_is(x: str) -> None:
    random = np.random.default_rng(0)
    found = table(random.normal(0.8, 0.01, (30, 4)) + random.normal(0, 0.02, (30, 1)), random.uniform(1, 2, 30))
    found.metrics["train_seconds"] = random.uniform(5, 9, (30, 1)) + random.normal(0, 0.5, (30, 4))  # type: ignore[index]
    value = of(found, "accuracy", [x], UP)
    assert value is not None
    y = multipliers.resampled_means(found.metrics["accuracy"])
    cost = np.tile(found.costs["macs"], (len(y), 1))
    if x != "macs":
        cost = multipliers.resampled_means(found.metrics[x])
    counts = np.zeros(30)
    for row in range(len(y)):
        counts[list(front(cost[row], y[row]))] += 1
    assert value.axes[0].probability == pytest.approx(counts / len(y))


def test_screening_of_very_many_candidates_changes_no_probability(monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(1)
    found = table(random.normal(0.8, 0.005, (300, 3)) + random.normal(0, 0.05, (300, 1)), random.uniform(1, 2, 300))
    whole = of(found, "accuracy", ["macs"], UP)
    monkeypatch.setattr(pareto, "MANY", 50)
    screened = of(found, "accuracy", ["macs"], UP)
    assert whole is not None
    assert screened is not None
    one, other = whole.axes[0].probability, screened.axes[0].probability
    assert one is not None
    assert other is not None
    assert np.abs(one - other).max() < 0.02
    kept = other > 0
    assert other[kept] == pytest.approx(one[kept], abs=0.01)


def test_of_two_equal_candidates_one_is_called_dominated_in_a_twentieth_of_studies() -> None:
    """As often as a one-sided test at 5 % errs; 400 studies of three paired seeds."""
    random = np.random.default_rng(5)
    wrong = 0
    for _ in range(400):
        seeds = random.normal(0.8, 0.02, 3)
        found = table(seeds + random.normal(0, 0.01, (2, 3)), np.array([1.0, 1.0]))
        probability, _ = pareto.resampled(found, "accuracy", "macs", None, maximize_x=False, maximize_y=True)
        wrong += int(probability[0] <= pareto.DOMINATED)
    assert 0.02 < wrong / 400 < 0.085


@pytest.mark.slow
def test_a_thousand_candidates_take_a_moment() -> None:
    random = np.random.default_rng(0)
    found = table(random.normal(0.8, 0.01, (1000, 5)), random.uniform(1, 2, 1000))
    limits = None
    times = []
    for _ in range(5):
        start = time.perf_counter()
        pareto.resampled(found, "accuracy", "macs", limits, maximize_x=False, maximize_y=True)
        times.append(time.perf_counter() - start)
    assert min(times) < 0.15
    large = random.random((2, 100_000))
    start = time.perf_counter()
    front(large[0], large[1])
    assert time.perf_counter() - start < 0.15


def test_families_are_the_values_of_an_axis() -> None:
    found = compute(answered(FULL), Panel.read({"figure": "pareto", "by": "reduction"}))
    assert found is not None
    assert found.families.names == ("baseline", "reduction=1", "reduction=2")
    assert [found.families.names[code] for code in found.families.codes] == ["baseline", "reduction=1", "reduction=2"]
    assert found.joined


def test_the_front_does_not_depend_on_the_order_of_candidates() -> None:
    random = np.random.default_rng(2)
    accuracy, costs = random.normal(0.8, 0.01, (40, 3)), random.integers(1, 9, 40).astype(float)
    turned = random.permutation(40)
    one, other = (
        of(table(accuracy[order], costs[order]), "accuracy", ["macs"], UP) for order in (np.arange(40), turned)
    )
    assert one is not None
    assert other is not None
    assert sorted(one.axes[0].front) == sorted(turned[list(other.axes[0].front)].tolist())
    assert one.axes[0].probability is not None
    assert (one.axes[0].probability[turned] == other.axes[0].probability).all()
