"""Main effects and interactions against other programs, by hand, and by simulation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
import statsmodels.formula.api as smf
from scipy import stats
from statsmodels.stats.anova import AnovaRM

from se_bench.analysis import interactions, main_effects, seed_table
from se_bench.analysis.answer import Answer
from se_bench.analysis.factor_model import FactorModel, Term, fit
from se_bench.analysis.factors import factors
from se_bench.config.dashboard import Panel
from se_bench.records import Status
from tests.analysis.crossed_studies import FACTORS, answered_with_axes, crossed, noisy, of_candidates
from tests.analysis.small_studies import FULL, ODD, answered

MAIN = Panel.read({"figure": "main_effects"})
PAIRS = Panel.read({"figure": "interactions"})


def model_of(answer: Answer, y: str = "accuracy") -> FactorModel:
    found = seed_table.of(answer)
    model = fit(found, y, factors(found))
    assert model is not None
    return model


def frame(answer: Answer) -> pd.DataFrame:
    """The trials with the axes of their candidates, for other programs."""
    axes = {
        each.candidate.architecture_id: each.candidate.axes
        for each in answer.candidates
        if not each.candidate.is_baseline
    }
    rows = [
        {
            **{axis: str(value) for axis, value in axes[trial.architecture_id].items()},
            "seed": trial.seed,
            "y": trial.accuracy,
        }
        for trial in answer.records.trials
        if trial.architecture_id in axes and trial.status is Status.COMPLETED
    ]
    return pd.DataFrame(rows)


def term(model: FactorModel, *names: str) -> Term:
    return next(each for each in model.terms if each.factors == names)


def test_effects_of_a_full_factorial_are_differences_of_means() -> None:
    answer = crossed(FACTORS, noisy())
    model, data = model_of(answer), frame(answer)
    assert model.mean == pytest.approx(data.y.mean())
    for axis in FACTORS:
        means = data.groupby(axis).y.mean()
        for effect in term(model, axis).effects:
            assert effect.value == pytest.approx(means[effect.levels[0]] - data.y.mean(), abs=1e-9)
    cells = data.groupby(["squeeze", "gate"]).y.mean()
    for effect in term(model, "squeeze", "gate").effects:
        squeeze, gate = effect.levels
        alone = data[data["squeeze"] == squeeze].y.mean() + data[data["gate"] == gate].y.mean() - data.y.mean()
        assert effect.value == pytest.approx(cells[squeeze, gate] - alone, abs=1e-9)


def test_intervals_are_those_of_randomised_complete_blocks() -> None:
    """Sum-coded least squares with seeds as fixed blocks gives the same, exactly, where nothing is missing."""
    answer = crossed(FACTORS, noisy())
    model, data = model_of(answer), frame(answer)
    assert "Mixed model" in model.method
    found = smf.ols("y ~ C(squeeze, Sum) * C(gate, Sum) + C(seed, Sum)", data).fit()
    bounds = found.conf_int()
    for effect, name in zip(term(model, "squeeze").effects[:2], ("avg", "max"), strict=True):
        expected = bounds.loc[f"C(squeeze, Sum)[S.{name}]"].tolist()
        assert [effect.low, effect.high] == pytest.approx(expected, rel=1e-4)
    expected = bounds.loc["C(squeeze, Sum)[S.max]:C(gate, Sum)[S.sigmoid]"].tolist()
    found_pair = next(each for each in term(model, "squeeze", "gate").effects if each.levels == ("max", "sigmoid"))
    assert [found_pair.low, found_pair.high] == pytest.approx(expected, rel=1e-4)


def test_the_test_of_one_axis_is_the_repeated_measures_anova() -> None:
    answer = crossed({"squeeze": ("avg", "max", "std")}, noisy(spread=0.02))
    table = AnovaRM(frame(answer), "y", "seed", within=["squeeze"]).fit().anova_table
    assert term(model_of(answer), "squeeze").p == pytest.approx(table.loc["squeeze", "Pr > F"], rel=1e-3)


def test_p_values_are_corrected_over_all_terms() -> None:
    answer = crossed(FACTORS, noisy(spread=0.02))
    data = frame(answer)
    fixed = smf.ols("y ~ C(squeeze, Sum) * C(gate, Sum) + C(seed, Sum)", data).fit()
    table = sm.stats.anova_lm(fixed, typ=3)
    raw = [table.loc[name, "PR(>F)"] for name in ("C(squeeze, Sum)", "C(gate, Sum)", "C(squeeze, Sum):C(gate, Sum)")]
    order = np.argsort(raw)
    adjusted = np.empty(3)
    adjusted[order] = np.minimum(1, np.maximum.accumulate(np.array(raw)[order] * [3, 2, 1]))
    assert [each.p for each in model_of(answer).terms] == pytest.approx(adjusted.tolist(), rel=1e-3)


def test_a_missing_trial_is_no_obstacle() -> None:
    whole = noisy()

    def gap(axes: Mapping[str, Any], seed: int) -> float:
        return (
            np.nan if seed == 3 and axes.get("gate") == "tanh" and axes.get("squeeze") == "std" else whole(axes, seed)
        )

    model = model_of(crossed(FACTORS, gap))
    assert model.trials == 23
    full = model_of(crossed(FACTORS, whole))
    for one, other in zip(model.terms, full.terms, strict=True):
        for found, expected in zip(one.effects, other.effects, strict=True):
            assert found.value == pytest.approx(expected.value, abs=0.004)


def test_seeds_that_do_not_differ_are_fixed_blocks_and_that_is_said() -> None:
    def anticorrelated(axes: Mapping[str, Any], seed: int) -> float:
        """The sum over candidates is the same for each seed, so that seeds vary less than chance."""
        place = ["avg", "max", "std"].index(axes.get("squeeze", "avg"))
        return 0.8 + 0.01 * place + [[0.01, -0.01, 0.0], [-0.01, 0.0, 0.01], [0.0, 0.01, -0.01]][seed % 3][place]

    answer = crossed({"squeeze": ("avg", "max", "std")}, anticorrelated, seeds=3)
    model = model_of(answer)
    assert "singular" in model.method
    assert "fixed blocks" in model.method
    expected = (
        smf.ols("y ~ C(squeeze, Sum) + C(seed, Sum)", frame(answer)).fit().conf_int().loc["C(squeeze, Sum)[S.max]"]
    )
    effect = term(model, "squeeze").effects[1]
    assert [effect.low, effect.high] == pytest.approx(expected.tolist())


def test_one_axis_at_a_time_has_main_effects_and_says_what_is_taken_to_be_none() -> None:
    candidates = [
        {"squeeze": "avg", "gate": "sigmoid"},
        {"squeeze": "max", "gate": "sigmoid"},
        {"squeeze": "avg", "gate": "tanh"},
    ]
    model = model_of(of_candidates(candidates, noisy()))
    assert [each.factors for each in model.terms] == [("squeeze",), ("gate",)]
    assert "interactions are taken to be none" in model.method
    assert all(effect.low is not None for each in model.terms for effect in each.effects)
    data = frame(of_candidates(candidates, noisy()))
    means = data.groupby(["squeeze", "gate"]).y.mean()
    half = (means["max", "sigmoid"] - means["avg", "sigmoid"]) / 2
    assert [effect.value for effect in term(model, "squeeze").effects] == pytest.approx([-half, half])


def test_an_incomplete_design_counts_what_it_leaves_out_as_noise() -> None:
    """Candidates are the observations then: more seeds of the same few do not make an effect surer."""
    levels = {"squeeze": ("avg", "max", "std"), "gate": ("sigmoid", "tanh", "relu")}
    candidates = [
        {"squeeze": squeeze, "gate": gate}
        for squeeze in levels["squeeze"]
        for gate in levels["gate"]
        if (squeeze, gate) not in (("std", "relu"), ("max", "relu"))
    ]

    def uneven(axes: Mapping[str, Any], seed: int) -> float:
        return (
            0.8 + np.random.default_rng(list(str(sorted(axes.items())).encode())).normal(0, 0.02) + 0.0001 * (seed % 3)
        )

    few, many = (model_of(of_candidates(candidates, uneven, seeds)) for seeds in (3, 30))
    assert "not one candidate for every combination" in few.method
    widths = [term(each, "squeeze").effects[0].high - term(each, "squeeze").effects[0].low for each in (few, many)]  # type: ignore[operator]
    assert widths[1] == pytest.approx(widths[0], rel=0.05)
    means = frame(of_candidates(candidates, uneven, 3)).groupby(["squeeze", "gate"], as_index=False).y.mean()
    expected = smf.ols("y ~ C(squeeze, Sum) + C(gate, Sum)", means).fit().conf_int().loc["C(squeeze, Sum)[S.avg]"]
    effect = term(few, "squeeze").effects[0]
    assert [effect.low, effect.high] == pytest.approx(expected.tolist())


def test_one_seed_uses_interactions_as_noise() -> None:
    answer = crossed(FACTORS, noisy(), seeds=1)
    model = model_of(answer)
    assert model.method.startswith("One seed")
    assert [each.factors for each in model.terms] == [("squeeze",), ("gate",)]
    expected = (
        smf.ols("y ~ C(squeeze, Sum) + C(gate, Sum)", frame(answer)).fit().conf_int().loc["C(gate, Sum)[S.sigmoid]"]
    )
    effect = term(model, "gate").effects[0]
    assert [effect.low, effect.high] == pytest.approx(expected.tolist())


def test_without_spread_there_are_effects_and_no_intervals() -> None:
    for answer in (
        crossed({"gate": ("sigmoid", "tanh")}, lambda axes, seed: 0.8, seeds=3),
        crossed({"gate": ("sigmoid", "tanh")}, lambda axes, seed: 0.8 + 0.1 * (axes.get("gate") == "tanh"), seeds=3),
        crossed({"gate": ("sigmoid", "tanh")}, noisy(), seeds=1),
    ):
        model = model_of(answer)
        assert {effect.low for each in model.terms for effect in each.effects} == {None}
        assert [each.p for each in model.terms] == [None]


def test_axes_whose_effects_cannot_be_told_apart_are_named() -> None:
    candidates = [
        {"squeeze": squeeze, "gate": gate, "excite": excite}
        for squeeze, gate, excite in (
            ("avg", "sigmoid", "full"), ("max", "sigmoid", "diagonal"),
            ("std", "tanh", "full"), ("avg", "tanh", "diagonal"),
        )
    ]  # fmt: skip
    model = model_of(of_candidates(candidates, noisy()))
    assert "gate cannot be told apart from the others" in model.method


def test_diverged_trials_are_counted_in_the_caption() -> None:
    axes = {"a": {"gate": "sigmoid"}, "b": {"gate": "tanh"}}
    found = main_effects.compute(
        answered_with_axes(
            {"baseline": {0: 0.8}, "a": {0: 0.8, 1: 0.81, 2: Status.DIVERGED}, "b": {0: 0.7, 1: 0.72, 2: 0.71}}, axes
        ),
        MAIN,
    )
    assert found is not None
    assert "5 trials of 2 candidates, 1 diverged or failed and are left out." in found.caption


def test_the_panels_axes_and_metric_are_used() -> None:
    answer = crossed(FACTORS, noisy())
    found = main_effects.compute(answer, Panel.read({"figure": "main_effects", "axes": ["gate"], "y": "loss"}))
    assert found is not None
    assert [each.factors for each in found.terms] == [("gate",)]
    accuracy = main_effects.compute(answer, Panel.read({"figure": "main_effects", "axes": ["gate"]}))
    assert accuracy is not None
    assert found.terms[0].effects[0].value == pytest.approx(-accuracy.terms[0].effects[0].value)


def test_candidates_that_the_axes_do_not_tell_apart_are_the_observations() -> None:
    """Many values of one number, cut into groups: what tells a group's members apart is noise, however many seeds."""

    def uneven(axes: Mapping[str, Any], seed: int) -> float:
        return 0.8 + np.random.default_rng(axes.get("reduction", 0)).normal(0, 0.02) + 0.0001 * (seed % 3)

    candidates = [{"reduction": r} for r in range(1, 41)]
    few, many = (model_of(of_candidates(candidates, uneven, seeds)) for seeds in (3, 12))
    assert "not one candidate for every combination" in few.method
    widths = [each.terms[0].effects[0].high - each.terms[0].effects[0].low for each in (few, many)]  # type: ignore[operator]
    assert widths[1] == pytest.approx(widths[0], rel=0.05)


