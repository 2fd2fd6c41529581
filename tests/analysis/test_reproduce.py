"""Verdicts on printed figures, from results made by hand on nets that exist in name only."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from se_bench.analysis.agreement import Agreement, direction
from se_bench.analysis.printed_accuracy import Measured, chance_of
from se_bench.analysis.published import PrintedRow, printed_rows
from se_bench.analysis.reproduce import Design, PrintedNet, Reproduction, compare, to_json
from se_bench.config.published import PublishedTable, Spread, load_table
from se_bench.records import MeasuredTrial, Net, Status, TrialResult

TABLE, _ = load_table("senet-table-10")
ROWS = printed_rows(TABLE)
HE, _ = load_table("he-table-6")
HE_ROWS = printed_rows(HE)
SMALL = Net(backbone="small", options={}, input_shape=(3, 16, 16), classes=10)
DIGITS = {"name": "digits", "size": 16}
SHORT = {"epochs": 8}
HE_RECIPE = HE.setting.recipe.identity() if HE.setting.recipe else {}
HE_DATA = {"name": "cifar10", "validation_images": 5000}

Values = Mapping[str, Mapping[int, float]]
"""Row -> seed -> accuracy."""


def trial(
    architecture: str, seed: int, accuracy: float, *, dataset: Any = DIGITS, recipe: Any = SHORT, **changes: Any
) -> MeasuredTrial:
    result = TrialResult(
        trial_id=f"{architecture}/{seed}/{json.dumps(recipe)}",
        architecture_id=architecture,
        seed=seed,
        status=Status.COMPLETED,
        accuracy=accuracy,
    )
    values = {"dataset_fingerprint": "f00d", "numerics_version": 1, **changes}
    return MeasuredTrial(result=result, dataset=dataset, recipe=recipe, **values)


def found(
    values: Values,
    table: PublishedTable = TABLE,
    rows: tuple[PrintedRow, ...] = ROWS,
    same: Mapping[str, str] | None = None,
    **setting: Any,
) -> Reproduction:
    """The comparison of a table with these accuracies; ``same`` rows build the net of another one."""
    designs = [
        Design(row=place, net=SMALL, held={}, architecture_id=(same or {}).get(row.row.label, row.row.label))
        for place, row in enumerate(rows)
    ]
    trials = [trial(label, seed, each, **setting) for label, seeds in values.items() for seed, each in seeds.items()]
    return compare(table, rows, [None] * len(rows), designs, trials)


def measured(reproduction: Reproduction, label: str) -> Measured:
    (row,) = [each for each in reproduction.rows if each.printed.row.label == label]
    assert row.accuracy is not None
    (only,) = row.accuracy.measured
    assert row.accuracy.judged == only.judged
    return only


BASE = {0: 0.80, 1: 0.82, 2: 0.81, 3: 0.80}


def moved(by: float, spread: float = 0.001) -> dict[int, float]:
    return {seed: value + by + spread * (seed - 1.5) for seed, value in BASE.items()}


@pytest.mark.parametrize(
    ("by", "verdict"),
    [(0.02, Agreement.SAME_DIRECTION), (-0.02, Agreement.OPPOSITE), (0.0, Agreement.UNDECIDED)],
)
def test_a_change_beyond_doubt_has_a_direction(by: float, verdict: Agreement) -> None:
    """The paper prints a lower error with r=16 than without a block."""
    one = measured(found({"no block": BASE, "r=16": moved(by)}), "r=16")
    assert one.judged.verdict is verdict
    assert one.difference is not None
    assert one.difference.mean == pytest.approx(by)
    assert [each.part for each in one.differs] == ["dataset", "backbone", "recipe"]


def test_p_is_corrected_over_the_rows_of_a_setting_but_once_for_a_design() -> None:
    alone = measured(found({"no block": BASE, "r=16": moved(0.004, 0.002)}), "r=16")
    values = {"no block": BASE, "r=16": moved(0.004, 0.002), "r=8": moved(0.0, 0.004), "r=4": moved(0.0, 0.005)}
    three = measured(found(values), "r=16")
    raw = stats.ttest_rel(list(moved(0.004, 0.002).values()), list(BASE.values())).pvalue
    assert alone.p == pytest.approx(raw)
    assert three.p == pytest.approx(3 * raw)
    twins = measured(found({"no block": BASE, "r=16": moved(0.004, 0.002)}, same={"r=8": "r=16"}), "r=16")
    assert twins.p == pytest.approx(raw)


def test_nothing_is_said_where_nothing_is_known() -> None:
    reproduction = found({"no block": BASE, "r=2": {7: 0.9}, "r=4": {0: 0.9}, "r=8": {}}, same={"r=32": "no block"})
    whys = {
        row.printed.row.label: (row.accuracy.judged.verdict, row.accuracy.judged.why)
        for row in reproduction.rows
        if row.accuracy
    }
    assert whys == {
        "no block": (Agreement.NOT_COMPARABLE, "the reference row, in another setting"),
        "r=2": (Agreement.NOT_COMPARABLE, "the reference row's design has no trial of the same seed here"),
        "r=4": (Agreement.UNDECIDED, "1 of the 3 seeds that a test needs"),
        "r=8": (Agreement.NOT_COMPARABLE, "no completed trial of this design in the database"),
        "r=16": (Agreement.NOT_COMPARABLE, "no completed trial of this design in the database"),
        "r=32": (Agreement.NOT_COMPARABLE, "builds the same net as the reference row here"),
    }


@pytest.mark.parametrize("lost", ["r=16", "no block"])
def test_trials_without_a_result_leave_a_direction_undecided(lost: str) -> None:
    designs = [Design(row=place, net=SMALL, held={}, architecture_id=row.row.label) for place, row in enumerate(ROWS)]
    values = {"no block": BASE, "r=16": moved(0.02)}
    trials = [trial(label, seed, each) for label, seeds in values.items() for seed, each in seeds.items()]
    one = trial(lost, 9, 0.5)
    failed = replace(one, result=replace(one.result, status=Status.DIVERGED, accuracy=None))
    own = measured(compare(TABLE, ROWS, [None] * len(ROWS), designs, [*trials, failed]), "r=16")
    assert (own.lost, own.accuracy.n, own.judged.verdict) == (1, 4, Agreement.UNDECIDED)
    assert "1 trials have no result" in own.judged.why


def test_a_printed_change_within_chance_points_nowhere() -> None:
    """SE-PRE is printed 0.05 points below the standard place."""
    table, _ = load_table("senet-table-14")
    reproduction = found({"standard": BASE, "SE-PRE": moved(0.03), "SE-POST": moved(-0.03)}, table, printed_rows(table))
    assert measured(reproduction, "SE-PRE").judged.verdict is Agreement.NOT_COMPARABLE
    assert "0.28 points by chance" in measured(reproduction, "SE-PRE").judged.why
    assert measured(reproduction, "SE-POST").judged.verdict is Agreement.SAME_DIRECTION


def test_chance_is_the_difference_of_two_trainings() -> None:
    chance = chance_of(Spread(points=0.1, source=""))
    draws = stats.norm(scale=0.001).rvs((200_000, 2), random_state=0)
    assert (abs(draws[:, 0] - draws[:, 1]) < chance).mean() == pytest.approx(0.95, abs=0.002)


NETS = ("resnet20", "resnet32")


def he(accuracy: Mapping[int, float], backbone: str = "cifar_resnet20", **setting: Any) -> Measured:
    """What is said of ResNet-20's printed 8.75 % error."""
    net = Net(backbone="cifar_resnet20", options={}, input_shape=(3, 32, 32), classes=10)
    own = PrintedNet(net=net, counts={"params": 269_722})
    other = Net(backbone=backbone, options={}, input_shape=(3, 32, 32), classes=10)
    designs = [Design(row=row, net=other, held={}, architecture_id=name) for row, name in enumerate(NETS)]
    values: dict[str, Any] = {"dataset": HE_DATA, "recipe": HE_RECIPE, **setting}
    trials = [trial("resnet20", seed, each, **values) for seed, each in accuracy.items()]
    trials.append(trial("resnet32", 0, 0.92, **values))  # a reference alone is told only in the paper's own setting
    reproduction = compare(HE, HE_ROWS, [own, *[None] * (len(HE_ROWS) - 1)], designs, trials)
    check = reproduction.rows[0].accuracy
    assert check is not None
    return check.measured[0]


