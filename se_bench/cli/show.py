"""What the commands print: tables for people, JSON for scripts."""

from __future__ import annotations

import json as json_module
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Literal

import typer
from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.tree import Tree

from se_bench.cli import show_plans
from se_bench.cli.progress import clock
from se_bench.records import Status

if TYPE_CHECKING:
    from se_bench.analysis.answer import Answer
    from se_bench.analysis.planning import Outlook
    from se_bench.config.space import Axis, Space
    from se_bench.records import Conflict, Merged, StudySummary
    from se_bench.search.session import Known

WHOLE = ("verdict",)
"""Columns of words that are not broken."""
LONG_LABEL = 40
"""Characters; a candidate of a search over a whole space has a label of many axes."""
PLAIN_WIDTH = 160
"""Columns where the output is no terminal, so that a table in a log file is not folded."""
VERDICT_STYLES = {"supported": "green", "refuted": "red", "undecided": "yellow"}
_COST_WORDS = {
    "params": "trainable parameters",
    "block_params": "those of attention blocks",
    "buffers": "elements of untrained state",
    "macs": "multiply-accumulates (conv + linear)",
    "elementwise": "other operations",
    "activations": "elements written",
    "memory_bytes": "bytes read and written at four bytes an element",
}


def console() -> Console:
    """Standard output, coloured where it is a terminal that wants it."""
    return Console(width=None if sys.stdout.isatty() else PLAIN_WIDTH, highlight=False, emoji=False)


def plain(text: str) -> str:
    """``text`` as it is: what looks like markup in it is none."""
    return escape(text)


def json(value: Any) -> None:
    """Print JSON, as strict as the standard: no NaN."""
    typer.echo(json_module.dumps(value, indent=2, ensure_ascii=False, allow_nan=False))


def plan_data(known: Known, expected: Mapping[str, float], slots: int) -> dict[str, Any]:
    """A plan for scripts."""
    from se_bench.search.estimate import wall_seconds

    missing = known.missing
    return {
        "study": known.plan.study.name,
        "setting": known.plan.study.setting.name,
        "trials": len(known.plan.trials),
        "known": len(known.plan.trials) - len(missing),
        "to_train": len(missing),
        "changes": list(known.changes),
        "beyond_constraints": [each.label for each in known.plan.beyond],
        "slots": slots,
        "expected_seconds": wall_seconds([expected[trial.trial_id] for trial in missing], slots),
        "power": asdict(power_of(known)),
        "candidates": [
            {
                "label": each.label,
                "axes": dict(each.axes),
                "baseline": each.is_baseline,
                "params": each.cost.params,
                "macs": each.cost.macs,
                "architecture_id": each.architecture_id,
            }
            for each in known.plan.candidates
        ],
        **show_plans.data(known, expected, slots),
    }


def power_of(known: Known) -> Outlook:
    """What the study can show with its seeds."""
    from se_bench.analysis.planning import outlook

    plan = known.plan
    return outlook(plan.study, plan.candidates, plan.asked, known.accuracies)


