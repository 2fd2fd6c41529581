"""Pivots: which candidates stand where, and which numbers are bold or marked, against scipy and by hand."""

from __future__ import annotations

import math
from statistics import fmean

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from se_bench.analysis.pivot import COSTS, Cell, Pivot, check_axes, check_metrics, pivot, planned_pivot
from se_bench.errors import ConfigError
from se_bench.records import Status
from tests.analysis import small_studies
from tests.analysis.grids import Measured, grid, label

SEEDS = range(5)
NONE = {"block": "none"}
BASE = dict(zip(SEEDS, (0.80, 0.82, 0.81, 0.83, 0.79), strict=True))


def near(by: float, *wobble: float) -> dict[int, float]:
    """The baseline's values moved; no two seeds by the same amount where they wobble."""
    return {seed: BASE[seed] + by + (wobble[seed % len(wobble)] * (1 + seed / 10) if wobble else 0) for seed in SEEDS}


def se(**axes: object) -> dict[str, object]:
    return {"block": "se", **axes}


GRID: Measured = [
    (NONE, BASE),
    (se(reduction=4, squeeze="avg"), near(0.05, 0.001, -0.001)),
    (se(reduction=4, squeeze="max"), near(0.049, -0.002, 0.001)),
    (se(reduction=16, squeeze="avg"), near(-0.03, 0.002, -0.001)),
    (se(reduction=16, squeeze="max"), near(0.0, 0.004, -0.006)),
]


def cells(found: Pivot, metric: str = "accuracy") -> dict[tuple[str, str], Cell]:
    return {
        (" ".join(row).strip(), " ".join(column)): cell
        for (row, column, own), cell in found.cells.items()
        if own == metric
    }


def test_a_grid_has_a_row_and_column_for_each_value_and_the_baseline_in_every_column() -> None:
    found = pivot(grid(GRID), ["reduction"], ["squeeze"])
    assert found.row_keys == (("baseline",), ("4",), ("16",))
    assert found.column_keys == (("avg",), ("max",))
    own = cells(found)
    assert len(own) == 6
    assert own["baseline", "avg"].estimate == own["baseline", "max"].estimate
    assert own["4", "max"].estimate.mean == pytest.approx(fmean(near(0.049, -0.002, 0.001).values()))
    assert [each.label for each in own["16", "avg"].candidates] == [label(GRID[3][0])]
    assert own["16", "avg"].trial_ids == tuple(f"{label(GRID[3][0])}/{seed}" for seed in SEEDS)


def test_every_number_is_that_of_its_trials() -> None:
    found = pivot(grid(GRID), ["squeeze", "reduction"], [], ["accuracy", "loss", "train_seconds", "difference"])
    for cell in found.cells.values():
        (candidate,) = cell.candidates
        values = dict(next(seeds for axes, seeds in GRID if label(axes) == candidate.label))
        expected = {
            "accuracy": [float(values[seed]) for seed in SEEDS],
            "loss": [1 - float(values[seed]) for seed in SEEDS],
            "train_seconds": [10.0 + seed for seed in SEEDS],
            "difference": [float(values[seed]) - BASE[seed] for seed in SEEDS],
        }[cell.metric]
        if candidate.is_baseline and cell.metric == "difference":
            assert cell.estimate.mean is None
            assert cell.trial_ids == ()
            continue
        assert cell.estimate.mean == pytest.approx(fmean(expected))
        assert len(cell.trial_ids) == cell.estimate.n == 5
        if cell.metric == "accuracy":
            low, high = stats.t.interval(0.95, 4, fmean(expected), stats.sem(expected))
            assert (cell.estimate.low, cell.estimate.high) == (pytest.approx(low), pytest.approx(high))


def test_marks_are_paired_t_tests_against_the_baseline_corrected_by_holm() -> None:
    own = cells(pivot(grid(GRID), ["reduction"], ["squeeze"]))
    raw = {
        place: stats.ttest_rel(list(cell.values.values()), list(BASE.values())).pvalue
        for place, cell in own.items()
        if place[0] != "baseline"
    }
    largest = 0.0
    for rank, place in enumerate(sorted(raw, key=lambda each: raw[each])):
        largest = max(largest, min(1.0, (4 - rank) * raw[place]))
        assert own[place].p == pytest.approx(largest)
    assert own["baseline", "avg"].p is None