NEAR = {0: 0.912, 1: 0.914, 2: 0.911}


@pytest.mark.parametrize(
    ("setting", "parts"),
    [
        ({}, []),
        ({"dataset": {**HE_DATA, "root": "elsewhere"}}, []),
        ({"dataset": {"name": "cifar10"}}, ["dataset"]),
        ({"backbone": "cifar_preresnet20"}, ["backbone"]),
        ({"recipe": {**HE_RECIPE, "epochs": 200}}, ["recipe"]),
        ({"dataset": DIGITS, "recipe": SHORT}, ["dataset", "recipe"]),
    ],
)
def test_only_the_papers_own_setting_is_the_same(setting: dict[str, Any], parts: list[str]) -> None:
    one = he(NEAR, **setting)
    assert [each.part for each in one.differs] == parts
    assert one.judged.verdict is (Agreement.NOT_COMPARABLE if parts else Agreement.SAME)


@given(st.floats(0.5, 0.99), st.floats(0.0005, 0.02))
def test_the_same_is_what_one_more_training_could_give(mean: float, spread: float) -> None:
    values = {0: mean - spread, 1: mean, 2: mean + spread}
    half = stats.t.ppf(0.975, 2) * spread * math.sqrt(4 / 3)
    inside = abs(0.9125 - mean) <= half
    if abs(abs(0.9125 - mean) - half) > 1e-9:
        assert (he(values).judged.verdict is Agreement.SAME) == inside


