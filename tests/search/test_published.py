"""Printed costs are those of our nets, counted as each paper counts; designs are found on any net."""

from __future__ import annotations

import pytest

from se_bench.analysis.agreement import Agreement
from se_bench.analysis.published import printed_rows
from se_bench.analysis.reproduce import compare
from se_bench.config.axes import Axes
from se_bench.config.published import load_table
from se_bench.config.setting import BackboneChoice
from se_bench.nets.build import resolve
from se_bench.records import Net
from se_bench.search.published import as_printed, designs

KNOWN = {
    ("senet-table-2", "Inception-ResNet-v2", "no block", "gflops"): Agreement.NOT_COMPARABLE,
    ("senet-table-2", "Inception-ResNet-v2", "SE", "gflops"): Agreement.SAME_DIRECTION,
    ("senet-table-3", "ShuffleNet 1x (g=3)", "no block", "mflops"): Agreement.NOT_COMPARABLE,
    ("senet-table-3", "ShuffleNet 1x (g=3)", "SE", "params_M"): Agreement.SAME_DIRECTION,
}
"""The figures that no reading of ours gives (FACTS.md, section 3)."""
SMALL = Net(backbone="cifar_resnet8", options={"shortcut": "B"}, input_shape=(3, 16, 16), classes=10)


@pytest.mark.parametrize(
    "name",
    [
        "senet-table-10",
        "senet-table-13",
        "senet-table-15",
        "senet-table-16",
        "senet-table-3",
        pytest.param("he-table-6", marks=pytest.mark.slow),
        pytest.param("senet-table-2", marks=pytest.mark.slow),
        pytest.param("eca-net-table-3", marks=pytest.mark.slow),
    ],
)
def test_every_printed_cost_of_a_net_that_we_have_is_ours(name: str) -> None:
    table, document = load_table(name)
    rows = printed_rows(table)
    nets = [as_printed(table, row, document) for row in rows]
    checked = 0
    for row in compare(table, rows, nets, [], []).rows:
        for cost in row.costs:
            if cost.counted is None:
                continue
            key = (name, row.printed.backbone, row.printed.row.label, cost.figure.metric)
            assert cost.judged.verdict is KNOWN.get(key, Agreement.SAME), (key, cost.counted)
            checked += 1
    assert checked >= 4


def test_a_design_is_the_architecture_that_a_study_would_build_there() -> None:
    table, _ = load_table("senet-table-10")
    rows = printed_rows(table)
    found = {rows[each.row].row.label: each.architecture_id for each in designs(table, rows, [SMALL]) if not each.held}
    backbone = BackboneChoice.read({"name": "cifar_resnet8", "shortcut": "B"})
    for label, axes in (("no block", {"block": "none"}), ("r=2", {"reduction": 2}), ("r=16", {"reduction": 16})):
        assert found[label] == resolve(backbone, Axes.read(axes), (3, 16, 16), 10).architecture_id
    assert len(set(found.values())) == 6


def test_what_a_net_has_no_place_for_is_no_design_of_it() -> None:
    table, _ = load_table("senet-table-13")
    vgg = Net(backbone="vgg16_bn", options={}, input_shape=(3, 32, 32), classes=10)
    rows = printed_rows(table)
    stages = {rows[each.row].row.label for each in designs(table, rows, [SMALL])}
    assert stages == {"no block", "SE in stage 2", "SE in stage 3", "SE in stage 4", "SE in all stages"}
    inner, _ = load_table("senet-table-15")
    assert {each.row for each in designs(inner, printed_rows(inner), [SMALL, vgg])} == {0}


def test_what_is_held_comes_first_as_the_paper_has_it() -> None:
    table, _ = load_table("senet-table-11")
    found = designs(table, printed_rows(table), [SMALL])
    reductions = [{"reduction": ratio} for ratio in (8, 32, 4, 2)]
    biased = [{**each, "bias": True} for each in reductions]
    assert [dict(each.held) for each in found][::2] == [{}, {"bias": True}, *reductions, *biased]


def test_where_nets_are_compared_a_design_is_its_own_net() -> None:
    table, _ = load_table("he-table-6")
    rows = printed_rows(table)
    nets = [
        Net(backbone=name, options={}, input_shape=(3, 32, 32), classes=10) for name in ("cifar_resnet20", "wrn16_8")
    ]
    (one,) = designs(table, rows, nets)
    assert (rows[one.row].backbone, one.net.backbone) == ("ResNet-20", "cifar_resnet20")
