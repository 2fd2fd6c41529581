"""``se-bench cost``: what one architecture costs, without training it."""

from __future__ import annotations

from typing import Annotated

import typer

from se_bench.cli import options


def command(
    backbone: Annotated[
        str, typer.Option("--backbone", metavar="NAME", help="A registered backbone.", show_default=False)
    ],
    overrides: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="KEY=VALUE",
            help="An axis of the candidate (reduction=8, block=none, shortcut=B). Repeatable.",
            show_default=False,
        ),
    ] = None,
    size: Annotated[
        int, typer.Option("--input", min=1, max=4096, metavar="PIXELS", help="Height and width of an image.")
    ] = 32,
    classes: Annotated[int, typer.Option("--classes", min=1, max=1_000_000, metavar="N", help="Classes.")] = 10,
    as_json: options.Json = False,
) -> None:
    """Count parameters, buffers, MACs, elementwise operations and activations of one image.

    [bold]Examples[/bold]

      se-bench cost --backbone cifar_resnet20 --set block=none

      se-bench cost --backbone cifar_resnet56 --set reduction=4 --set bias=true --set shortcut=B --json
    """
    from se_bench import registry
    from se_bench.config.load import axes_from_pairs
    from se_bench.config.setting import BackboneChoice
    from se_bench.errors import ConfigError

    try:
        registry.check("backbone", backbone)
    except ConfigError as problem:
        problem.key = "--backbone"
        raise
    axes = axes_from_pairs(overrides or ())
    if axes.backbone:
        raise ConfigError("name the backbone once, with --backbone", key="--set backbone")

    from dataclasses import asdict

    from se_bench.cli import show
    from se_bench.cost.count import count
    from se_bench.nets.build import resolve

    architecture = resolve(BackboneChoice(name=backbone), axes, (3, size, size), classes)
    cost = asdict(count(architecture))
    if as_json:
        show.json({"backbone": backbone, "input": size, "classes": classes, **cost})
    else:
        show.cost(show.console(), backbone, size, classes, cost)
