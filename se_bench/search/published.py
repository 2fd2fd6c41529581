"""The nets that a published table is about: as the paper has them, counted, and the same designs on other nets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from itertools import product

from se_bench.analysis.published import PrintedRow
from se_bench.analysis.reproduce import Design, PrintedNet
from se_bench.config.axes import Axes, AxisValue
from se_bench.config.document import Document
from se_bench.config.published import PublishedTable
from se_bench.config.setting import BackboneChoice
from se_bench.cost.count import count
from se_bench.cost.joins import additions, scalings
from se_bench.errors import OptionError
from se_bench.nets.architecture import Architecture
from se_bench.nets.build import resolve
from se_bench.records import Net

CHANNELS = 3


def as_printed(table: PublishedTable, printed: PrintedRow, document: Document) -> PrintedNet | None:
    """The net of a row, with everything that papers count of it; None where we have no such net or block.

    Raises :class:`ConfigError` with the line of the table's file for an option that the backbone does not take.
    """
    if printed.net.ours is None or printed.row.axes is None:
        return None
    size = printed.net.input or table.setting.input
    axes = Axes.read(printed.row.axes)
    try:
        built = resolve(printed.net.ours, axes, (CHANNELS, size, size), table.setting.classes)
    except OptionError as problem:
        raise document.at(("backbones", printed.backbone), problem) from None
    counts = {**asdict(count(built)), "additions": additions(built), "scalings": scalings(built)}
    return PrintedNet(net=_net_of(built), counts=counts)


def designs(table: PublishedTable, rows: Sequence[PrintedRow], nets: Sequence[Net]) -> list[Design]:
    """Each row's design on each of ``nets`` that can carry it.

    Where a table compares backbones, a row's design is its backbone: on others it is another design.
    """
    found = []
    for net in nets:
        on_net: dict[str, str | None] = {}
        for held in _held(table):
            for place, printed in enumerate(rows):
                if printed.row.axes is None or not _belongs(table, printed, net):
                    continue
                axes = {**printed.row.axes, **held}
                spelled = repr(sorted(axes.items()))
                if spelled not in on_net:
                    on_net[spelled] = _built_on(net, axes)
                if (identity := on_net[spelled]) is not None:
                    found.append(Design(row=place, net=net, held=held, architecture_id=identity))
    return found


def _held(table: PublishedTable) -> list[dict[str, AxisValue]]:
    """What the table holds: as the paper has it, then with other values, of ever more axes."""
    choices = [[{}, *({axis: value} for value in values)] for axis, values in table.held.items()]
    together = [{axis: value for each in chosen for axis, value in each.items()} for chosen in product(*choices)]
    return sorted(together, key=len)


def _belongs(table: PublishedTable, printed: PrintedRow, net: Net) -> bool:
    own = printed.net.ours
    return table.compares == "blocks" or (own is not None and own.name == net.backbone)


def _built_on(net: Net, axes: Mapping[str, object]) -> str | None:
    """The architecture that ``axes`` build on ``net``; None where it has no such place or stage."""
    backbone = BackboneChoice.read({"name": net.backbone, **net.options})
    try:
        return resolve(backbone, Axes.read(axes), net.input_shape, net.classes).architecture_id
    except OptionError:
        return None


def _net_of(built: Architecture) -> Net:
    return Net(backbone=built.backbone, options=built.options, input_shape=built.input_shape, classes=built.classes)
