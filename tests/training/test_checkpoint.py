"""Going on from a checkpoint gives bitwise the numbers of a trial that was never interrupted."""

import dataclasses
import itertools
import os
import warnings
from dataclasses import replace

import pytest
import torch

from se_bench.training.checkpoint import Checkpoints
from se_bench.training.loop import train
from se_bench.training.optimiser import SGD
from tests.training.small_trials import CPU, digits, net, recipe


def run(checkpoints, *, block="se", resume=None, stop_after=None, **changes):
    found = train(
        "trial", net(block), digits(), recipe(epochs=4, **changes), 0, CPU, resume=resume, checkpoints=checkpoints
    )
    return list(itertools.islice(found, stop_after))


def numbers(records):
    return [replace(record, train_seconds=0.0, test_seconds=0.0) for record in records]


@pytest.fixture(scope="module")
def undisturbed():
    return numbers(run(None))


@pytest.fixture
def checkpoints(tmp_path):
    return Checkpoints(tmp_path / "made" / "when needed")


@pytest.mark.parametrize("after", [1, 2, 3])
def test_a_trial_goes_on_after_any_epoch_to_the_same_numbers(checkpoints, undisturbed, after):
    before = run(checkpoints, stop_after=after)
    resume = checkpoints.load("trial")
    assert list(resume.epochs) == before
    assert numbers([*before, *run(checkpoints, resume=resume)]) == undisturbed


def test_interrupted_after_every_epoch(checkpoints, undisturbed):
    records = []
    for _ in range(4):
        records += run(checkpoints, resume=checkpoints.load("trial"), stop_after=1)
    assert numbers(records) == undisturbed
    assert run(checkpoints, resume=checkpoints.load("trial")) == []


def test_lower_precision_goes_on_as_well(checkpoints):
    before = run(checkpoints, stop_after=2, precision="bfloat16")
    after = run(checkpoints, resume=checkpoints.load("trial"), precision="bfloat16")
    assert numbers([*before, *after]) == numbers(run(None, precision="bfloat16"))


def test_validation_is_measured_and_changes_nothing_else():
    images = digits()
    none = dataclasses.replace(images.validation, images=images.test.images[:0], labels=images.test.labels[:0])
    without = dataclasses.replace(images, validation=none)
    found = list(train("trial", net(), without, recipe(), 0, CPU))
    measured = list(train("trial", net(), images, recipe(), 0, CPU))
    assert all(0 <= epoch.validation_accuracy <= 1 and epoch.validation_loss > 0 for epoch in measured)
    blank = [replace(epoch, validation_accuracy=None, validation_loss=None) for epoch in measured]
    assert numbers(found) == numbers(blank)


def test_what_cannot_be_read_counts_as_none(checkpoints):
    assert checkpoints.load("trial") is None
    run(checkpoints, stop_after=1)
    (path,) = checkpoints.folder.iterdir()
    whole = path.read_bytes()
    for content in (b"", whole[: len(whole) // 2], b"x" * 1000, whole[:-1]):
        path.write_bytes(content)
        assert checkpoints.load("trial") is None
    path.rename(checkpoints.folder / "another.checkpoint")
    (checkpoints.folder / "another.checkpoint").write_bytes(whole)
    assert checkpoints.load("another") is None, "it says whose it is"


def test_another_torch_starts_again(checkpoints, monkeypatch):
    run(checkpoints, stop_after=1)
    monkeypatch.setattr(torch, "__version__", "1.0")
    assert checkpoints.load("trial") is None


def test_a_folder_that_cannot_be_written_costs_a_warning_only(tmp_path, undisturbed):
    (tmp_path / "file").touch()
    with pytest.warns(UserWarning, match=r"no checkpoint of trial trial: .*[Nn]ot a directory"):
        assert numbers(run(Checkpoints(tmp_path / "file" / "below"))) == undisturbed


def test_the_oldest_go_when_there_is_no_room(checkpoints):
    module = net()
    optimiser = SGD(module.parameters(), recipe())
    for number in range(3):
        checkpoints.save(f"t{number}", [], module, optimiser)
        os.utime(checkpoints.folder / f"t{number}.checkpoint", (number, number))
    size = (checkpoints.folder / "t0.checkpoint").stat().st_size
    Checkpoints(checkpoints.folder, most_bytes=3 * size + size // 2).save("t3", [], module, optimiser)
    assert checkpoints.trials() == ["t1", "t2", "t3"]
    Checkpoints(checkpoints.folder, most_bytes=1).save("t4", [], module, optimiser)
    assert checkpoints.trials() == ["t4"], "the one that is needed now stays"


def test_a_checkpoint_can_be_handed_over_whole(checkpoints, undisturbed, tmp_path):
    nets = Checkpoints(tmp_path / "nets", most_bytes=100)
    run(checkpoints, stop_after=2)
    checkpoints.hand_over("trial", nets)
    assert (checkpoints.trials(), nets.trials()) == ([], ["trial"])
    resume = nets.load("trial")
    assert numbers(run(None, resume=resume)) == undisturbed[2:]
    checkpoints.hand_over("trial", nets)  # there is none any more
    assert nets.trials() == ["trial"]


def test_no_file_is_left_beside_the_checkpoint(checkpoints):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        run(checkpoints)
    assert [path.name for path in checkpoints.folder.iterdir()] == ["trial.checkpoint"]
    checkpoints.remove("trial")
    checkpoints.remove("trial")
    assert checkpoints.trials() == []