def plan(out: Console, known: Known, expected: Mapping[str, float], slots: int) -> None:
    """What would be trained, and what it can show."""
    from se_bench.dashboard import words

    data = plan_data(known, expected, slots)
    study = known.plan.study
    out.print(f"[bold]{escape(study.name)}[/bold]: {escape(study.question)}", soft_wrap=True)
    for part in ("study", "space", "setting"):
        found = study.found[part]
        out.print(f"  {part:<8}{escape(str(found.file))} [dim]({found.origin})[/dim]", soft_wrap=True)
    for line in known.changes:
        out.print(f"  [yellow]changed[/yellow] since it was last run: {escape(line)}", soft_wrap=True)
    if known.plan.beyond:
        limits = ", ".join(f"{cost} {limit}" for cost, limit in study.constraints.items())
        out.print(f"{len(known.plan.beyond)} candidates are left out by the constraints: {escape(limits)}")
    for line in show_plans.lines(known, expected, slots):
        out.print(escape(line), soft_wrap=True)
    labels = [each.label for each in known.plan.candidates]
    table = grid("candidate", "trials", "known", "params", "MACs", labels=labels)
    trials = Counter(trial.architecture_id for trial in known.plan.trials)
    missing = Counter(trial.architecture_id for trial in known.missing)
    for each in known.plan.candidates:
        planned, left = trials[each.architecture_id], missing[each.architecture_id]
        table.add_row(
            escape(each.label), str(planned), str(planned - left), f"{each.cost.params:,}", f"{each.cost.macs:,}"
        )
    out.print(table)
    if study.plan.sampler:
        out.print(f"{data['trials']} trials so far, {data['known']} known; the search adds its own.\n")
        return
    for line in words.power(study, power_of(known)):
        out.print(escape(line), soft_wrap=True)
    if not missing:
        out.print(f"{data['trials']} trials, all known. Nothing to train.\n")
        return
    out.print(
        f"{data['trials']} trials, {data['known']} known, {data['to_train']} to train, {slots} at once: "
        f"about {clock(data['expected_seconds'])}.\n"
    )


def answer(out: Console, found: Answer) -> None:
    """The table of candidates and the verdicts."""
    from se_bench.dashboard import words

    told = [each for each in found.candidates if each.metrics["accuracy"].n or not each.stopped]
    table = grid(*words.CANDIDATE_COLUMNS, labels=[each.label for each in told])
    for each in told:
        table.add_row(*(escape(cell) for cell in words.candidate_cells(each)))
    out.print(table)
    if len(told) < len(found.candidates):
        out.print(f"Candidates without a whole trial, which have no row here: {len(found.candidates) - len(told)}.")
    for line in words.unranked(found):
        out.print(escape(line), soft_wrap=True)
    if line := words.chosen(found):
        out.print(escape(line), soft_wrap=True)
    out.print(
        f"[dim]{escape(' '.join(filter(None, (words.circumstances(found), words.pairing(found)))))}[/dim]",
        soft_wrap=True,
    )
    out.print(f"{words.trial_counts(found)}.\n")
    if not found.claims:
        return
    table = grid(*words.CLAIM_COLUMNS, left=("verdict", "says"))
    for claim in found.claims:
        cells = [escape(cell) for cell in words.claim_cells(claim)]
        style = VERDICT_STYLES[claim.verdict.value]
        table.add_row(cells[0], f"[{style}]{cells[1]}[/{style}]", *cells[2:])
    out.print(table)
    if not found.finished:
        out.print("Trials are still to come: these verdicts may change.")


def failures(out: Console, found: Answer) -> int:
    """Name every trial without a result and its cause; return how many there are."""
    if not found.failures:
        return 0
    out.print(f"[red]{len(found.failures)} trials have no result:[/red]")
    for each in found.failures:
        cause = each.error.splitlines()[0] if each.error else "no message"
        out.print(f"  {escape(each.label)} seed {each.seed}: {each.status.value}: {escape(cause)}", soft_wrap=True)
    if any(each.status is Status.FAILED for each in found.failures):
        out.print("Run the same command again to retry those that failed.")
    return len(found.failures)


def status_data(known: Known) -> dict[str, Any]:
    """How far a study has come, for scripts."""
    counts = _counts(known)
    return {
        "study": known.plan.study.name,
        "setting": known.plan.study.setting.name,
        "trials": {status.value: counts[status] for status in Status},
        "total": len(known.plan.trials),
    }


USUAL = (Status.PLANNED, Status.RUNNING, Status.COMPLETED)
"""What a trial comes through when nothing goes wrong: shown even of a study where no trial did."""


def _occurring(*counts: Mapping[Status, int]) -> list[Status]:
    """The usual statuses, and those that occur in any of the counts."""
    return [status for status in Status if status in USUAL or any(each.get(status) for each in counts)]


