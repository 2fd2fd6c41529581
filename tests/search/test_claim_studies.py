"""Each study of what the documents claim can be planned, and says which claim it is about."""

from __future__ import annotations

import pytest

from se_bench.config import locate
from se_bench.config.load import load_study
from se_bench.search.plan import make_plan

LARGE = ("c12", "c12_large")
FEW = ("dataset.train_images=256", "dataset.test_images=128")
NAMES = [pytest.param(name, marks=[pytest.mark.slow] if name in LARGE else []) for name in locate.documents_claims()]


@pytest.mark.parametrize("name", NAMES)
def test_its_candidates_and_claims_are_there(name: str) -> None:
    plan = make_plan(load_study(name, overrides=FEW, seeds=1))
    assert plan.beyond == ()
    assert len(plan.claims) == len(plan.study.claims) > 0
    for each in plan.claims:
        assert f"C{int(name[1:3])}" in each.claim.source
        assert each.claim.says


@pytest.mark.parametrize("name", ["c01", "c03", "c05", "c09", "c11"])
def test_it_asks_the_same_of_the_reports_net_at_its_size(name: str) -> None:
    """As `--setting cifar10` would, which needs CIFAR-10 on disk."""
    net = ("backbone.name=cifar_resnet20", "dataset.size=32")
    plan = make_plan(load_study(name, overrides=[*FEW, *net], seeds=1))
    assert {each.architecture["backbone"] for each in plan.candidates} == {"cifar_resnet20"}
    assert len(plan.claims) == len(plan.study.claims)
