"""Importance agrees with a decomposition by hand, adds up, and says how sure it is."""

from __future__ import annotations

import numpy as np
import pytest

from se_bench.analysis import importance, seed_table
from se_bench.analysis.factors import factors
from se_bench.analysis.importance import FEWEST_ABOVE, compute, of
from se_bench.config.dashboard import Panel
from tests.analysis.crossed_studies import FACTORS, crossed, noisy
from tests.analysis.small_studies import FULL, ODD, answered

PANEL = Panel.read({"figure": "importance"})


@pytest.fixture(autouse=True)
def _few_resamples(monkeypatch: pytest.MonkeyPatch) -> None:
    """Enough to see intervals; how many there are in earnest is a matter of time."""
    monkeypatch.setitem(importance.RESAMPLES, "fanova", 8)
    monkeypatch.setitem(importance.RESAMPLES, "ped_anova", 20)


def test_shares_add_up_and_the_larger_effect_comes_first() -> None:
    found = compute(crossed(FACTORS, noisy()), PANEL)
    assert found is not None
    assert found.method == "fanova"
    assert [axis.name for axis in found.axes] == ["gate", "squeeze"]
    assert sum(axis.share for axis in found.axes) == pytest.approx(1)
    for axis in found.axes:
        assert axis.low is not None
        assert axis.high is not None
        assert 0 <= axis.low <= axis.share <= axis.high <= 1
    assert (found.candidates, found.seeds) == (6, 4)


def test_a_panel_that_shows_one_axis_does_not_forget_the_others() -> None:
    answer = crossed(FACTORS, noisy())
    whole, one = compute(answer, PANEL), compute(answer, Panel.read({"figure": "importance", "axes": ["gate"]}))
    assert whole is not None
    assert one is not None
    assert one.axes == tuple(axis for axis in whole.axes if axis.name == "gate")
    assert one.axes[0].share < 1
    assert compute(answer, Panel.read({"figure": "importance", "axes": ["bias"]})) is None


def test_without_interaction_a_share_is_that_of_the_variance() -> None:
    """Each combination once, without noise: the variance splits exactly, the forest follows it nearly."""
    effects = {"avg": 0.0, "max": 0.03, "std": 0.06, "sigmoid": 0.0, "tanh": 0.04}
    answer = crossed(
        {**FACTORS, "bias": (False, True)},
        lambda axes, seed: 0.7 + sum(effects.get(str(value), 0.0) for value in axes.values()),
        seeds=1,
    )
    found = compute(answer, PANEL)
    assert found is not None
    parts = {"squeeze": np.var([0.0, 0.03, 0.06]), "gate": np.var([0.0, 0.04]), "bias": 0.0}
    for axis in found.axes:
        assert axis.share == pytest.approx(parts[axis.name] / sum(parts.values()), abs=0.06)
        assert (axis.low, axis.high) == (None, None)
    assert "No uncertainty: one seed." in found.caption


def test_more_noise_makes_it_less_sure() -> None:
    widths = []
    for spread in (0.001, 0.03):
        found = compute(crossed(FACTORS, noisy(spread=spread), seeds=3), PANEL)
        assert found is not None
        widths.append(max((axis.high or 0) - (axis.low or 0) for axis in found.axes))
    assert widths[0] < widths[1]


def test_the_axis_that_makes_the_best_is_important_to_ped_anova() -> None:
    levels = {
        "gate": ("sigmoid", "tanh", "relu", "identity"),
        "squeeze": ("avg", "max", "std", "avg_std"),
        "reduction": (2, 4, 8, 16),
    }
    answer = crossed(
        levels,
        lambda axes, seed: 0.8 + 0.05 * (axes.get("gate") == "tanh") + 0.001 * (seed + axes.get("reduction", 0) % 3),
        seeds=2,
    )
    for method in (None, "ped_anova"):
        found = compute(answer, Panel.read({"figure": "importance", **({"method": method} if method else {})}))
        assert found is not None
        assert found.method == "ped_anova"
        assert found.axes[0].name == "gate"
        assert found.axes[0].share > 0.5
    assert len(answer.candidates) > FEWEST_ABOVE


@pytest.mark.parametrize("method", ["fanova", "ped_anova"])
def test_the_direction_of_the_metric_counts_for_the_best(method) -> None:
    answer = crossed(FACTORS, noisy())
    found = seed_table.of(answer)
    found = found.only(~found.is_baseline)
    axes = factors(found)
    higher = of(found, "accuracy", axes, method, maximize=True)
    lower = of(found, "loss", axes, method, maximize=False)
    assert higher is not None
    assert lower is not None
    assert {axis.name: axis.share for axis in higher.axes} == pytest.approx(
        {axis.name: axis.share for axis in lower.axes}, abs=0.02
    )


def test_the_same_study_has_the_same_shares() -> None:
    one, two = (compute(crossed(FACTORS, noisy()), PANEL) for _ in range(2))
    assert one == two


@pytest.mark.parametrize("measured_", [FULL, *ODD.values()])
def test_one_axis_is_compared_with_nothing(measured_) -> None:
    assert compute(answered(measured_), PANEL) is None


def test_candidates_that_do_not_differ_have_no_importance() -> None:
    assert compute(crossed(FACTORS, lambda axes, seed: 0.8), PANEL) is None
