"""What `plan` and `results` say of power, failures, pairing and seeds that were added, from made-up trials."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from se_bench.analysis.power import detectable
from se_bench.config.load import load_study
from se_bench.records import Ended, Epoch, Run, Started, Status
from se_bench.search.plan import make_plan
from se_bench.store.repository import Store
from tests.cli.programs import call
from tests.cli.tiny import OVERRIDES, SET

NOW = datetime(2025, 3, 1, tzinfo=UTC)
DATABASE = "results/se-bench.db"
STUDY = """\
name: mine
question: What can be said?
space: se_block
setting: digits
plan: {vary: {reduction: [2, 4, 8]}}
seeds: {seeds}
claims:
  - {id: helps, says: r=4 helps, candidate: {reduction: 4}, expect: better}
  - {id: flat, says: r=8 does as well, candidate: {reduction: 8}, against: {reduction: 4}, expect: not_worse,
     margin: 0.02}
  - {id: cheaper, says: r=8 has fewer parameters, candidate: {reduction: 8}, against: {reduction: 2}, metric: params,
     expect: better}
  - {id: trend, says: accuracy falls, along: {reduction: [2, 4, 8]}, expect: decreasing}
"""


def accuracy(label: str, seed: int) -> float | Status:
    """Alike but for noise; one trial diverges."""
    if (label, seed) == ("reduction=2", 1):
        return Status.DIVERGED
    place = ["baseline", "reduction=2", "reduction=4", "reduction=8"].index(label)
    noise = np.random.default_rng([seed, place]).normal(0, 0.004)
    return float(0.85 + np.random.default_rng(seed).normal(0, 0.008) + noise)


def fill(folder: Path, seeds: str, trained: int, measured: Callable[[str, int], float | Status] = accuracy) -> None:
    """A study and a database in which its first seeds are trained."""
    (folder / "mine.yaml").write_text(STUDY.replace("{seeds}", seeds))
    plan = make_plan(load_study(str(folder / "mine.yaml"), overrides=OVERRIDES))
    labels = {each.architecture_id: each.label for each in plan.candidates}
    (folder / "results").mkdir()
    with Store.open(DATABASE, create=True) as store:
        store.register("mine", "What can be said?", {}, plan.candidates, plan.trials)
        store.begin(Run(run_id="run", study="mine", command="se-bench", started_at=NOW, environment={}))
        for trial in plan.trials:
            if trial.seed >= trained:
                continue
            found = measured(labels[trial.architecture_id], trial.seed)
            value = 0.1 if isinstance(found, Status) else found
            status = found if isinstance(found, Status) else Status.COMPLETED
            store.keep(Started(trial_id=trial.trial_id, run_id="run", at=NOW))
            for number in (1, 2):
                store.keep(
                    Epoch(
                        trial_id=trial.trial_id,
                        epoch=number,
                        train_loss=1.0,
                        train_accuracy=0.5,
                        test_loss=1 - value,
                        test_accuracy=value * number / 2,
                        train_seconds=1.0,
                        test_seconds=0.1,
                        gradient_norms=(1.0, 2.0, 3.0),
                    )
                )
            store.keep(Ended(trial_id=trial.trial_id, status=status, at=NOW, error="loss is not finite"))


def test_before_anything_is_trained_a_plan_goes_by_the_prior(here: Path) -> None:
    (here / "mine.yaml").write_text(STUDY.replace("{seeds}", "5"))
    power = json.loads(call("plan", "mine.yaml", *SET, "--json").out)["power"]
    assert (power["source"], power["seeds"], power["comparisons"], power["known"]) == ("prior", 5, 3, 0)
    assert power["detectable"] == pytest.approx(power["spread"] * (detectable(5, 0.05 / 3 / 2) or 0))
    assert set(power["if_equal"]) == {"flat"}
    said = " ".join(call("plan", "mine.yaml", *SET).out.split())
    assert f"a difference {100 * power['detectable']:.2f} points beyond its margin is found with 80 % power" in said
    assert "the prior of setting digits" in said


def test_afterwards_it_goes_by_what_the_database_has(here: Path) -> None:
    fill(here, "5", trained=4)
    power = json.loads(call("plan", "mine.yaml", *SET, "--json").out)["power"]
    assert (power["source"], power["known"]) == ("study", 2)
    assert 0.002 < power["spread"] < 0.012
    elsewhere = json.loads(call("plan", "mine.yaml", *SET, "--set", "recipe.learning_rate=0.05", "--json").out)
    assert elsewhere["power"]["source"] == "prior"


def test_results_say_what_failed_what_pairing_brought_and_what_more_seeds_would_do(here: Path) -> None:
    fill(here, "6", trained=6)
    found = call("results", "mine.yaml", *SET)
    said = " ".join(found.out.split())
    assert "† reduction=2: 1 of 6 trials failed, 17 % [0, 64]." in said
    assert "Pairing by seed removed" in said
    assert "more seeds would decide it" in said
    assert "1 of 6 trials of reduction=2 have no result" in said
    as_json = json.loads(call("results", "mine.yaml", *SET, "--json").out)
    claims = {each["id"]: each for each in as_json["claims"]}
    assert (claims["cheaper"]["verdict"], claims["cheaper"]["exact"], claims["cheaper"]["p"]) == (
        "supported",
        True,
        None,
    )
    assert claims["trend"]["n"] == 5
    assert claims["flat"]["verdict"] == "supported"
    assert claims["helps"]["more_seeds"] > 1
    two = next(each for each in as_json["candidates"] if each["label"] == "reduction=2")
    assert (two["ranked"], two["failure_rate"]["mean"]) == (False, pytest.approx(1 / 6))
    assert as_json["finished"] is True


def test_a_range_of_seeds_is_judged_by_its_looks(here: Path) -> None:
    """The same trials: that r=8 does as well passes at a fixed number of seeds, and not yet at an early look."""
    fill(here, "{min: 3, max: 20}", trained=6)
    looks = json.loads(call("results", "mine.yaml", *SET, "--json").out)
    fixed = json.loads(call("results", "mine.yaml", *SET, "--seeds", "6", "--json").out)
    assert (looks["seeds"], fixed["seeds"]) == ({"min": 3, "max": 20}, {"min": 6, "max": 6})
    assert (looks["finished"], fixed["finished"]) == (False, True)
    one, other = (next(each for each in found["claims"] if each["id"] == "flat") for found in (looks, fixed))
    assert (one["n"], other["n"]) == (6, 6)
    assert (one["verdict"], other["verdict"]) == ("undecided", "supported")
    assert one["low"] < other["low"] < other["high"] < one["high"]
    said = " ".join(call("results", "mine.yaml", *SET).out.split())
    assert "seeds were added from 3 to at most 20" in said
    assert "Trials are still to come: these verdicts may change." in said
    assert "still to come" not in call("results", "mine.yaml", *SET, "--seeds", "6").out
