"""A database answers by what was built: its nets, each once, and trials that are over with where they were measured."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from store_examples import candidate, ended, epoch, finish, run, started, trial

from se_bench.errors import NoResultsError
from se_bench.records import Net, Status
from se_bench.store.designs import nets, over
from se_bench.store.repository import Store


def spec(backbone: str, options: dict[str, Any], hidden: int) -> dict[str, Any]:
    net = {"backbone": backbone, "options": options, "input_shape": [3, 16, 16], "classes": 10}
    return {**net, "sites": {"stage1.0": {"hidden": hidden}}}


SPECS = [
    spec("resnet", {}, 1),
    spec("resnet", {"shortcut": "B", "width": 8}, 2),
    spec("resnet", {"width": 8, "shortcut": "B"}, 3),
    spec("vgg", {}, 4),
]


@pytest.fixture
def filled(url: str) -> str:
    candidates = [candidate(number, architecture=each) for number, each in enumerate(SPECS)]
    trials = [trial(number, seed, architecture=each) for number, each in enumerate(SPECS) for seed in range(3)]
    with Store.open(url, create=True) as store:
        store.register("width", "How wide?", {}, candidates, trials)
        store.begin(run())
        for each in trials[:4]:
            finish(store, each)
        store.keep_all([started(trials[4]), epoch(trials[4], 1), ended(trials[4], Status.DIVERGED, error="nan")])
        store.keep_all([started(trials[5]), epoch(trials[5], 1)])
    return url


def test_every_net_is_named_once_whatever_it_carries(filled: str) -> None:
    here = {"input_shape": (3, 16, 16), "classes": 10}
    assert nets(filled) == [
        Net(backbone="resnet", options={"shortcut": "B", "width": 8}, **here),
        Net(backbone="resnet", options={}, **here),
        Net(backbone="vgg", options={}, **here),
    ]


def test_trials_that_are_over_come_with_where_they_were_measured(filled: str) -> None:
    found = over(filled, ["arch-00001", "arch-00000", "arch-00003", "no such"])
    wanted = [trial(0, 0), trial(0, 1), trial(0, 2), trial(1, 0), trial(1, 1)]
    assert [each.result.trial_id for each in found] == [each.trial_id for each in wanted]
    for each in found:
        expected = trial()
        diverged = each.result.trial_id == trial(1, 1).trial_id
        assert each.result.status is (Status.DIVERGED if diverged else Status.COMPLETED)
        assert each.result.accuracy == (None if diverged else 0.2)
        assert (each.dataset, each.recipe) == (expected.dataset, expected.recipe)
        assert (each.dataset_fingerprint, each.numerics_version) == ("f00d", 1)
    assert over(filled, []) == []


def test_a_database_that_is_not_there_is_told_and_not_made(tmp_path: Path) -> None:
    for ask in (nets, lambda url: over(url, ["x"])):
        with pytest.raises(NoResultsError):
            ask(str(tmp_path / "none.db"))
    assert list(tmp_path.iterdir()) == []
