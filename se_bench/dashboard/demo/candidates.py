"""Candidates of a demonstration: drawn from the space `full`, built and priced as a plan does it."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from itertools import product

from se_bench.config.axes import Axes, AxisValue, show
from se_bench.config.load import load_setting, load_space
from se_bench.config.setting import BackboneChoice
from se_bench.config.space import Space
from se_bench.cost.count import count
from se_bench.nets.build import resolve
from se_bench.records import Candidate

SETTING = "digits"
SPACE = "full"
INPUT_SHAPE = (3, 16, 16)
CLASSES = 10

NETS: Mapping[str, tuple[AxisValue, ...]] = {
    "backbone": ("cifar_resnet8", "cifar_resnet20", "cifar_preresnet20"),
    "width": (8, 16, 24, 32),
}
VARY: Mapping[str, tuple[AxisValue, ...]] = {
    **NETS,
    "block": ("se", "cbam", "ese", "srm", "gct", "simam", "fca"),
    "reduction": (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64),
    "squeeze": ("avg", "max", "avg_max", "std", "avg_std", "stochastic", "none"),
    "excite": ("bottleneck", "full", "diagonal", "conv1d"),
    "gate": ("sigmoid", "softmax", "softmax_scaled", "tanh", "relu", "hard_sigmoid", "identity"),
    "bias": (False, True),
    "integration": ("standard", "pre", "post", "identity"),
    "stages": ("all", (1,), (2,), (3,), (1, 2), (2, 3)),
    "every": (1, 2),
}
"""What a demonstration varies. Most of it is the SE block's own, which is where most candidates come from."""

MOST = 400_000
"""More candidates than this are not drawn: fewer and fewer draws would be new."""


def draw_candidates(number: int, seed: int) -> list[Candidate]:
    """``number`` different candidates, the baseline of each net first; the same for the same seed.

    Few candidates are on few nets, so that most of them carry a block.
    """
    draw = random.Random(f"candidates {seed}")
    space = load_space(SPACE)
    backbone = load_setting(SETTING).backbone
    found: dict[str, Candidate] = {}
    for spelling in _spellings(draw, nets=max(1, number // 8)):
        if len(found) == number:
            break
        candidate = _candidate(space, backbone, spelling)
        found.setdefault(candidate.architecture_id, candidate)
    return list(found.values())


def _spellings(draw: random.Random, nets: int) -> Iterator[dict[str, AxisValue]]:
    """Baselines on the first ``nets`` nets, then blocks on them without end."""
    chosen = [dict(zip(NETS, values, strict=True)) for values in product(*NETS.values())][:nets]
    yield from ({**net, "block": "none"} for net in chosen)
    while True:
        # Six in seven are SE blocks: the others have too few variants to stay new.
        block = "se" if draw.random() < 6 / 7 else draw.choice(VARY["block"])
        yield {axis: draw.choice(values) for axis, values in VARY.items()} | draw.choice(chosen) | {"block": block}


def _candidate(space: Space, backbone: BackboneChoice, spelling: dict[str, AxisValue]) -> Candidate:
    axes = Axes.read(spelling)
    architecture = resolve(backbone, axes, INPUT_SHAPE, CLASSES)
    active = space.active(axes)
    is_baseline = axes.block == "none"
    words = [f"{axis}={show(active[axis])}" for axis in VARY if axis in active and axis != "block"]
    return Candidate(
        architecture_id=architecture.architecture_id,
        label=" ".join(["baseline" if is_baseline else str(axes.block), *words]),
        axes=active,
        architecture=architecture.as_data(),
        is_baseline=is_baseline,
        cost=count(architecture),
    )
