"""Databases for the live page: small studies made by hand, kept by the store as a run keeps them."""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from se_bench.config.load import load_study
from se_bench.records import Candidate, Ended, Epoch, Record, Run, Started, Status, Trial, TrialResult
from se_bench.run import definition
from se_bench.store.repository import Store
from tests.analysis.small_studies import NOON, Measured, records

ENVIRONMENT: Mapping[str, Any] = {
    "processor": "a <fast> one",
    "slots": 2,
    "cores": 2,
    "python": "3.11",
    "packages": {"torch": "2.6"},
    "gpus": [],
    "se_bench": "0.1.0",
    "git_commit": "f00d",
    "system": "Linux",
}


def keep_study(store: Store, name: str, measured: Measured, *, question: str = "Is it so?", **study: Any) -> None:
    """Keep a study of ``small_studies`` under a name, as a run would; ``study`` replaces keys of its definition."""
    found = records(measured)
    trials = [_trial(name, each) for each in found.trials]
    candidates = [_candidate(name, each) for each in found.candidates]
    store.register(name, question, defined(name, question, **study), candidates, trials)
    store.begin(_run(name))
    ids = {each.trial_id: trial.trial_id for each, trial in zip(found.trials, trials, strict=True)}
    epochs = [dataclasses.replace(epoch, trial_id=ids[epoch.trial_id]) for epoch in found.epochs]
    for each in found.trials:
        store.keep_all(_history(name, dataclasses.replace(each, trial_id=ids[each.trial_id]), epochs))


def defined(name: str, question: str, **study: Any) -> dict[str, Any]:
    """The documents of the shipped study under another name."""
    documents = copy.deepcopy(definition(load_study("reduction_ratio")))
    documents["study"] |= {"name": name, "question": question, **study}
    return documents


def trial_id(study: str, label: str, seed: int) -> str:
    return f"{study}-{label}-{seed}"


def _history(study: str, result: TrialResult, epochs: list[Epoch]) -> list[Record]:
    if result.status is Status.PLANNED:
        return []
    begun = result.started_at or NOON
    own = [epoch for epoch in epochs if epoch.trial_id == result.trial_id]
    history: list[Record] = [Started(trial_id=result.trial_id, run_id=f"run of {study}", at=begun), *own]
    if result.status is not Status.RUNNING:
        ended = result.ended_at or begun + timedelta(seconds=5)
        history.append(Ended(trial_id=result.trial_id, status=result.status, at=ended, error=result.error))
    return history


def _candidate(study: str, found: Candidate) -> Candidate:
    architecture = {"backbone": "cifar_resnet8", "options": {}, "label": found.label}
    return dataclasses.replace(
        found, architecture_id=f"{study}-{found.label}", architecture=architecture, axes={**found.axes, "stages": "all"}
    )


def _trial(study: str, result: TrialResult) -> Trial:
    label = result.architecture_id.removeprefix("architecture of ")
    return Trial(
        trial_id=trial_id(study, label, result.seed),
        architecture_id=f"{study}-{label}",
        architecture={"backbone": "cifar_resnet8", "options": {}, "label": label},
        dataset={"name": "digits", "size": 16},
        dataset_fingerprint="f00d",
        recipe={"epochs": 2, "batch_size": 64, "learning_rate": 0.1, "weight_decay": 0.0005},
        seed=result.seed,
        numerics_version=2,
    )


def _run(study: str) -> Run:
    return Run(
        run_id=f"run of {study}",
        study=study,
        command=f"se-bench run {study}",
        started_at=NOON,
        environment=ENVIRONMENT,
    )
