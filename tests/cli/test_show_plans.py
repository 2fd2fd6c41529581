"""What `se-bench plan` says of designs, searches, schedulers and budgets."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.programs import call

HEAD = "name: mine\nquestion: Which?\nspace: excitation\nsetting: digits\nseeds: 2\n"
FEW = (
    "--set", "dataset.train_images=256", "--set", "dataset.test_images=64", "--set", "dataset.validation_images=64",
)  # fmt: skip
FACTORIAL = (
    "plan: {kind: factorial, fraction: 1/2, vary: {gate: [sigmoid, tanh], bias: [false, true], reduction: [2, 8]}}\n"
)
SEARCH = """\
plan:
  kind: tpe
  seed: 7
  sampler_options: {n_startup_trials: 4}
  scheduler: {kind: asha, reduction: 2}
budget: {trials: 12, hours: 3}
"""


def planned(text: str) -> tuple[str, dict[str, Any]]:
    Path("mine.yaml").write_text(text)
    words, data = call("plan", "mine.yaml", *FEW), call("plan", "mine.yaml", *FEW, "--json")
    assert words.code == data.code == 0, words.err
    return words.out, json.loads(data.out)


def test_a_factorial_plan_names_its_design_and_its_aliases(here: Path) -> None:
    out, data = planned(HEAD.replace("excitation", "se_block") + FACTORIAL)
    assert "Design 2^(3-1) III: 4 of 8 combinations\n  reduction = gate × bias\n" in out
    assert "one estimate together: gate, bias × reduction\n" in out
    assert data["design"] == {
        "name": "2^(3-1) III",
        "resolution": 3,
        "runs": 4,
        "generators": {"reduction": ["gate", "bias"]},
        "aliases": [
            [["gate"], ["bias", "reduction"]], [["bias"], ["gate", "reduction"]], [["reduction"], ["gate", "bias"]],
        ],
    }  # fmt: skip
    assert "at_most" not in data


def test_a_search_says_how_it_searches_and_what_it_may_use(here: Path) -> None:
    out, data = planned(HEAD + SEARCH)
    assert "Search by tpe (seed 7, n_startup_trials=4): maximize accuracy, minimize macs, minimize params" in out
    assert "Trials may end early: asha, grace_epochs=1, reduction=2; the baseline never does" in out
    assert "At most 12 trials, 96 epochs, 3 h of training; at the baseline's pace " in out
    assert "2 trials so far, 0 known; the search adds its own." in out
    assert "With 2 seeds" not in out
    assert data["search"] == {"sampler": "TPESampler", "seed": 7, "options": {"n_startup_trials": 4}}
    assert data["scheduler"] == {"kind": "asha", "grace_epochs": 1, "reduction": 2}
    most = data["at_most"]
    assert (most["candidates"], most["trials"], most["epochs"], most["hours"]) == (None, 12, 96, 3.0)
    assert 0 < most["expected_seconds"] < 3 * 3600


@pytest.mark.parametrize(
    ("budget", "said"),
    [("{hours: 1.5}", "At most 1.5 h of training; "), ("{epochs: 20}", "At most 2 trials, 16 epochs")],
)
def test_a_budget_of_one_kind(here: Path, budget: str, said: str) -> None:
    out, _ = planned(f"{HEAD}plan: {{kind: RandomSampler}}\nbudget: {budget}\n")
    assert said in out


def test_a_plan_that_is_all_of_its_candidates_says_nothing_more(here: Path) -> None:
    out, data = planned(f"{HEAD}plan: {{vary: {{reduction: [2, 8]}}}}\n")
    assert not {"Design", "Search", "At most"} & set(out.split())
    assert not {"design", "search", "scheduler", "at_most"} & set(data)
