"""The mean gate of each channel for each class, in the deepest unit of each stage.

As in Figures 6 of Hu et al., "Squeeze-and-Excitation Networks", arXiv 1709.01507v4, Section 7.2, there for four
classes of ImageNet.
"""

from __future__ import annotations

from dataclasses import dataclass

from se_bench.analysis.answer import Answer
from se_bench.analysis.gates import MOST_DRAWN, CandidateGates, of_records
from se_bench.config.dashboard import Panel


@dataclass(frozen=True, slots=True, kw_only=True)
class GateProfiles:
    """What the figure of profiles shows."""

    candidates: tuple[CandidateGates, ...]

    @property
    def caption(self) -> str:
        """Whose gates these are."""
        seeds = ", ".join(f"{each.label}: seed {each.seeds[0]}" for each in self.candidates)
        return (
            "The deepest unit of each stage; a line a class, over its test images. Where lines coincide, the gate is "
            f"the same for all classes. Channels of another seed are others. {seeds}."
        )


def compute(answer: Answer, panel: Panel) -> GateProfiles | None:
    """The profiles of each candidate whose gates were read; None where none was."""
    found = of_records(answer.records, MOST_DRAWN)
    return GateProfiles(candidates=found) if found else None