def test_bold_are_those_that_may_be_the_best() -> None:
    own = cells(pivot(grid(GRID), ["reduction"], ["squeeze"]))
    assert {place for place, cell in own.items() if cell.best} == {("4", "avg"), ("4", "max")}


def test_in_differences_the_baseline_is_ranked_with_none() -> None:
    worse: Measured = [
        (NONE, BASE),
        (se(reduction=4), near(-0.05, 0.001, -0.001)),
        (se(reduction=8), near(-0.06, 0.001)),
    ]
    own = cells(pivot(grid(worse), ["reduction"], metrics=["difference"]), "difference")
    assert [place for place, cell in own.items() if cell.best] == [("baseline", "")]


def best_by_brute_force(values: dict[str, dict[int, float]]) -> set[str]:
    top = max(values, key=lambda name: fmean(values[name].values()))
    found = set()
    for name, own in values.items():
        if name == top:
            continue
        gaps = [values[top][seed] - own[seed] for seed in own]
        if stats.ttest_1samp(gaps, 0, alternative="greater").pvalue * (len(values) - 1) > 0.05:
            found.add(name)
    return found | {top}


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.integers(2, 5), st.integers(3, 5))
def test_bold_is_what_scipy_cannot_tell_from_the_best(seed: int, candidates: int, seeds: int) -> None:
    draws = (
        np.random.default_rng(seed).normal(0.8, 0.02, (candidates, seeds)) + np.linspace(0, 0.03, candidates)[:, None]
    )
    measured: Measured = [
        (NONE if place == 0 else se(reduction=place), {at: float(value) for at, value in enumerate(row)})
        for place, row in enumerate(draws)
    ]
    own = cells(pivot(grid(measured), ["reduction"]))
    values = {place[0]: dict(cell.values) for place, cell in own.items()}
    assert {place[0] for place, cell in own.items() if cell.best} == best_by_brute_force(values)


@pytest.mark.slow
def test_the_truly_best_is_bold_in_95_of_100_studies() -> None:
    """Six equal candidates, any of which is the best: the hardest case."""
    generator = np.random.default_rng(1)
    missed = 0
    for _ in range(300):
        draws = generator.normal(0.8, 0.01, (6, 5))
        measured: Measured = [
            (NONE if place == 0 else se(reduction=place), {at: float(value) for at, value in enumerate(row)})
            for place, row in enumerate(draws)
        ]
        missed += not cells(pivot(grid(measured), ["reduction"]))["1", ""].best
    assert missed / 300 <= 0.05 + 3 * math.sqrt(0.05 * 0.95 / 300)


@pytest.mark.parametrize(
    ("measured", "bold"),
    [
        ([(NONE, {0: 0.8}), (se(reduction=4), {0: 0.9})], set()),
        ([(NONE, {0: 0.8, 1: 0.7}), (se(reduction=4), {0: 0.9, 1: 0.91})], set()),
        ([(NONE, BASE), (se(reduction=4), BASE)], {"baseline", "4"}),
        ([(NONE, BASE), (se(reduction=4), {})], set()),
        ([(NONE, BASE), (se(reduction=4), {7: 0.9, 8: 0.91})], set()),
        ([(NONE, {}), (se(reduction=4), {})], set()),
    ],
    ids=["one seed", "two seeds", "equal", "not trained", "no shared seed", "nothing"],
)
def test_nothing_is_bold_that_cannot_be_tested(measured: Measured, bold: set[str]) -> None:
    own = cells(pivot(grid(measured), ["reduction"]))
    assert {place[0] for place, cell in own.items() if cell.best} == bold


def test_a_candidate_with_failures_is_counted_and_not_ranked() -> None:
    failing = {**near(0.2, 0.001, -0.001), 4: Status.DIVERGED}
    own = cells(pivot(grid([*GRID, (se(reduction=32, squeeze="avg"), failing)]), ["reduction"], ["squeeze"]))
    worst = own["32", "avg"]
    assert (worst.lost, worst.trials, worst.estimate.n, worst.best, worst.p) == (1, 5, 4, False, None)
    assert worst.trial_ids == tuple(f"{label(se(reduction=32, squeeze='avg'))}/{seed}" for seed in range(4))
    assert own["4", "avg"].best


