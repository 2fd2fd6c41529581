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

from se_bench.errors import ConfigError, unknown_name

Kind = Literal["block", "squeeze", "excite", "gate", "backbone", "dataset", "figure"]

_BLOCKS = "se_bench.nets.blocks"
_BACKBONES = "se_bench.nets.backbones"

# File -> its backbones.
_FAMILIES: dict[str, tuple[str, ...]] = {
    "cifar_resnet": (
        *(f"cifar_resnet{depth}" for depth in (8, 20, 32, 44, 56, 110, 164)),
        *(f"cifar_preresnet{depth}" for depth in (20, 56, 110, 164)),
    ),
    "wide_resnet": ("wrn16_8", "wrn28_10"),
    "cifar_resnext": ("cifar_resnext29_8x64d",),
    "mobilenet_v2": ("cifar_mobilenet", "mobilenet_v2"),
    "resnet": (
        *(f"resnet{depth}" for depth in (18, 34, 50, 101, 152)),
        "resnext50_32x4d",
        "resnext101_32x4d",
    ),
    "senet": ("senet154",),
    "vgg": ("vgg16_bn",),
    "bn_inception": ("bn_inception",),
    "inception_v3": ("inception_v3",),
    "inception_resnet": ("inception_resnet_v2",),
    "mobilenet_v1": ("mobilenet_v1",),
    "mobilenet_v3": ("mobilenet_v3_large",),
    "shufflenet": ("shufflenet_v1_g1", "shufflenet_v1_g3"),
}

BUILT_IN: dict[Kind, dict[str, str]] = {
    "block": {
        "se": f"{_BLOCKS}.squeeze_excite:SqueezeExcite",
        "cbam": f"{_BLOCKS}.cbam:CBAM",
        "ge_theta_minus": f"{_BLOCKS}.gather_excite:GatherExciteThetaMinus",
        "ge_theta": f"{_BLOCKS}.gather_excite:GatherExciteTheta",
        "ge_theta_plus": f"{_BLOCKS}.gather_excite:GatherExciteThetaPlus",
        "ese": f"{_BLOCKS}.effective_squeeze_excite:EffectiveSqueezeExcite",
        "srm": f"{_BLOCKS}.srm:SRM",
        "sge": f"{_BLOCKS}.sge:SGE",
        "simam": f"{_BLOCKS}.simam:SimAM",
        "gct": f"{_BLOCKS}.gct:GCT",
        "fca": f"{_BLOCKS}.fca:FcaNet",
    },
    "squeeze": {
        "avg": f"{_BLOCKS}.squeeze:AveragePool",
        "max": f"{_BLOCKS}.squeeze:MaxPool",
        "avg_max": f"{_BLOCKS}.squeeze:AverageAndMax",
        "std": f"{_BLOCKS}.squeeze:StandardDeviation",
        "avg_std": f"{_BLOCKS}.squeeze:AverageAndDeviation",
        "stochastic": f"{_BLOCKS}.squeeze:Stochastic",
        "none": f"{_BLOCKS}.squeeze:NoSqueeze",
    },
    "excite": {
        "bottleneck": f"{_BLOCKS}.excite:Bottleneck",
        "full": f"{_BLOCKS}.excite:Full",
        "diagonal": f"{_BLOCKS}.excite:Diagonal",
        "parameter_free": f"{_BLOCKS}.excite:ParameterFree",
        "grouped_full": f"{_BLOCKS}.excite:GroupedFull",
        "conv1d": f"{_BLOCKS}.excite:ChannelConvolution",
        "grouped_shared": f"{_BLOCKS}.grouped_shared:GroupedShared",
    },
    "gate": {
        "sigmoid": f"{_BLOCKS}.gate:Sigmoid",
        "softmax": f"{_BLOCKS}.gate:Softmax",
        "softmax_scaled": f"{_BLOCKS}.gate:ScaledSoftmax",
        "tanh": f"{_BLOCKS}.gate:Tanh",
        "relu": f"{_BLOCKS}.gate:Relu",
        "hard_sigmoid": f"{_BLOCKS}.gate:HardSigmoid",
        "identity": f"{_BLOCKS}.gate:Identity",
    },
    "backbone": {name: f"{_BACKBONES}.{file}:{name}" for file, names in _FAMILIES.items() for name in names},
    "dataset": {
        "digits": "se_bench.data.digits:load",
        "cifar10": "se_bench.data.cifar:load_cifar10",
    },
    "figure": {
        name: f"se_bench.figures.{name}:FIGURE"
        for name in (
            *("pareto", "front_at_costs", "comparison"),
            *("effects", "main_effects", "interactions", "importance", "ablation"),
            *("curves", "edf", "metric_by_axis", "parallel_coordinates"),
            *("fidelity", "timeline", "verdicts"),
            *("gate_interventions", "gate_units", "gate_profiles"),
        )
    },
}


@cache
def entries(kind: Kind) -> MappingProxyType[str, str]:
    """Every name of ``kind`` with the "module:object" behind it, ours and those of installed plugins.

    Raises :class:`ConfigError` where a plugin claims a name that is taken, naming both.
    """
    found = dict(BUILT_IN[kind])
    for point in entry_points(group=f"se_bench.{kind}s"):
        if point.name in found and found[point.name] != point.value:
            raise ConfigError(
                f"two packages register the {kind} {point.name!r}: {found[point.name]} and {point.value}",
                hint="uninstall one of them, or rename its entry point",
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
    try:
        return getattr(import_module(module), attribute)
    except (ImportError, AttributeError) as problem:
        if module.startswith("se_bench."):
            raise
        raise ConfigError(
            f"the {kind} {name!r} of another package cannot be loaded from {module}:{attribute}: {problem}",
            hint="mend or uninstall that package",
        ) from problem
