"""The gates of a trial on record: its net is trained again, or taken from the checkpoint that a look left.

The database keeps no weights. A trial is deterministic, so training it again gives the same net bit by bit on the same
machine and versions; elsewhere it may not, and the accuracy in the reading tells.
"""

from __future__ import annotations

from collections.abc import Callable

from se_bench.config.setting import Recipe
from se_bench.data import datasets
from se_bench.device import Device
from se_bench.errors import SeBenchError
from se_bench.nets.architecture import Architecture
from se_bench.nets.build import build
from se_bench.nets.gates import gated_units
from se_bench.nets.init import materialise
from se_bench.records import Epoch, GateReading, Trial
from se_bench.training import seeds
from se_bench.training.checkpoint import Checkpoints
from se_bench.training.gates import read_gates
from se_bench.training.loop import train
from se_bench.training.numerics import make_deterministic


def epochs_left(trial: Trial, nets: Checkpoints) -> int:
    """Epochs that :func:`read_trial` would have to train."""
    found = nets.load(trial.trial_id)
    return int(trial.recipe["epochs"]) - (len(found.epochs) if found else 0)


def read_trial(
    trial: Trial, nets: Checkpoints, saw: Callable[[Epoch], None] = lambda _: None, device: Device | None = None
) -> GateReading:
    """The reading of one trial; ``nets`` keeps what is trained for it in this process, and ``saw`` gets each epoch.

    Raises:
        SeBenchError: the dataset is not the one on record.
        TrialDivergedError: it diverges here.
        OptionError: its block has no gate (see ``nets.gates``); raised before anything is trained.
    """
    make_deterministic()
    device = device or Device.best()
    choice = dict(trial.dataset)
    images = datasets.load(choice.pop("name"), choice)
    if images.fingerprint != trial.dataset_fingerprint:
        raise SeBenchError(f"{images.name} is {images.fingerprint} here, and {trial.dataset_fingerprint} on record")
    architecture = Architecture.from_data(trial.architecture)
    net = materialise(build(architecture), lambda parameter: seeds.generator(trial.seed, "init", parameter))
    gated_units(net, architecture)  # refuses a block without a gate before hours are spent
    recipe = Recipe.read(dict(trial.recipe))
    known = nets.load(trial.trial_id)
    for epoch in train(trial.trial_id, net, images, recipe, trial.seed, device, resume=known, checkpoints=nets):
        saw(epoch)
    return read_gates(trial.trial_id, net, architecture, images, trial.seed, recipe.precision, device)
