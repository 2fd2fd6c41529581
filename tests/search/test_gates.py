"""A trial on record is the same net when it is trained again, and is not trained a third time."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from se_bench.config.load import load_study
from se_bench.errors import OptionError, SeBenchError
from se_bench.records import Epoch, Trial
from se_bench.search.gates import epochs_left, read_trial
from se_bench.search.plan import make_plan
from se_bench.search.trial import run_trial
from se_bench.training.checkpoint import Checkpoints

SMALL = (
    "recipe.epochs=2",
    "recipe.warmup_epochs=0.0",
    "dataset.train_images=256",
    "dataset.validation_images=10",
    "dataset.test_images=128",
)


def last_trial(study: str, *overrides: str) -> Trial:
    return make_plan(load_study(study, overrides=[*SMALL, "claims=[]", *overrides], seeds=1)).trials[-1]


@pytest.fixture(scope="module")
def trial() -> Trial:
    return last_trial("reduction_ratio")


def test_the_net_is_the_one_on_record_and_is_trained_once(trial: Trial, tmp_path: Path) -> None:
    on_record = [record for record in run_trial(trial, "run") if isinstance(record, Epoch)]
    nets = Checkpoints(tmp_path / "nets")
    assert epochs_left(trial, nets) == 2
    seen: list[Epoch] = []
    first = read_trial(trial, nets, seen.append)
    assert first.accuracy == on_record[-1].test_accuracy
    assert [epoch.test_loss for epoch in seen] == [epoch.test_loss for epoch in on_record]
    assert epochs_left(trial, nets) == 0
    assert read_trial(trial, nets, lambda _: pytest.fail("trained again")) == first


def test_an_interrupted_look_goes_on_where_it_was(trial: Trial, tmp_path: Path) -> None:
    nets = Checkpoints(tmp_path / "nets")

    def stop(epoch: Epoch) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        read_trial(trial, nets, stop)
    assert epochs_left(trial, nets) == 1
    seen: list[int] = []
    found = read_trial(trial, nets, lambda epoch: seen.append(epoch.epoch))
    assert seen == [2]
    assert found == read_trial(trial, Checkpoints(tmp_path / "others"))


def test_a_block_without_a_gate_is_refused_before_anything_is_trained(tmp_path: Path) -> None:
    trial = last_trial("block_zoo", "plan.vary={block: [cbam]}")
    with pytest.raises(OptionError, match="no gate"):
        read_trial(trial, Checkpoints(tmp_path), lambda _: pytest.fail("trained"))
    assert list(tmp_path.iterdir()) == []


def test_other_images_than_those_on_record_are_refused(trial: Trial, tmp_path: Path) -> None:
    with pytest.raises(SeBenchError, match="on record"):
        read_trial(dataclasses.replace(trial, dataset_fingerprint="another"), Checkpoints(tmp_path))
