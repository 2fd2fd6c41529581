"""A pivot as a LaTeX table in the style of ``booktabs``; what pdfLaTeX cannot set is replaced, never passed on."""

from __future__ import annotations

import unicodedata
from itertools import groupby

from se_bench import __version__
from se_bench.analysis.pivot import Cell, Pivot
from se_bench.dashboard import pivots

_SPECIAL = {
    "\\": r"\textbackslash{}",
    "&": r"\&",
    "%": r"\%",
    "$": r"\$",
    "#": r"\#",
    "_": r"\_",
    "{": r"\{",
    "}": r"\}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"$<$",
    ">": r"$>$",
    "|": r"$|$",
    '"': "''",
    "–": "--",
    "—": "---",
    "−": r"$-$",
    "×": r"$\times$",
    "±": r"$\pm$",
    "≤": r"$\le$",
    "≥": r"$\ge$",
    "≠": r"$\ne$",
    "·": r"$\cdot$",
    "Δ": r"$\Delta$",
    "λ": r"$\lambda$",
    "µ": r"$\mu$",
    "†": r"$\dagger$",
    "’": "'",
    "“": "``",
    "”": "''",
}


def escape(text: str) -> str:
    """``text`` as LaTeX sets it; an accent that plain letters lack goes, anything else unknown becomes ``?``."""
    return "".join(_SPECIAL.get(letter) or _plain(letter) for letter in " ".join(text.split()))


def _plain(letter: str) -> str:
    if letter.isascii():
        return letter if letter.isprintable() else "?"
    bare = unicodedata.normalize("NFKD", letter).encode("ascii", "ignore").decode()
    return "".join(_SPECIAL.get(each, each) for each in bare if each.isprintable()) or "?"


def as_latex(pivot: Pivot) -> str:
    """The whole ``table`` environment; the trial ids of each cell follow in comments."""
    study = pivot.answer.study
    numbers = len(pivot.column_keys) * len(pivot.metrics)
    metrics = ", ".join(pivots.title(metric) for metric in pivot.metrics)
    lines = [
        f"% Written by se-bench {__version__}; needs \\usepackage{{booktabs}}.",
        r"\begin{table}",
        r"  \centering",
        f"  \\caption{{{escape(f'{study.name}: {metrics} in the setting {study.setting.name}')}}}",
        f"  \\label{{tab:{study.name}}}",
        f"  \\begin{{tabular}}{{{'l' * len(pivot.rows)}{'r' * numbers}}}",
        r"    \toprule",
        *(f"    {line}" for line in _header(pivot)),
        r"    \midrule",
        *(f"    {_row(pivot, place)}" for place in range(len(pivot.row_keys))),
        r"    \bottomrule",
        r"  \end{tabular}",
        r"",
        r"  \medskip\raggedright\footnotesize",
        *(f"  {escape(line)}" for line in pivots.footnote(pivot)),
        r"\end{table}",
        *(f"% {escape(name)}: {ids}" for name, ids in pivots.traces_of(pivot)),
    ]
    return "\n".join(lines) + "\n"


def _header(pivot: Pivot) -> list[str]:
    """The axes of the columns over their values, and the metrics where there are several or no such axis."""
    numbers = len(pivot.column_keys) * len(pivot.metrics)
    levels = [
        [
            (value, len(list(same)))
            for value, same in groupby(key[at] for key in pivot.column_keys for _ in pivot.metrics)
        ]
        for at in range(len(pivot.columns))
    ]
    if len(pivot.metrics) > 1 or not pivot.columns:
        levels.append([(pivots.title(metric), 1) for _ in pivot.column_keys for metric in pivot.metrics])
    first = len(pivot.rows) + 1
    top = []
    if pivot.columns:
        over = _spanning(", ".join(pivot.columns), numbers)
        top = [_cells([*[""] * len(pivot.rows), over]), f"\\cmidrule(lr){{{first}-{first + numbers - 1}}}"]
    names = [[""] * len(pivot.rows)] * (len(levels) - 1) + [[escape(axis) for axis in pivot.rows]]
    below = [
        _cells([*name, *(_spanning(value, span) for value, span in level)])
        for name, level in zip(names, levels, strict=True)
    ]
    return [*top, *below]


def _spanning(value: str, span: int) -> str:
    return escape(value) if span == 1 else f"\\multicolumn{{{span}}}{{c}}{{{escape(value)}}}"


def _row(pivot: Pivot, place: int) -> str:
    key = pivot.row_keys[place]
    found = [_cell(pivot.cells.get((key, column, metric))) for column in pivot.column_keys for metric in pivot.metrics]
    return _cells([*(escape(value) for value in key), *found])


def _cell(cell: Cell | None) -> str:
    if cell is None:
        return ""
    number = f"\\textbf{{{escape(pivots.mean(cell))}}}" if pivots.is_bold(cell) else escape(pivots.mean(cell))
    marks = (r"\dagger " if cell.lost else "") + pivots.stars(cell)
    raised = f"$^{{{marks}}}$" if marks else ""
    return " ".join(part for part in (f"{number}{raised}", escape(pivots.bounds(cell))) if part)


def _cells(cells: list[str]) -> str:
    """A line of the table; a bracket or star would be read as belonging to the line break before it."""
    line = " & ".join(cells)
    return f"{'{}' if line.startswith(('[', '*')) else ''}{line} \\\\"
