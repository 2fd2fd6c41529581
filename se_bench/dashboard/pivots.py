"""A pivot in words: its cells, its footnote, and the table as CSV, Markdown or JSON (LaTeX: ``latex``)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from se_bench.analysis.pivot import COSTS, GAIN, Cell, Key, Pivot
from se_bench.dashboard import forms, words

DIGITS = {"accuracy": 4, "loss": 4, "train_seconds": 1, GAIN: 2}
TITLES = {GAIN: "Δ accuracy, points"}
LEVELS = ((0.001, "***"), (0.01, "**"), (0.05, "*"))
LOST = "†"


def mean(cell: Cell) -> str:
    """The cell's mean as it is written; a dash where nothing is known."""
    value = cell.estimate.mean
    if value is None:
        return "–"
    if cell.metric in COSTS:
        return f"{value:,.0f}" if value == int(value) else f"{value:,.1f}"
    scale = words.POINTS if cell.metric == GAIN else 1
    return words.number(scale * value, DIGITS[cell.metric], signed=cell.metric == GAIN)


def is_bold(cell: Cell) -> bool:
    """Whether the mean is written in bold."""
    return cell.best and cell.estimate.mean is not None


def bounds(cell: Cell) -> str:
    """The interval, ``[0.8724, 0.8989]``; empty where there is none."""
    whole = words.interval(
        cell.estimate,
        digits=DIGITS.get(cell.metric, 0),
        scale=words.POINTS if cell.metric == GAIN else 1,
        signed=cell.metric == GAIN,
    )
    _, bracket, rest = whole.partition(" [")
    return f"[{rest}" if bracket else ""


def stars(cell: Cell) -> str:
    """How surely the cell differs from its baseline."""
    return "" if cell.p is None else next((marks for level, marks in LEVELS if cell.p <= level), "")


def title(metric: str) -> str:
    """The metric as a heading."""
    return TITLES.get(metric, metric.replace("_", " "))


def heading(pivot: Pivot, column: Key) -> str:
    """The column's axes with their values: ``squeeze=avg``."""
    return " ".join(f"{axis}={value}" for axis, value in zip(pivot.columns, column, strict=True) if value)


def footnote(pivot: Pivot) -> Iterator[str]:
    """What a reader must know of the table, a sentence or two each."""
    measured = [cell for cell in pivot.cells.values() if cell.metric not in COSTS]
    if measured:
        yield f"Means over seeds with 95 % intervals, {_seeds(measured)}. {words.circumstances(pivot.answer)}"
        yield _marks(measured)
        yield _bold(measured)
    if pivot.averaged:
        yield f"Cells average over {', '.join(pivot.averaged)}, seed by seed."
    rates = {cell.architectures: _rate(cell) for cell in measured if cell.lost}
    if rates:
        yield f"{LOST} Trials without a result, not ranked: {'; '.join(rates.values())}."
    yield from (f"Trained: {line}." for line in words.machines(pivot.answer.records.runs))


def _marks(measured: list[Cell]) -> str:
    if not any(cell.p is not None for cell in measured):
        return "No difference from the baseline could be tested."
    comparisons = len({cell.architectures for cell in measured if cell.difference is not None})
    levels = ", ".join(f"{marks} p ≤ {level:g}" for level, marks in reversed(LEVELS))
    return f"Against the baseline ({levels}): paired tests, corrected by Holm over {comparisons} comparisons."


def _bold(measured: list[Cell]) -> str:
    if not any(is_bold(cell) for cell in measured):
        return "Nothing is bold: too few seeds tell the best."
    return "Bold: the truly best is among these with 95 % confidence (one-sided paired tests, Bonferroni)."


def _seeds(measured: list[Cell]) -> str:
    counts = [cell.estimate.n for cell in measured if cell.estimate.n]
    if not counts:
        return "no trial completed"
    return f"n = {min(counts)}" if min(counts) == max(counts) else f"n = {min(counts)}–{max(counts)}"


def _rate(cell: Cell) -> str:
    labels = ", ".join(each.label for each in cell.candidates)
    return f"{labels}: {cell.lost} of {cell.trials}"


