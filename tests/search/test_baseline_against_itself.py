"""An A/A study through the real engine: a net against itself under another name, planned, trained, kept and judged."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from se_bench import registry
from se_bench.analysis.answer import Answer, answer
from se_bench.analysis.claims import Verdict
from se_bench.config.load import load_study
from se_bench.records import StudyRecords
from se_bench.run import look_up, recall
from tests.cli import tiny
from tests.search.again import NAME

pytestmark = pytest.mark.slow

SPACE = f"""\
name: itself
baseline: {{block: none}}
axes:
  block: {{values: [se, none]}}
  backbone: {{values: [cifar_resnet8, {NAME}]}}
  reduction: {{values: [4], when: {{block: se}}}}
"""
STUDY = f"""\
name: itself
question: Does a net differ from itself?
space: SPACE
setting: digits
plan:
  vary: {{backbone: [cifar_resnet8, {NAME}]}}
  fixed: {{reduction: 4}}
seeds: {{seeds}}
claims:
  - id: plain_better
    says: the net without a block is better than itself
    candidate: {{block: none, backbone: {NAME}}}
    against: {{block: none, backbone: cifar_resnet8}}
    expect: better
  - id: se_worse
    says: the net with SE is worse than itself
    candidate: {{backbone: {NAME}}}
    against: {{backbone: cifar_resnet8}}
    expect: worse
  - id: same_gain
    says: SE brings the one more than the other
    candidate: {{backbone: {NAME}}}
    than: {{candidate: {{backbone: cifar_resnet8}}}}
    expect: better
  - id: one_size
    says: both have as many parameters
    candidate: {{backbone: {NAME}}}
    against: {{backbone: cifar_resnet8}}
    metric: params
    expect: equivalent
"""
SEEDS = 10
MORE = ("dataset.test_images=1024", "dataset.train_images=2048", "recipe.epochs=3")


@pytest.fixture(autouse=True)
def under_another_name(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The net is registered twice, as a package of its own would do it."""
    monkeypatch.setitem(registry.BUILT_IN["backbone"], NAME, "tests.search.again:again")
    registry.entries.cache_clear()
    yield
    monkeypatch.undo()
    registry.entries.cache_clear()


def trained(folder: Path, seeds: int, *overrides: str) -> Answer:
    file = folder / "itself.yaml"
    space = folder / "space" / "itself.yaml"
    space.parent.mkdir()
    space.write_text(SPACE)
    file.write_text(STUDY.replace("{seeds}", str(seeds)).replace("SPACE", str(space)))
    study = load_study(str(file), overrides=[*tiny.OVERRIDES, *overrides])
    tiny.train(study, folder / "results.db")
    return recall(look_up(study, str(folder / "results.db")).plan, str(folder / "results.db"))[0]


def test_the_engine_takes_it_for_another_candidate_of_the_same_cost_and_other_numbers(tmp_path: Path) -> None:
    found = trained(tmp_path, 1)
    nets = [each for each in found.candidates if each.candidate.is_baseline]
    assert [each.candidate.architecture["backbone"] for each in nets] == ["cifar_resnet8", NAME]
    assert nets[0].candidate.cost == nets[1].candidate.cost
    one, other = (each.metrics["loss"].mean for each in nets)
    assert one != other
    assert found.claims[-1].exact
    assert found.claims[-1].verdict is Verdict.SUPPORTED
    norms = {len(epoch.gradient_norms) for epoch in found.records.epochs}
    assert norms == {3}


def test_a_net_does_not_differ_from_itself(tmp_path: Path) -> None:
    """Its own p-values are those of chance; and over many studies of five of these seeds each, in which chance says
    which of the two names is which, at most 5 of 100 get a verdict."""
    found = trained(tmp_path, SEEDS, *MORE)
    assert [each.difference.n for each in found.claims[:3]] == [SEEDS] * 3
    assert all(each.difference.spread for each in found.claims[:3])
    assert all(each.p is not None and each.p > 0.002 for each in found.claims[:3])
    rng = np.random.default_rng(0)
    studies, wrong = 2000, 0
    asked = [(each.claim, each.architectures) for each in found.claims[:3]]
    for _ in range(studies):
        seeds = rng.choice(SEEDS, 5, replace=False)
        records = renamed(found.records, {int(seed) for seed in seeds}, set(seeds[rng.random(5) < 0.5]))
        wrong += any(each.verdict is not Verdict.UNDECIDED for each in answer(found.study, records, asked).claims)
    assert wrong / studies <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / studies)


def renamed(records: StudyRecords, seeds: set[int], swapped: set[int]) -> StudyRecords:
    """The trials of these seeds, with the two names exchanged in some."""
    plain = [each.architecture_id for each in records.candidates if each.is_baseline]
    scaled = [each.architecture_id for each in records.candidates if not each.is_baseline]
    other = {one: two for pair in (plain, scaled) for one, two in (pair, pair[::-1])}
    trials = tuple(
        dataclasses.replace(each, architecture_id=other[each.architecture_id]) if each.seed in swapped else each
        for each in records.trials
        if each.seed in seeds
    )
    return dataclasses.replace(records, trials=trials)
