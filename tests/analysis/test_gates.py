"""Statistics of gates against all gates in memory: sums of squares, correlations, and what interventions change."""

from __future__ import annotations

import dataclasses
import math
from itertools import combinations
from types import ModuleType

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from se_bench.analysis import gate_interventions, gate_profiles, gate_units
from se_bench.analysis.estimates import difference, estimate
from se_bench.analysis.gate_interventions import dynamic_gate
from se_bench.analysis.gate_measures import Array
from se_bench.analysis.gates import summary
from se_bench.config.dashboard import Panel
from se_bench.records import GateReading, Intervention, UnitGates
from tests.analysis.small_studies import FULL, ODD, answered, reading

CLASSES = ("a", "b", "c", "d")


def drawn(seed: int, *, images: tuple[int, ...], channels: int, between: float, within: float) -> list[Array]:
    """The gates of each class, (images, channels): a mean a channel and class, and noise."""
    random = np.random.default_rng(seed)
    level = random.uniform(0.2, 0.8, channels)
    return [
        level + between * random.normal(size=channels) + within * random.normal(size=(count, channels))
        for count in images
    ]


def as_reading(of_units: list[list[Array]], seed: int = 0) -> GateReading:
    units = [
        UnitGates(
            unit=f"stage{place}.0",
            stage=place,
            means=tuple(tuple(each.mean(axis=0).tolist()) for each in of_class),
            deviations=tuple(tuple(each.std(axis=0).tolist()) for each in of_class),
            low=0.1,
            high=None,
        )
        for place, of_class in enumerate(of_units, start=1)
    ]
    images = tuple(len(each) for each in of_units[0])
    return GateReading(
        trial_id=f"it/{seed}",
        seed=seed,
        accuracy=0.9,
        classes=CLASSES[: len(images)],
        images=images,
        units=tuple(units),
        interventions=(),
    )


@settings(deadline=None, max_examples=60)
@given(
    seed=st.integers(0, 10**6),
    images=st.lists(st.integers(1, 9), min_size=2, max_size=4).map(tuple),
    channels=st.integers(2, 7),
    between=st.sampled_from([0.0, 0.01, 0.3]),
    within=st.sampled_from([0.01, 0.2]),
)
def test_statistics_are_those_of_all_gates(
    seed: int, images: tuple[int, ...], channels: int, between: float, within: float
) -> None:
    of_class = drawn(seed, images=images, channels=channels, between=between, within=within)
    (unit,) = summary("it", [as_reading([of_class])]).units
    everything = np.concatenate(of_class)
    total = everything.var(axis=0).sum()
    residual = sum(((own - own.mean(axis=0)) ** 2).sum() for own in of_class) / len(everything)
    assert unit.mean.mean == pytest.approx(everything.mean())
    assert unit.channel_spread.mean == pytest.approx(everything.mean(axis=0).std())
    assert unit.image_spread.mean == pytest.approx(math.sqrt(residual / channels))
    assert unit.class_spread.mean == pytest.approx(math.sqrt((total - residual) / channels), abs=1e-9)
    if residual:
        assert unit.class_share.mean == pytest.approx(1 - residual / total, abs=1e-9)
    pairs = [stats.pearsonr(one.mean(axis=0), two.mean(axis=0))[0] for one, two in combinations(of_class, 2)]
    assert unit.class_correlation.mean == pytest.approx(np.mean(pairs), abs=1e-9)
    assert (unit.low.n, unit.high.n) == (1, 0)


def test_the_class_share_of_one_channel_is_that_of_an_analysis_of_variance() -> None:
    of_class = drawn(1, images=(5, 8, 3), channels=1, between=0.1, within=0.1)
    (unit,) = summary("it", [as_reading([of_class])]).units
    f = float(stats.f_oneway(*of_class).statistic[0])
    assert unit.class_share.mean == pytest.approx(2 * f / (2 * f + 13))


def test_gates_that_are_the_same_for_all_classes_correlate_and_have_no_class_share() -> None:
    level = np.linspace(0.2, 0.8, 5)
    noise = np.array([[-0.1], [0.1]])
    (unit,) = summary("it", [as_reading([[level + noise] * 3])]).units
    assert unit.class_share.mean == pytest.approx(0.0, abs=1e-12)
    assert unit.class_correlation.mean == pytest.approx(1.0)
    assert unit.image_spread.mean == pytest.approx(0.1)


def test_gates_that_only_the_class_decides_have_a_class_share_of_one() -> None:
    of_class = drawn(2, images=(3, 3, 3), channels=4, between=0.2, within=0.0)
    (unit,) = summary("it", [as_reading([of_class])]).units
    assert unit.class_share.mean == pytest.approx(1.0)