def wide_rows(pivot: Pivot) -> list[dict[str, Any]]:
    """A row for each row of the pivot: for each column and metric the mean, its interval, n, p, best and trial ids."""
    footer = {
        "setting": words.circumstances(pivot.answer),
        "machine": "; ".join(words.machines(pivot.answer.records.runs)),
    }
    return [
        {
            **dict(zip(pivot.rows, key, strict=True)),
            **{
                name: value
                for column in pivot.column_keys
                for metric in pivot.metrics
                for name, value in _fields(pivot, key, column, metric).items()
            },
            **footer,
        }
        for key in pivot.row_keys
    ]


def _fields(pivot: Pivot, row: Key, column: Key, metric: str) -> dict[str, Any]:
    name = f"{heading(pivot, column)} {metric}".strip()
    cell = pivot.cells.get((row, column, metric))
    value = cell.estimate.mean if cell else None
    if metric in COSTS:
        return {name: int(value) if value is not None and value == int(value) else value}
    return {
        name: value,
        f"{name}_low": cell.estimate.low if cell else None,
        f"{name}_high": cell.estimate.high if cell else None,
        f"{name}_n": cell.estimate.n if cell else None,
        f"{name}_p": cell.p if cell else None,
        f"{name}_best": cell.best if cell else None,
        f"{name}_trials": list(cell.trial_ids) if cell else None,
    }


def to_json(pivot: Pivot) -> dict[str, Any]:
    """The pivot for scripts, an object for each cell; keys are only ever added."""
    return {
        "study": pivot.answer.study.name,
        "setting": pivot.answer.study.setting.name,
        "rows": list(pivot.rows),
        "columns": list(pivot.columns),
        "metrics": list(pivot.metrics),
        "cells": [_object(pivot, cell) for cell in pivot.cells.values()],
        "footnote": list(footnote(pivot)),
    }


def _object(pivot: Pivot, cell: Cell) -> dict[str, Any]:
    gain = cell.difference
    return {
        "row": dict(zip(pivot.rows, cell.row, strict=True)),
        "column": dict(zip(pivot.columns, cell.column, strict=True)),
        "metric": cell.metric,
        "mean": cell.estimate.mean,
        "low": cell.estimate.low,
        "high": cell.estimate.high,
        "n": cell.estimate.n,
        "difference": {"mean": gain.mean, "low": gain.low, "high": gain.high, "n": gain.n} if gain else None,
        "p": cell.p,
        "best": cell.best,
        "trials": cell.trials,
        "without_result": cell.lost,
        "candidates": [each.label for each in cell.candidates],
        "architectures": [each.architecture_id for each in cell.candidates],
        "trial_ids": list(cell.trial_ids),
    }


def as_json(pivot: Pivot) -> str:
    """JSON text."""
    return json.dumps(forms.finite(to_json(pivot)), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def as_csv(pivot: Pivot) -> str:
    """CSV text of :func:`wide_rows`; trial ids are separated by spaces."""
    return forms.as_csv(wide_rows(pivot))


def as_markdown(pivot: Pivot) -> str:
    """A table of pipes with its footnote; the trial ids of each cell follow in a comment."""
    rows = [
        {
            **dict(zip(pivot.rows, key, strict=True)),
            **{
                f"{heading(pivot, column)} {title(metric)}".strip(): _markdown(pivot.cells.get((key, column, metric)))
                for column in pivot.column_keys
                for metric in pivot.metrics
            },
        }
        for key in pivot.row_keys
    ]
    traces = "\n".join(f"{name}: {ids}" for name, ids in traces_of(pivot))
    notes = "\n\n".join(line.replace("*", "\\*") for line in footnote(pivot))
    return f"{forms.as_markdown(rows)}\n{notes}\n\n<!-- trials\n{traces}\n-->\n"


def _markdown(cell: Cell | None) -> str:
    if cell is None:
        return ""
    number = f"**{mean(cell)}**" if is_bold(cell) else mean(cell)
    mark = f"{LOST if cell.lost else ''}{stars(cell)}".replace("*", "\\*")
    return " ".join(part for part in (f"{number}{mark}", bounds(cell)) if part)


def traces_of(pivot: Pivot) -> Iterator[tuple[str, str]]:
    """Each cell that was measured, by its row and column, with the ids of its trials."""
    seen = set()
    for cell in pivot.cells.values():
        where = [f"{axis}={value}" for axis, value in zip(pivot.rows, cell.row, strict=True) if value]
        name = " ".join([*where, heading(pivot, cell.column)]).strip()
        if cell.trial_ids and (name, cell.trial_ids) not in seen:
            seen.add((name, cell.trial_ids))
            yield name, " ".join(cell.trial_ids)