def test_a_cell_of_several_candidates_is_their_mean_seed_by_seed() -> None:
    found = pivot(grid(GRID), ["squeeze"])
    assert found.averaged == ("reduction",)
    cell = cells(found)["avg", ""]
    means = [fmean([float(GRID[1][1][seed]), float(GRID[3][1][seed])]) for seed in SEEDS]
    assert cell.estimate.mean == pytest.approx(fmean(means))
    low, high = stats.t.interval(0.95, 4, fmean(means), stats.sem(means))
    assert (cell.estimate.low, cell.estimate.high) == (pytest.approx(low), pytest.approx(high))
    assert len(cell.trial_ids) == 10
    assert cell.difference is not None
    assert cell.difference.mean == pytest.approx(fmean(means) - fmean(BASE.values()))


def test_only_seeds_that_all_candidates_of_a_cell_have_count() -> None:
    short: Measured = [*GRID[:3], (GRID[3][0], {1: 0.5, 2: 0.6}), GRID[4]]
    cell = cells(pivot(grid(short), ["squeeze"]))["avg", ""]
    assert dict(cell.values) == {
        seed: pytest.approx(fmean([float(GRID[1][1][seed]), v])) for seed, v in ((1, 0.5), (2, 0.6))
    }
    assert len(cell.trial_ids) == 4


def test_each_net_has_its_own_baseline() -> None:
    wide = near(0.10)
    measured: Measured = [
        ({**NONE, "width": 8}, BASE),
        ({**NONE, "width": 16}, wide),
        (se(width=8, reduction=4), near(0.02, 0.001, -0.001)),
        (se(width=16, reduction=4), near(0.13, 0.001, -0.001)),
    ]
    answer = grid(measured)
    own = cells(pivot(answer, ["reduction"], ["width"], ["difference"]), "difference")
    assert own["4", "8"].estimate.mean == pytest.approx(
        0.02 + fmean(near(0, 0.001, -0.001).values()) - fmean(BASE.values())
    )
    assert own["4", "16"].estimate.mean == pytest.approx(
        0.03 + fmean(near(0, 0.001, -0.001).values()) - fmean(BASE.values())
    )
    assert set(own) == {("baseline", "8"), ("baseline", "16"), ("4", "8"), ("4", "16")}
    turned = pivot(answer, ["width", "reduction"])
    assert turned.row_keys == (("8", "baseline"), ("16", "baseline"), ("8", "4"), ("16", "4"))


def test_an_axis_without_effect_has_a_row_of_its_own() -> None:
    found = pivot(grid([*GRID[:2], (se(excite="full"), BASE)]), ["reduction", "squeeze"])
    assert found.row_keys == (("baseline", ""), ("4", "avg"), ("–", "–"))


def test_costs_have_no_interval_and_are_never_bold() -> None:
    found = pivot(grid(GRID), ["squeeze"], [], COSTS)
    for cell in found.cells.values():
        costs = [getattr(each.cost, cell.metric) for each in cell.candidates]
        assert cell.estimate.mean == fmean(costs)
        assert (cell.estimate.low, cell.best, cell.p) == (None, False, None)


@pytest.mark.parametrize("measured", small_studies.ODD.values(), ids=list(small_studies.ODD))
def test_a_study_in_which_something_is_missing_has_a_table(measured: small_studies.Measured) -> None:
    found = planned_pivot(small_studies.answered(measured), ["accuracy", "difference", "loss", "params"])
    assert found is not None
    assert {cell.estimate.n for cell in found.cells.values()} <= {0, 1, 2}


def test_an_axis_or_metric_that_is_none_gets_the_nearest() -> None:
    study = small_studies.study()
    assert check_axes(study, ["reduction", "squeeze"], "--rows") == ("reduction", "squeeze")
    with pytest.raises(ConfigError, match="has no axis 'reductoin'") as refused:
        check_axes(study, ["reductoin"], "--rows")
    assert (refused.value.key, refused.value.nearest) == ("--rows", "reduction")
    with pytest.raises(ConfigError, match="named twice"):
        check_axes(study, ["gate", "gate"], "--columns")
    with pytest.raises(ConfigError, match="no axis is named"):
        check_axes(study, [], "--rows")
    with pytest.raises(ConfigError, match="no metric 'acuracy'") as refused:
        check_metrics(["acuracy"])
    assert refused.value.nearest == "accuracy"