@given(st.floats(-1, 1), st.floats(-1, 1))
def test_directions_agree_where_signs_do(printed: float, ours: float) -> None:
    verdict = direction(printed, ours).verdict
    if printed == 0 or ours == 0:
        assert verdict is Agreement.NOT_COMPARABLE
    else:
        same = math.copysign(1, printed) == math.copysign(1, ours)
        assert verdict is (Agreement.SAME_DIRECTION if same else Agreement.OPPOSITE)
        assert direction(-printed, -ours).verdict is verdict


def test_two_training_regimes_are_never_subtracted() -> None:
    """Table 2 prints figures of other papers beside re-implementations."""
    table, _ = load_table("senet-table-2")
    rows = printed_rows(table)
    reproduction = found({"no block": BASE, "SE": moved(0.02), "as its own paper has it": BASE}, table, rows)
    others = [row for row in reproduction.rows if row.printed.incomparable]
    assert len(others) == 7
    for row in others:
        assert row.accuracy is not None
        assert (row.accuracy.printed_change, row.accuracy.measured) == (None, ())
        assert row.accuracy.judged.why == "trained by others, in another regime"
    ours = [row.accuracy for row in reproduction.rows if row.printed.row.label == "SE"]
    assert {check.judged.verdict for check in ours if check} == {Agreement.SAME_DIRECTION}
    gains = {row.printed.backbone: row.accuracy.printed_change for row in reproduction.rows if row.accuracy}
    assert gains["ResNet-50"] == pytest.approx(0.2480 - 0.2329)


def test_another_value_of_what_is_held_stands_in_only_where_the_papers_is_missing() -> None:
    table, _ = load_table("senet-table-11")
    rows = printed_rows(table)
    place = {row.row.label: number for number, row in enumerate(rows)}
    at_4 = {"reduction": 4}
    designs = [
        Design(row=place["average"], net=SMALL, held={}, architecture_id="average, r=16"),
        Design(row=place["max"], net=SMALL, held={}, architecture_id="max, r=16"),
        Design(row=place["average"], net=SMALL, held=at_4, architecture_id="average, r=4"),
        Design(row=place["max"], net=SMALL, held=at_4, architecture_id="max, r=4"),
    ]
    values = {"average, r=16": BASE, "average, r=4": moved(0.01), "max, r=4": moved(-0.01, 0.002)}
    trials = [trial(name, seed, each) for name, seeds in values.items() for seed, each in seeds.items()]
    reproduction = compare(table, rows, [None, None], designs, trials)
    assert [dict(each.held) for each in reproduction.settings] == [{}, at_4]
    average, most = measured(reproduction, "average"), measured(reproduction, "max")
    assert [each.part for each in average.differs] == ["dataset", "backbone", "recipe"]
    assert [(each.part, each.paper, each.here) for each in most.differs[:1]] == [("reduction", "16", "4")]
    assert most.difference is not None
    assert most.difference.mean == pytest.approx(-0.02)  # against r=4, not against r=16
    assert most.judged.verdict is Agreement.SAME_DIRECTION


def test_a_reference_alone_is_told_only_where_it_was_measured_as_the_paper_did() -> None:
    net = Net(backbone="cifar_resnet20", options={}, input_shape=(3, 32, 32), classes=10)
    designs = [Design(row=0, net=net, held={}, architecture_id="resnet20")]
    own = [PrintedNet(net=net, counts={"params": 269_722}), *[None] * (len(HE_ROWS) - 1)]
    for recipe, settings in ((HE_RECIPE, 1), (SHORT, 0)):
        trials = [trial("resnet20", 0, 0.9, dataset=HE_DATA, recipe=recipe)]
        assert len(compare(HE, HE_ROWS, own, designs, trials).settings) == settings


