"""How fast candidates are priced: spelled, resolved and counted, against tracing each whole net as fvcore does.

    python benchmarks/cost.py --candidates 10000

Random candidates of the `se_block` axes on a CIFAR ResNet. The goal is 10,000 in at most 10 s on one core. The last
line is one JSON object.
"""

from __future__ import annotations

import argparse
import json
import platform
import random
import time
from datetime import UTC, datetime

import torch

from se_bench.config.axes import Axes
from se_bench.config.load import load_space
from se_bench.config.setting import BackboneChoice
from se_bench.cost.count import count, count_whole
from se_bench.device import processor
from se_bench.nets.architecture import Architecture
from se_bench.nets.build import resolve

VARIED = ("squeeze", "excite", "gate", "bias", "reading", "shared", "global_weight", "kernel_size")
AXES = load_space("se_block").axes
STAGES = ("all", (1,), (2,), (3,), (1, 2), (2, 3))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--candidates", type=int, default=10_000)
    parser.add_argument("--whole", type=int, default=20, help="candidates that are also traced whole, as the peer")
    parser.add_argument("--backbone", default="cifar_resnet20")
    options = parser.parse_args()
    torch.set_num_threads(1)
    draw = random.Random(0)
    spellings = [spelling(draw) for _ in range(options.candidates)]

    started = time.perf_counter()
    architectures = [price(options.backbone, each) for each in spellings]
    seconds = time.perf_counter() - started

    sample = draw.sample(architectures, options.whole)
    started = time.perf_counter()
    equal = [count_whole(each) == count(each) for each in sample]
    whole = (time.perf_counter() - started) / len(sample)
    each_ms = 1000 * seconds / len(architectures)
    print(f"{len(architectures):,} candidates of {options.backbone} in {seconds:.2f} s, {each_ms:.3f} ms each")
    print(f"traced whole: {1000 * whole:.1f} ms each (n={len(sample)}), {sum(equal)} of them equal in every figure")
    print(
        json.dumps(
            {
                "benchmark": "cost",
                "candidates": len(architectures),
                "distinct": len({each.architecture_id for each in architectures}),
                "seconds": round(seconds, 3),
                "ms_each": round(each_ms, 4),
                "whole_ms_each": round(1000 * whole, 2),
                "ratio": round(whole * 1000 / each_ms, 1),
                "equal": sum(equal),
                "compared": len(equal),
                "processor": processor(),
                "torch": torch.__version__,
                "python": platform.python_version(),
                "date": f"{datetime.now(UTC):%Y-%m-%d}",
            }
        )
    )


def spelling(draw: random.Random) -> dict[str, object]:
    """A random candidate: axes with values, a reduction, a place."""
    found: dict[str, object] = {name: draw.choice(AXES[name].values or ()) for name in VARIED}
    found |= {
        "reduction": draw.randint(1, 64),
        "stages": draw.choice(STAGES),
        "integration": draw.choice(("standard", "pre", "post", "identity")),
    }
    return found


def price(backbone: str, axes: dict[str, object]) -> Architecture:
    """From a spelling to a count, as a plan does it."""
    architecture = resolve(BackboneChoice(name=backbone), Axes.read(axes), (3, 32, 32), 10)
    count(architecture)
    return architecture


if __name__ == "__main__":
    main()