@pytest.mark.parametrize("level", [0.5, 0.1, 1 / 3, 1e6 / 7])
def test_constant_gates_have_neither_share_nor_correlation(level: float) -> None:
    of_class = [np.full((images, 3), level) for images in (4, 5, 7)]
    (unit,) = summary("it", [as_reading([of_class])]).units
    assert (unit.class_share.n, unit.class_correlation.n, unit.agreement) == (0, 0, None)
    assert unit.mean.mean == pytest.approx(level)
    assert unit.image_spread.mean == pytest.approx(0.0, abs=1e-9)


def test_seeds_agree_by_the_classes_that_they_tell_apart_whatever_the_order_of_channels() -> None:
    of_class = drawn(3, images=(6, 6, 6, 6), channels=8, between=0.1, within=0.05)
    turned = [each[:, ::-1] for each in of_class]
    (unit,) = summary("it", [as_reading([of_class], 0), as_reading([turned], 1)]).units
    assert unit.agreement == pytest.approx(1.0)
    other = drawn(4, images=(6, 6, 6, 6), channels=8, between=0.1, within=0.05)
    readings = [as_reading([own], seed) for seed, own in enumerate((of_class, turned, other))]
    (unit,) = summary("it", readings).units
    vectors = [np.corrcoef([each.mean(axis=0) for each in own])[np.triu_indices(4, 1)] for own in (of_class, other)]
    expected = float(np.corrcoef(vectors)[0, 1])
    assert unit.agreement == pytest.approx((1 + 2 * expected) / 3)
    assert unit.mean.n == 3


def test_one_seed_agrees_with_nobody() -> None:
    (unit, _) = summary("it", [reading("it", 0, 0.9)]).units
    assert unit.agreement is None
    assert (unit.mean.n, unit.mean.low) == (1, None)


def test_an_effect_is_the_difference_of_accuracies_seed_by_seed() -> None:
    accuracies = {0: 0.80, 1: 0.83, 4: 0.81}
    found = summary("it", [reading("it", seed, value) for seed, value in reversed(accuracies.items())])
    assert found.seeds == (0, 1, 4)
    assert [(each.kind, each.stage) for each in found.effects] == [
        (kind, stage) for stage in (None, 1, 2) for kind in ("frozen", "shuffled")
    ]
    changed = {seed: value - (0.01 + 0.001 * seed) for seed, value in accuracies.items()}
    assert found.effects[0].difference == difference(changed, accuracies)
    assert found.effects[0].difference.mean == pytest.approx(-0.01 - 0.005 / 3)


def test_profiles_are_those_of_the_deepest_unit_of_each_stage_with_the_first_seed() -> None:
    first, second = (reading("it", seed, 0.9) for seed in (0, 1))
    more = [
        dataclasses.replace(each, units=(*each.units, dataclasses.replace(each.units[1], unit="stage2.1")))
        for each in (second, first)
    ]
    found = summary("it", more)
    assert [(each.unit, each.stage) for each in found.profiles] == [("stage1.0", 1), ("stage2.1", 2)]
    assert found.profiles[0].means == first.units[0].means
    assert [unit.unit for unit in found.units] == ["stage1.0", "stage2.0", "stage2.1"]
    assert found.units[0].low == estimate([0.0, 0.01])


@pytest.mark.parametrize("figure", [gate_interventions, gate_profiles, gate_units])
def test_a_study_shows_the_candidates_whose_gates_were_read_in_the_order_of_the_plan(figure: ModuleType) -> None:
    panel = Panel.read({"figure": "gate_units"})
    found = figure.compute(answered(FULL), panel)
    assert [(each.label, each.seeds) for each in found.candidates] == [
        ("reduction=2", (0, 1, 2)),
        ("reduction=16", (0, 1, 2)),
    ]
    assert all(each.label in found.caption for each in found.candidates)
    assert figure.compute(answered(ODD["failed only"]), panel) is None


def test_the_sentence_about_the_dynamic_gate_follows_the_test() -> None:
    def said(*losses: float) -> str:
        readings = [
            dataclasses.replace(each, interventions=(Intervention(kind="frozen", stage=None, accuracy=0.9 - loss),))
            for seed, loss in enumerate(losses)
            for each in [reading("it", seed, 0.9)]
        ]
        return dynamic_gate(summary("it", readings))

    lost = said(0.010, 0.011, 0.012)
    assert lost.endswith("−1.10 [−1.35, −0.85] points (n = 3, p = 0.003): the dynamic gate matters.")
    assert said(-0.010, -0.011, -0.012).endswith("the net does better without the dynamic gate.")
    assert said(0.010, -0.011, 0.002).endswith("that the dynamic gate matters is not shown.")
    assert said(0.010).endswith("−1.00 points (n = 1): too few seeds to say more.")