def test_a_row_is_told_on_its_own_net_where_there_is_one() -> None:
    table, _ = load_table("senet-table-4")
    rows = printed_rows(table)
    wide = Net(backbone="wrn16_8", options={}, input_shape=(3, 32, 32), classes=10)
    designs = [
        Design(row=place, net=net, held={}, architecture_id=f"{net.backbone} {row.row.label}")
        for net in (SMALL, wide)
        for place, row in enumerate(rows)
    ]
    values = {f"{name} {label}": BASE for name in ("small", "wrn16_8") for label in ("no block", "SE")}
    trials = [trial(name, seed, each) for name, seeds in values.items() for seed, each in seeds.items()]
    nets = [PrintedNet(net=wide, counts={}) if row.backbone == "WRN-16-8" else None for row in rows]
    told = {
        (row.printed.backbone, row.printed.row.label): [each.setting.net for each in row.accuracy.measured]
        for row in compare(table, rows, nets, designs, trials).rows
        if row.accuracy
    }
    assert told["WRN-16-8", "SE"] == [wide]
    assert told["ResNet-110", "SE"] == [SMALL, wide]


def test_settings_stand_apart_and_the_nearest_comes_first() -> None:
    he_net = Net(backbone="cifar_resnet20", options={}, input_shape=(3, 32, 32), classes=10)
    designs = [Design(row=row, net=he_net, held={}, architecture_id=name) for row, name in enumerate(NETS)]
    trials = [
        trial("resnet32", 0, 0.9, dataset=HE_DATA, recipe=SHORT),
        *(trial("resnet20", seed, 0.9, dataset=HE_DATA, recipe=SHORT) for seed in range(3)),
        *(trial("resnet20", seed, 0.9, dataset=HE_DATA, recipe=HE_RECIPE) for seed in range(2)),
        *(trial("resnet20", 0, 0.9, dataset=HE_DATA, recipe=HE_RECIPE, numerics_version=version) for version in (0, 2)),
    ]
    own = PrintedNet(net=he_net, counts={"params": 269_722})
    check = compare(HE, HE_ROWS, [own, *[None] * (len(HE_ROWS) - 1)], designs, trials).rows[0].accuracy
    assert check is not None
    assert [len(each.differs) for each in check.measured] == [0, 0, 0, 1]
    assert [each.accuracy.n for each in check.measured] == [2, 1, 1, 3]
    assert len({each.setting.number for each in check.measured}) == 4


def counted(*params: int) -> list[PrintedNet]:
    return [PrintedNet(net=SMALL, counts={"params": each, "buffers": 53_173}) for each in params]


def test_costs_are_judged_in_the_printed_unit() -> None:
    """The parameters of Table 10: the reference, then r = 2, 4, 8, 16, 32."""
    nets = counted(25_557_032, 45_676_584, 30_000_000, 25_000_000, 28_071_976, 25_557_032)
    reproduction = compare(TABLE, ROWS, nets, [], [])
    verdicts = {row.printed.row.label: row.costs[0].judged.verdict for row in reproduction.rows}
    assert verdicts == {
        "no block": Agreement.SAME,
        "r=2": Agreement.SAME,
        "r=4": Agreement.SAME_DIRECTION,
        "r=8": Agreement.OPPOSITE,
        "r=16": Agreement.SAME,
        "r=32": Agreement.NOT_COMPARABLE,
    }
    r2 = reproduction.rows[1].costs[0]
    assert r2.counted == pytest.approx(45.729757)
    assert (r2.printed_change, r2.counted_change) == (pytest.approx(20.1), pytest.approx(20.119552))


def test_a_reference_that_is_another_net_is_not_comparable() -> None:
    reproduction = compare(TABLE, ROWS, counted(*[24_000_000] * 6), [], [])
    assert reproduction.rows[0].costs[0].judged.verdict is Agreement.NOT_COMPARABLE


def test_json_has_an_object_for_every_printed_figure_and_the_trials_behind_it() -> None:
    reproduction = found({"no block": BASE, "r=16": moved(0.02)})
    data = json.loads(json.dumps(to_json(reproduction), allow_nan=False))
    assert len(data["figures"]) == 18
    assert {each["verdict"] for each in data["figures"]} <= {verdict.value for verdict in Agreement}
    (one,) = [each for each in data["figures"] if (each["row"], each["metric"]) == ("r=16", "top1_err")]
    (ours,) = one["measured"]
    assert (one["verdict"], ours["n"], ours["setting"]) == ("same direction", 4, 1)
    assert ours["trials"] == [f"r=16/{seed}/{json.dumps(SHORT)}" for seed in BASE]
    assert ours["reference_trials"] == [f"no block/{seed}/{json.dumps(SHORT)}" for seed in BASE]