def status(out: Console, known: Known) -> None:
    """How far a study has come, candidate by candidate."""
    counts = _counts(known)
    columns = _occurring(counts)
    table = grid("candidate", *(status.value for status in columns))
    of_candidate: defaultdict[str, Counter[Status]] = defaultdict(Counter)
    for trial in known.plan.trials:
        of_candidate[trial.architecture_id][known.statuses.get(trial.trial_id, Status.PLANNED)] += 1
    for each in known.plan.candidates:
        own = of_candidate[each.architecture_id]
        table.add_row(escape(each.label), *(str(own[status] or "·") for status in columns))
    table.add_section()
    table.add_row("all", *(str(counts[status] or "·") for status in columns))
    out.print(table)
    if counts[Status.RUNNING]:
        out.print("A trial that is running was started by a run that goes on, or was killed.")


def studies_data(summaries: Sequence[StudySummary]) -> list[dict[str, Any]]:
    """Every study of a database, for scripts."""
    return [
        {
            "study": each.name,
            "question": each.question,
            "trials": {status.value: each.counts.get(status, 0) for status in Status},
            "total": sum(each.counts.values()),
            "updated_at": each.updated_at.isoformat(),
        }
        for each in summaries
    ]


def studies(out: Console, summaries: Sequence[StudySummary], database: str) -> None:
    """Every study of a database."""
    if not summaries:
        out.print(f"No study in {escape(database)} yet. Next: se-bench run STUDY", soft_wrap=True)
        return
    columns = _occurring(*(each.counts for each in summaries))
    table = grid("study", *(status.value for status in columns), "last change (UTC)", "question", left=("question",))
    for each in summaries:
        counts = (str(each.counts.get(status, 0) or "·") for status in columns)
        table.add_row(escape(each.name), *counts, f"{each.updated_at:%Y-%m-%d %H:%M}", escape(each.question))
    out.print(table)


def merged(out: Console, found: Merged, other: str, database: str) -> None:
    """What came from one database into another, and what could not."""

    def say(line: str) -> None:
        out.print(escape(line), soft_wrap=True)

    say(f"{other} -> {database}")
    say(f"  {found.settled} trials taken over with {found.epochs} epochs, {found.planned} registered to be trained")
    say(f"  {found.equal} trials known to both, with equal numbers")
    say(f"  {found.architectures} architectures and {found.runs} runs that were not here")
    for names, what in ((found.studies, "new"), (found.replanned, "planned later there, so that plan is now here")):
        for name in names:
            say(f"  study {name}: {what}")
    conflicts(out, found.conflicts)


def conflicts(out: Console, found: Sequence[Conflict]) -> None:
    """Trials that have other numbers elsewhere than here."""
    from se_bench.dashboard import words

    def say(line: str) -> None:
        out.print(escape(line), soft_wrap=True)

    if found:
        say(f"{len(found)} trials have other numbers there; they stay as they are here:")
    for each in found:
        say(f"  trial {each.trial_id} ({each.label or 'in no study'}, seed {each.seed})")
        names = ("accuracy", "loss", "train_seconds")
        name = next((name for name in names if getattr(each.here, name) != getattr(each.there, name)), "accuracy")
        for place, result, environment in (
            ("here", each.here, each.environment_here),
            ("there", each.there, each.environment_there),
        ):
            # every digit: conflicting numbers may differ in the last bit
            number = result.status.value if result.accuracy is None else f"{name} {getattr(result, name)!r}"
            epochs = f", {result.epochs} epochs" if result.epochs else ""
            say(f"    {place + ':':<7}{number}{epochs}; {words.machine(environment)}")


