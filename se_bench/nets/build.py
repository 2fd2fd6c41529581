"""From a spelling to an architecture, and from an architecture to a module."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import nn

from se_bench import registry
from se_bench.config.axes import BACKBONE_AXES, Axes
from se_bench.config.setting import BackboneChoice
from se_bench.errors import OptionError, nearest_name
from se_bench.nets.architecture import Architecture
from se_bench.nets.backbones.places import Backbone, Place, Site, slot
from se_bench.nets.blocks.plainest import plainest


def resolve(backbone: BackboneChoice, axes: Axes, input_shape: tuple[int, int, int], classes: int) -> Architecture:
    """What is built for these axes on this backbone.

    Raises:
        OptionError: an option that the backbone does not have, a value it does not take, a stage or an
            integration that it does not offer; its ``key`` is the option's or axis' name. Images that are too
            small for the backbone: below its attribute ``least_input`` (pixels a side), where it has one.
    """
    name = axes.backbone or backbone.name
    family: Backbone = registry.load("backbone", name)
    _check_input(name, family, input_shape, key="backbone" if axes.backbone else "name")
    chosen = backbone.options if name == backbone.name else {}
    overrides = {key: getattr(axes, key) for key in BACKBONE_AXES if key != "backbone"}
    chosen |= {key: value for key, value in overrides.items() if value is not None}
    options = _check_options(name, family, chosen)
    sites: dict[str, Mapping[str, Any]] = {}
    resolved: dict[tuple[int, str, int], Mapping[str, Any]] = {}
    if axes.block != "none":
        block = registry.load("block", axes.block)
        places = family.places({**family.defaults, **options})
        by_stage = _by_stage(name, places, axes)
        chosen_places = _chosen_places(name, places, axes)
        slots = [slot(axes, place) for place in chosen_places]
        if chosen_places and not any(slots):
            raise _no_such_slot(name, chosen_places[0], axes)
        for place, where in zip(chosen_places, slots, strict=True):
            if where is None:  # a unit without a shortcut has nothing that a block on the shortcut could scale
                continue
            channels = place.channels[where]
            alike = (place.stage, where, channels)
            if alike not in resolved:  # the units of a stage share what is built in them
                name_of_block, built = plainest(axes.block, channels, block.resolve(channels, by_stage[place.stage]))
                resolved[alike] = {**built, "integration": where, "block": name_of_block, "channels": channels}
            sites[place.unit] = resolved[alike]
    return Architecture(backbone=name, options=options, input_shape=input_shape, classes=classes, sites=sites)


def build(architecture: Architecture) -> nn.Module:
    """The module on the meta device: shapes and names without memory or values (see ``nets.init``)."""
    family: Backbone = registry.load("backbone", architecture.backbone)
    with torch.device("meta"):
        blocks = {unit: _block(site) for unit, site in architecture.sites.items()}
        options = {**family.defaults, **architecture.options}
        return family.build(options, architecture.input_shape, architecture.classes, blocks)


def block_options(site: Mapping[str, Any]) -> dict[str, Any]:
    """The options of the block at a site of an architecture: what its constructor and its ``cost`` take."""
    return {key: value for key, value in site.items() if key not in ("integration", "block", "channels")}


def _block(site: Mapping[str, Any]) -> Site:
    return site["integration"], registry.load("block", site["block"])(site["channels"], **block_options(site))


def _chosen_places(name: str, places: tuple[Place, ...], axes: Axes) -> tuple[Place, ...]:
    if axes.stages != "all":
        stages = sorted({place.stage for place in places})
        for stage in axes.stages:
            if stage not in stages:
                allowed = ("all", *(str(own) for own in stages))
                raise OptionError(f"{name} has no stage {stage}", key="stages", allowed=allowed)
        places = tuple(place for place in places if place.stage in axes.stages)
    return tuple(place for place in places if place.index % axes.every == 0)


def _by_stage(name: str, places: tuple[Place, ...], axes: Axes) -> dict[int, Axes]:
    """The axes that hold in each stage: a list of reductions gives each its own."""
    stages = sorted({place.stage for place in places})
    if isinstance(axes.reduction, int):
        return dict.fromkeys(stages, axes)
    if len(axes.reduction) != len(stages):
        raise OptionError(
            f"{len(axes.reduction)} reductions for the {len(stages)} stages of {name}",
            key="reduction",
            allowed=("one integer", f"a list of {len(stages)}"),
        )
    return {
        stage: axes.model_copy(update={"reduction": own}) for stage, own in zip(stages, axes.reduction, strict=True)
    }


def _no_such_slot(name: str, place: Place, axes: Axes) -> OptionError:
    offered = ("inner_3x3" if key.startswith("inner_3x3") else key.partition("_")[0] for key in place.channels)
    return OptionError(
        f"{name} has no place for the integration {axes.integration!r}",
        key="integration",
        allowed=tuple(dict.fromkeys(offered)),
    )


def _check_input(name: str, family: Backbone, input_shape: tuple[int, int, int], *, key: str) -> None:
    """Refuse images on which a backbone without padding would run out of positions."""
    least: int = getattr(family, "least_input", 1)
    _, height, width = input_shape
    if min(height, width) < least:
        raise OptionError(
            f"{name} takes images of at least {least} x {least} pixels, not {height} x {width}",
            key=key,
            hint="larger images (the setting's dataset, or --input of `se-bench cost`), or another backbone",
        )


def _check_options(name: str, family: Backbone, chosen: Mapping[str, Any]) -> dict[str, Any]:
    for option, value in chosen.items():
        if option not in family.defaults:
            raise OptionError(
                f"{name} has no option {option!r}",
                key=option,
                allowed=tuple(family.defaults),
                nearest=nearest_name(option, family.defaults),
            )
        allowed = family.allowed[option]
        # 8.0 and True are equal to integers, but would be another identity and another module.
        if type(value) is not type(family.defaults[option]) or value not in allowed:
            words = (
                (f"integers from {allowed.start} to {allowed.stop - 1}",)
                if isinstance(allowed, range)
                else tuple(str(own) for own in allowed)
            )
            raise OptionError(f"{name} does not take {option}={value!r}", key=option, allowed=words)
    return {option: value for option, value in chosen.items() if value != family.defaults[option]}
