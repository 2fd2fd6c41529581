"""The directory of the house: name -> "module:object", as strings, so that listing imports nothing.

Every block, backbone, dataset and figure stands here. A new one is one new file and one line below.
Other packages add theirs through entry points of the groups ``se_bench.blocks``, ``se_bench.backbones`` ...
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from types import MappingProxyType
from typing import Any, Literal

from se_bench.errors import SeBenchError, unknown_name

Kind = Literal["block", "squeeze", "excite", "gate", "backbone", "dataset", "figure"]

_BLOCKS = "se_bench.nets.blocks"
_BACKBONES = "se_bench.nets.backbones"

BUILT_IN: dict[Kind, dict[str, str]] = {
    "block": {
        "se": f"{_BLOCKS}.squeeze_excite:SqueezeExcite",
    },
    "squeeze": {
        "avg": f"{_BLOCKS}.squeeze:AveragePool",
        "max": f"{_BLOCKS}.squeeze:MaxPool",
    },
    "excite": {
        "bottleneck": f"{_BLOCKS}.excite:Bottleneck",
    },
    "gate": {
        "sigmoid": f"{_BLOCKS}.gate:Sigmoid",
        "softmax": f"{_BLOCKS}.gate:Softmax",
    },
    "backbone": {
        f"cifar_resnet{depth}": f"{_BACKBONES}.cifar_resnet:cifar_resnet{depth}" for depth in (8, 20, 32, 44, 56, 110)
    },
    "dataset": {
        "digits": "se_bench.data.digits:load",
        "cifar10": "se_bench.data.cifar:load_cifar10",
    },
    "figure": {
        "pareto": "se_bench.figures.pareto:FIGURE",
        "curves": "se_bench.figures.curves:FIGURE",
        "effects": "se_bench.figures.effects:FIGURE",
    },
}


@cache
def entries(kind: Kind) -> MappingProxyType[str, str]:
    """Every name of ``kind`` with the "module:object" behind it, ours and those of installed plugins.

    Raises :class:`SeBenchError` where a plugin claims a name that is taken, naming both.
    """
    found = dict(BUILT_IN[kind])
    for point in entry_points(group=f"se_bench.{kind}s"):
        if point.name in found and found[point.name] != point.value:
            raise SeBenchError(
                f"two packages register the {kind} {point.name!r}: {found[point.name]} and {point.value}"
            )
        found[point.name] = point.value
    return MappingProxyType(found)


def names(kind: Kind) -> tuple[str, ...]:
    """The registered names of ``kind``, in the order in which they are listed."""
    return tuple(entries(kind))


def check(kind: Kind, name: str) -> str:
    """``name`` itself where it is registered; else an error with the choices and the nearest spelling."""
    if name not in entries(kind):
        raise unknown_name(kind, name, entries(kind))
    return name


def load(kind: Kind, name: str) -> Any:
    """Import and return the object registered under ``name``."""
    module, _, attribute = entries(kind)[check(kind, name)].partition(":")
    return getattr(import_module(module), attribute)