def cost(out: Console, found: Mapping[str, Any]) -> None:
    """What one architecture costs."""
    size = found["input"]
    out.print(f"[bold]{escape(found['backbone'])}[/bold], one image of {size} x {size}, {found['classes']} classes")
    table = grid("cost", "number", "of", left=("of",))
    for name, words in _COST_WORDS.items():
        table.add_row(name, f"{found[name]:,}", words)
    out.print(table)
    if times := found.get("latency"):
        table = grid("pass", "p50 ms", "p95 ms", "repeats", "batch", "threads", "device", left=("device",))
        for each in times:
            numbers = (f"{each['p50_ms']:.2f}", f"{each['p95_ms']:.2f}")
            counts = (str(each[key]) for key in ("repeats", "batch", "threads"))
            table.add_row(each["what"], *numbers, *counts, escape(each["device"]))
        out.print(table)


def listing(out: Console, kind: str, found: Sequence[Mapping[str, Any]]) -> None:
    """Names with what they stand for."""
    table = grid(kind, *(key for key in ("about", "origin", "object") if found and key in found[0]), left=None)
    for row in found:
        table.add_row(*(escape(str(value)) for key, value in row.items() if key != "file"))
    out.print(table)


def published(out: Console, found: Sequence[Mapping[str, Any]]) -> None:
    """Printed figures; a question mark stands beside those that were recalled and never read."""
    table = grid("paper", "net", "variant", "figure", "value", left=("net", "variant", "figure"))
    for row in found:
        axis = f" {row['axis']}={row['axis_value']}" if row["axis_value"] else ""
        value = f"{row['value']:g} {row['unit']}{' ?' if row['recalled'] else ''}"
        paper, variant = f"{row['paper']}, {row['table']}", f"{row['variant']}{axis}"
        table.add_row(*(escape(cell) for cell in (paper, row["backbone"], variant, row["metric"], value)))
    out.print(table)
    out.print("A question mark: recalled, not read; check before use.")


def spaces(out: Console, found: Sequence[Space]) -> None:
    """Each space as a tree: an axis stands below the one whose value it depends on."""
    for space in found:
        tree = Tree(f"[bold]{escape(space.name)}[/bold] {escape(space.about)}")
        branches: dict[str, Tree] = {}
        for name, axis in space.axes.items():
            when = [(other, wanted) for other, wanted in axis.when.items() if other in branches]
            parent = branches[when[-1][0]] if when else tree
            told = [_condition(other, wanted) for other, wanted in when if _narrows(space.axes[other], wanted)]
            conditions = f" [dim]if {escape(', '.join(told))}[/dim]" if told else ""
            values = escape(", ".join(axis.choices()))
            branches[name] = parent.add(f"[cyan]{escape(name)}[/cyan]: {values}{conditions}")
        out.print(tree)
        out.print()


def _narrows(axis: Axis, wanted: Any) -> bool:
    """Whether a condition excludes any value of the axis that it is about."""
    admitted = wanted if isinstance(wanted, tuple) else (wanted,)
    return any(value not in admitted for value in axis.values or (None,))


def _condition(axis: str, wanted: Any) -> str:
    return f"{axis} = {' or '.join(str(each) for each in wanted) if isinstance(wanted, tuple) else wanted}"


def _counts(known: Known) -> Counter[Status]:
    return Counter(known.statuses.get(trial.trial_id, Status.PLANNED) for trial in known.plan.trials)


def grid(first: str, *others: str, left: Sequence[str] | None = (), labels: Iterable[str] = ()) -> Table:
    """A table of numbers, right-aligned but for the first column and those in ``left`` (None: all).

    In a narrow terminal text and intervals go on in the next line, and so does the first column where its ``labels``
    are long; numbers, and the words of :data:`WHOLE`, are never cut.
    """
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    long = max(map(len, labels), default=0) > LONG_LABEL
    table.add_column(escape(first), no_wrap=not long, min_width=LONG_LABEL if long else None, overflow="fold")
    for name in others:
        is_text = left is None or name in left
        may_wrap = (is_text and name not in WHOLE) or name.endswith("[95 %]")
        justify: Literal["left", "right"] = "left" if is_text else "right"
        table.add_column(escape(name), justify=justify, no_wrap=not may_wrap, overflow="fold")
    return table
