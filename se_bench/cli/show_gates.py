"""What ``se-bench gates`` prints: statistics of units, effects of interventions, and what they amount to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from rich.markup import escape

from se_bench.analysis.gate_interventions import dynamic_gate
from se_bench.cli.show import grid
from se_bench.dashboard import words

if TYPE_CHECKING:
    from rich.console import Console

    from se_bench.analysis.gates import CandidateGates, UnitStatistics
    from se_bench.config.load import Study
    from se_bench.records import GateReading

_STATISTICS = {
    "mean": "mean gate",
    "channel_spread": "sd channels",
    "class_spread": "sd classes",
    "image_spread": "sd images",
    "class_share": "class share [95 %]",
    "class_correlation": "class correlation",
    "low": "near low end",
    "high": "near high end",
}
_KINDS = {"frozen": "frozen to their mean", "shuffled": "those of another image", "one": "set to one"}


def data(
    study: Study, found: CandidateGates, readings: Sequence[GateReading], on_record: Mapping[str, float]
) -> dict[str, Any]:
    """Everything for scripts (docs/commands.md); keys are only ever added."""
    return {
        "study": study.name,
        "setting": study.setting.name,
        "candidate": found.label,
        "nets": [
            {
                "trial_id": each.trial_id,
                "seed": each.seed,
                "accuracy": each.accuracy,
                "accuracy_on_record": on_record[each.trial_id],
            }
            for each in readings
        ],
        "units": [asdict(unit) for unit in found.units],
        "interventions": [
            {"kind": each.kind, "stage": each.stage, "p": each.difference.p}
            | {name: getattr(each.difference, name) for name in ("n", "mean", "low", "high", "spread")}
            for each in found.effects
        ],
    }


def tables(
    out: Console, found: CandidateGates, readings: Sequence[GateReading], on_record: Mapping[str, float]
) -> None:
    """Two tables and a sentence."""
    seeds, images = len(found.seeds), sum(readings[0].images)
    out.print(f"[bold]{escape(found.label)}[/bold]: {images:,} test images, {seeds} seed{'s' * (seeds > 1)}")
    units = grid("unit", "channels", *_STATISTICS.values(), "agreement")
    for unit in found.units:
        units.add_row(unit.unit, str(unit.channels), *_cells(unit))
    out.print(units)
    effects = grid("gates", "stage", "Δ accuracy, points [95 %]", "p", "n")
    for effect in found.effects:
        change = effect.difference
        effects.add_row(
            _KINDS[effect.kind],
            "all" if effect.stage is None else str(effect.stage),
            words.interval(change, digits=2, scale=words.POINTS, signed=True),
            words.p_value(change.p),
            str(change.n),
        )
    out.print(effects)
    out.print(escape(f"{found.label}: {dynamic_gate(found)}"), soft_wrap=True)
    for each in readings:
        if each.accuracy != on_record[each.trial_id]:
            out.print(
                f"[yellow]Seed {each.seed} has accuracy {each.accuracy:.4f} here and {on_record[each.trial_id]:.4f} on "
                "record: it was trained on another machine or with other versions, and this is not quite that net."
                "[/yellow]",
                soft_wrap=True,
            )


def _cells(unit: UnitStatistics) -> list[str]:
    cells = []
    for name, title in _STATISTICS.items():
        found = getattr(unit, name)
        cells.append(words.interval(found, digits=3) if "[95 %]" in title else words.optional(found.mean, 3))
    return [*cells, words.optional(unit.agreement, 2)]
