"""One trial, from its description to its records; it needs nothing but what the description says."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from datetime import UTC, datetime

from se_bench.config.setting import Recipe
from se_bench.data import datasets
from se_bench.data.datasets import Images
from se_bench.device import Device, is_out_of_memory
from se_bench.errors import SeBenchError, TrialDivergedError
from se_bench.nets.architecture import Architecture
from se_bench.nets.build import build
from se_bench.nets.init import materialise
from se_bench.records import Ended, Record, Started, Status, Trial
from se_bench.training import seeds
from se_bench.training.checkpoint import Checkpoints
from se_bench.training.loop import train
from se_bench.training.numerics import make_deterministic


def run_trial(
    trial: Trial,
    run_id: str,
    device: Device | None = None,
    *,
    checkpoints: Checkpoints | None = None,
    images: Images | None = None,
) -> Iterator[Record]:
    """Train one trial in this process: a start, a record an epoch, an end.

    With ``checkpoints`` it goes on from the one it has, if it has one; its file stays until the caller has
    kept the end. ``images`` spare it loading the dataset. Whatever goes wrong in the trial becomes its outcome
    (``diverged``, ``out_of_memory`` or ``failed``, with the cause); only being interrupted does not.
    """
    resume = checkpoints.load(trial.trial_id) if checkpoints else None
    yield Started(trial_id=trial.trial_id, run_id=run_id, at=_now(), epochs=resume.epochs if resume else ())
    device = device or Device.best()
    try:
        make_deterministic()
        images = images or datasets.load(
            trial.dataset["name"], {key: value for key, value in trial.dataset.items() if key != "name"}
        )
        if images.fingerprint != trial.dataset_fingerprint:
            raise SeBenchError(f"this worker's {images.name} is {images.fingerprint}, not {trial.dataset_fingerprint}")
        net = materialise(
            build(Architecture.from_data(trial.architecture)),
            lambda parameter: seeds.generator(trial.seed, "init", parameter),
        )
        recipe = Recipe.read(dict(trial.recipe))
        yield from train(
            trial.trial_id, net, images, recipe, trial.seed, device, resume=resume, checkpoints=checkpoints
        )
    except TrialDivergedError as outcome:
        yield Ended(trial_id=trial.trial_id, status=Status.DIVERGED, at=_now(), error=str(outcome))
    except Exception as problem:
        status = Status.OUT_OF_MEMORY if is_out_of_memory(problem) else Status.FAILED
        yield Ended(trial_id=trial.trial_id, status=status, at=_now(), error=_explain(problem))
    else:
        yield Ended(trial_id=trial.trial_id, status=Status.COMPLETED, at=_now())


def _now() -> datetime:
    return datetime.now(UTC)


def _explain(problem: Exception) -> str:
    """The error in its first line, then where it was raised."""
    where = traceback.extract_tb(problem.__traceback__)[-1]
    return f"{type(problem).__name__}: {problem}\nraised in {where.name}, line {where.lineno}"
