"""Gates from input to output: how large they are, whether classes differ, and how many are at an end."""

from __future__ import annotations

from dataclasses import dataclass

from se_bench.analysis.answer import Answer
from se_bench.analysis.gates import MOST_DRAWN, CandidateGates, of_records
from se_bench.config.dashboard import Panel


@dataclass(frozen=True, slots=True, kw_only=True)
class GateUnits:
    """What the figure of units shows."""

    candidates: tuple[CandidateGates, ...]

    @property
    def caption(self) -> str:
        """What the statistics are, and on how many seeds they rest."""
        seeds = ", ".join(f"{each.label}: n = {len(each.seeds)}" for each in self.candidates)
        return (
            "Gates over the test images; means and 95 % intervals over seeds. Class share: the part of a gate's "
            "variance over images that lies between classes, all channels together. Near an end: within 5 % of the "
            f"gate's range from its lower (dotted) or upper end (solid). {seeds}."
        )


def compute(answer: Answer, panel: Panel) -> GateUnits | None:
    """The units of each candidate whose gates were read; None where none was."""
    found = of_records(answer.records, MOST_DRAWN)
    return GateUnits(candidates=found) if found else None
