"""``se-bench cost``: what one architecture costs, without training it."""

from __future__ import annotations

from typing import Annotated, Any

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
            help="An axis of the candidate (reduction=8, block=none) or an option of the backbone (shortcut=B). "
            "Repeatable.",
            show_default=False,
        ),
    ] = None,
    size: Annotated[
        int, typer.Option("--input", min=1, max=4096, metavar="PIXELS", help="Height and width of an image.")
    ] = 32,
    classes: Annotated[int, typer.Option("--classes", min=1, max=1_000_000, metavar="N", help="Classes.")] = 10,
    latency: Annotated[
        bool, typer.Option("--latency", help="Also measure a forward pass and a training step on this machine.")
    ] = False,
    batch: Annotated[int, typer.Option("--batch", min=2, max=65536, metavar="N", help="Images a timed pass.")] = 16,
    threads: Annotated[int, typer.Option("--threads", min=1, max=1024, metavar="N", help="CPU threads.")] = 1,
    repeats: Annotated[int, typer.Option("--repeats", min=2, max=100_000, metavar="N", help="Timed passes.")] = 30,
    as_json: options.Json = False,
) -> None:
    """Count parameters, MACs, elementwise operations, activations and memory traffic of one image.

    [bold]Examples[/bold]

      se-bench cost --backbone cifar_resnet20 --set block=none

      se-bench cost --backbone resnet50 --set stride_in=1x1 --set reduction=16 --input 224 --classes 1000 --json

      se-bench cost --backbone cifar_resnet20 --latency --batch 64
    """
    from se_bench import registry
    from se_bench.config.load import axes_from_pairs
    from se_bench.errors import ConfigError

    try:
        registry.check("backbone", backbone)
    except ConfigError as problem:
        problem.key = "--backbone"
        raise

    from dataclasses import asdict

    from se_bench.cli import show
    from se_bench.config.setting import BackboneChoice
    from se_bench.cost.count import count
    from se_bench.nets.build import resolve

    axes, own = axes_from_pairs(overrides or (), also=tuple(registry.load("backbone", backbone).defaults))
    if axes.backbone:
        raise ConfigError("name the backbone once, with --backbone", key="--set backbone")
    architecture = resolve(BackboneChoice.read({"name": backbone, **own}), axes, (3, size, size), classes)
    found: dict[str, Any] = {"backbone": backbone, "input": size, "classes": classes, **asdict(count(architecture))}
    if latency:
        from se_bench.cost.latency import measure

        times = measure(architecture, batch=batch, threads=threads, repeats=repeats)
        found["latency"] = [asdict(each) for each in times]
    if as_json:
        show.json(found)
    else:
        show.cost(show.console(), found)
