"""What ``se-bench claims`` prints: a row a statement, study by study."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from rich.markup import escape

from se_bench.cli.show import VERDICT_STYLES, grid
from se_bench.dashboard import words

if TYPE_CHECKING:
    from rich.console import Console

    from se_bench.analysis.answer import Answer


def data(found: Answer) -> dict[str, Any]:
    """One study for scripts (docs/commands.md); keys are only ever added."""
    from se_bench.analysis.as_json import to_json

    answer = to_json(found)
    kept = {key: answer[key] for key in ("study", "setting", "finished", "claims", "trials")}
    return {**kept, "question": found.study.question, "machines": words.machines(found.records.runs)}


def table(out: Console, found: Sequence[Answer]) -> None:
    """All statements in one table, and how many have which verdict."""
    rows = grid("study", *words.CLAIM_COLUMNS, "setting", left=("claim", "verdict", "says", "setting"))
    for answer in found:
        for claim in answer.claims:
            name, verdict, *others = (escape(cell) for cell in words.claim_cells(claim))
            style = VERDICT_STYLES[claim.verdict.value]
            setting = escape(answer.study.setting.name)
            rows.add_row(answer.study.name, name, f"[{style}]{verdict}[/{style}]", *others, setting)
    out.print(rows)
    out.print(f"{words.verdict_counts(claim for answer in found for claim in answer.claims)}.")
    if unfinished := [answer.study.name for answer in found if not answer.finished]:
        out.print(f"Not trained, or not to the end: {', '.join(unfinished)}. Next: se-bench run {unfinished[0]}")