def test_a_panel_that_shows_one_axis_does_not_forget_the_others() -> None:
    answer = crossed(FACTORS, noisy())
    one = main_effects.compute(answer, Panel.read({"figure": "main_effects", "axes": ["gate"]}))
    both = main_effects.compute(answer, MAIN)
    assert one is not None
    assert both is not None
    assert one.terms == both.terms[1:]
    assert interactions.compute(answer, Panel.read({"figure": "interactions", "axes": ["gate"]})) is None


def test_interactions_come_the_surest_first() -> None:
    levels = {**FACTORS, "bias": (False, True)}
    found = interactions.compute(crossed(levels, noisy()), PAIRS)
    assert found is not None
    assert found.terms[0].factors == ("squeeze", "gate")
    ps = [each.p for each in found.terms]
    assert ps == sorted(ps)  # type: ignore[type-var]
    assert interactions.compute(answered(FULL), PAIRS) is None


@pytest.mark.parametrize("name", ["no trial", "nothing trained", "failed only", "one seed"])
def test_there_is_no_model_without_two_candidates(name: str) -> None:
    assert main_effects.compute(answered(ODD[name]), MAIN) is None


@pytest.mark.slow
def test_intervals_cover_the_truth_as_often_as_they_say() -> None:
    """400 studies of 2 x 2 candidates and 3 seeds, with effects and strong pairing."""
    truth = {("sigmoid",): -0.01, ("tanh",): 0.01}
    random = np.random.default_rng(0)
    covered = 0
    cells = [(gate, bias) for gate in (-1, 1) for bias in (-1, 1)]
    levels = {"gate": ("sigmoid", "tanh"), "bias": (False, True)}
    found = seed_table.of(crossed(levels, lambda axes, seed: 0.5, seeds=3))
    axes = factors(found)
    for _ in range(400):
        seeds = random.normal(0, 0.02, 3)
        found.metrics["accuracy"][1:] = [
            0.8 + 0.01 * gate + 0.005 * gate * bias + seeds + random.normal(0, 0.01, 3) for gate, bias in cells
        ]
        model = fit(found, "accuracy", axes)
        assert model is not None
        effect = term(model, "gate").effects[0]
        assert effect.low is not None
        assert effect.high is not None
        covered += int(effect.low <= truth[effect.levels] <= effect.high)
    assert stats.binomtest(covered, 400, 0.95).pvalue > 0.001
