"""Printed parameters and FLOPs beside our counts: no training is needed, so they are always compared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from se_bench.analysis.agreement import Agreement, Judged, direction
from se_bench.analysis.published import Figure, PrintedRow
from se_bench.config.published import Counting, PublishedTable


@dataclass(frozen=True, slots=True, kw_only=True)
class CostCheck:
    """One printed cost beside ours, in the printed unit."""

    figure: Figure
    counting: Counting
    """How the paper counts this column."""
    counted: float | None
    """None where we have no such net."""
    printed_change: float | None
    """Against the reference row of the same backbone; None where either has no figure here or there."""
    counted_change: float | None
    judged: Judged


def check_costs(
    table: PublishedTable, rows: Sequence[PrintedRow], counts: Sequence[Mapping[str, int] | None]
) -> list[tuple[CostCheck, ...]]:
    """For each row, its printed costs beside ours; ``counts`` are those of the rows' nets."""
    references = {each.backbone: place for place, each in enumerate(rows) if each.row.reference}
    found = []
    for place, printed in enumerate(rows):
        reference = references.get(printed.backbone, place)
        found.append(
            tuple(
                _check(printed, rows[reference], counts[place], counts[reference], metric, counting)
                for metric, counting in {**table.counting, **printed.net.counting}.items()
                if metric in printed.figures
            )
        )
    return found


def _check(
    printed: PrintedRow,
    reference: PrintedRow,
    counts: Mapping[str, int] | None,
    reference_counts: Mapping[str, int] | None,
    metric: str,
    counting: Counting,
) -> CostCheck:
    figure = printed.figures[metric]
    counted, base = (_in_print(own, counting) for own in (counts, reference_counts))
    printed_change = counted_change = None
    if counted is not None and base is not None and printed is not reference and metric in reference.figures:
        printed_change = figure.value - reference.figures[metric].value
        counted_change = counted - base
    return CostCheck(
        figure=figure,
        counting=counting,
        counted=counted,
        printed_change=printed_change,
        counted_change=counted_change,
        judged=_judge(printed, figure, counting, counted, printed_change, counted_change),
    )


def _judge(
    printed: PrintedRow,
    figure: Figure,
    counting: Counting,
    counted: float | None,
    printed_change: float | None,
    counted_change: float | None,
) -> Judged:
    if counted is None:
        what = "block" if printed.net.ours else "net"
        return Judged(Agreement.NOT_COMPARABLE, printed.incomparable or f"we have no such {what}")
    if abs(counted - figure.value) <= counting.within:
        return Judged(Agreement.SAME)
    if printed_change is None or counted_change is None:
        return Judged(Agreement.NOT_COMPARABLE, printed.net.note or "another net was counted, or otherwise")
    return direction(printed_change, counted_change)


def _in_print(counts: Mapping[str, int] | None, counting: Counting) -> float | None:
    return None if counts is None else sum(counts[name] for name in counting.of) / counting.unit
