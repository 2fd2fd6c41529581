"""A pivot in every form: the same numbers, each with the trials behind it, and a footnote that says whence they are."""

from __future__ import annotations

import base64
import csv
import io
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from se_bench.analysis.pivot import Pivot, pivot
from se_bench.config.load import load_dashboard
from se_bench.dashboard import html, latex, pivots, report
from se_bench.dashboard.parquet import as_parquet
from se_bench.records import Status
from tests.analysis import small_studies
from tests.analysis.grids import Measured, grid
from tests.analysis.test_pivot import BASE, GRID, NONE, near, se

METRICS = ["accuracy", "difference", "params"]
FAILING: Measured = [*GRID, (se(reduction=32, squeeze="avg"), {**near(0.2), 4: Status.FAILED})]


def table(measured: Measured = GRID, columns: tuple[str, ...] = ("squeeze",)) -> Pivot:
    return pivot(grid(measured), ["reduction"], columns, METRICS)


def test_the_footnote_says_n_setting_marks_bold_machine_and_versions() -> None:
    text = " ".join(pivots.footnote(table()))
    for words in (
        "n = 5",
        "Setting digits",
        "cifar_resnet8",
        "Holm over 4 comparisons",
        "with 95 % confidence",
        "a <fast> one",
        "Python 3.11",
        "torch",
        "se-bench",
    ):
        assert words in text
    assert "without a result" not in text
    failing = " ".join(pivots.footnote(table(FAILING)))
    assert "n = 4–5" in failing
    assert "block=se reduction=32 squeeze=avg: 1 of 5" in failing
    assert "average over squeeze" in " ".join(pivots.footnote(table(columns=())))
    one = " ".join(pivots.footnote(table([(NONE, {0: 0.8}), (se(reduction=4), {0: 0.9})], ())))
    assert "Nothing is bold" in one
    assert "No difference from the baseline could be tested." in one


def test_csv_reads_back_exactly_with_the_trials_of_every_number() -> None:
    found = table()
    rows = list(csv.DictReader(io.StringIO(pivots.as_csv(found))))
    assert [row["reduction"] for row in rows] == ["baseline", "4", "16"]
    for row in rows:
        for squeeze in ("avg", "max"):
            cell = found.cells[
                next(key for key in found.row_keys if key[0] == row["reduction"]), (squeeze,), "accuracy"
            ]
            name = f"squeeze={squeeze} accuracy"
            assert float(row[name]) == cell.estimate.mean
            assert float(row[f"{name}_low"]) == cell.estimate.low
            assert int(row[f"{name}_n"]) == len(cell.trial_ids) == 5
            assert row[f"{name}_trials"] == " ".join(cell.trial_ids)
            assert row[f"{name}_best"] == str(cell.best)
            assert int(row[f"squeeze={squeeze} params"]) == cell.candidates[0].cost.params
        assert "digits" in row["setting"]
        assert "torch" in row["machine"]


def test_parquet_keeps_numbers_and_lists() -> None:
    found = table()
    frame = pd.read_parquet(io.BytesIO(as_parquet(pivots.wide_rows(found))))
    for row, (_, read) in zip(pivots.wide_rows(found), frame.iterrows(), strict=True):
        for name, value in row.items():
            if isinstance(value, list):
                assert list(read[name]) == value
            elif value is None:
                assert pd.isna(read[name])
            else:
                assert read[name] == value


def test_json_has_an_object_for_every_cell() -> None:
    found = table(FAILING)
    data = json.loads(pivots.as_json(found), parse_constant=pytest.fail)
    assert len(data["cells"]) == len(found.cells)
    for each, cell in zip(data["cells"], found.cells.values(), strict=True):
        assert each["row"] == {"reduction": cell.row[0]}
        assert each["column"] == {"squeeze": cell.column[0]}
        assert each["mean"] == cell.estimate.mean
        assert each["trial_ids"] == list(cell.trial_ids)
        assert (each["trials"], each["without_result"]) == (cell.trials, cell.lost)


def test_markdown_has_bold_marks_intervals_and_a_comment_with_the_trials() -> None:
    text = pivots.as_markdown(table(FAILING))
    lines = [line for line in text.splitlines() if line.startswith("|")]
    assert {line.replace("\\|", "").count("|") for line in lines} == {8}
    best = next(line for line in lines if line.startswith("| 4 "))
    assert "**0.8602**\\*\\*\\* [0.8421, 0.8784]" in best
    assert "†" in next(line for line in lines if line.startswith("| 32"))
    assert "block=se reduction=4 squeeze=avg/0" in text.partition("<!-- trials")[2]


def test_the_report_has_the_table_and_holds_it_in_every_form() -> None:
    found = table()
    page = report.render(found.answer, load_dashboard("overview"), found)
    assert "Accuracy, Δ accuracy, points, params by reduction and squeeze" in page
    links = dict(re.findall(r'download="([^"]+)" href="data:[^;]+;base64,([^"]+)"', page))
    content = {Path(name).suffix: base64.b64decode(data) for name, data in links.items()}
    assert content[".csv"].decode() == pivots.as_csv(found)
    assert content[".md"].decode() == pivots.as_markdown(found)
    assert content[".tex"].decode() == latex.as_latex(found)
    assert content[".json"].decode() == pivots.as_json(found)
    assert content[".parquet"] == as_parquet(pivots.wide_rows(found))
    assert "block=se reduction=4 squeeze=avg/0" in page


def test_the_header_spans_the_columns() -> None:
    found = html.table(pivot(grid(GRID), ["reduction"], ["squeeze"], METRICS))
    assert [[(cell.text, cell.span) for cell in line] for line in found.header] == [
        [("", 1), ("squeeze=avg", 3), ("squeeze=max", 3)],
        [("reduction", 1), *((name, 1) for name in ("accuracy", "Δ accuracy, points", "params") * 2)],
    ]
    for row in found.rows:
        assert len(row.names) + len(row.cells) == sum(cell.span for cell in found.header[0])


# LaTeX: read strictly, and set where there is a TeX.

COMMANDS = {
    "begin": 1, "end": 1, "centering": 0, "caption": 1, "label": 1, "toprule": 0, "midrule": 0, "bottomrule": 0,
    "multicolumn": 3, "textbf": 1, "medskip": 0, "raggedright": 0, "footnotesize": 0, "times": 0, "pm": 0, "le": 0,
    "ge": 0, "ne": 0, "cdot": 0, "Delta": 0, "lambda": 0, "mu": 0, "dagger": 0, "textbackslash": 1,
    "textasciitilde": 1, "textasciicircum": 1, "cmidrule": 1,
}  # fmt: skip


def without_comments(text: str) -> str:
    return "\n".join(line for line in text.splitlines() if not line.startswith("%"))


def check_characters(text: str) -> None:
    """Every special character is escaped, every group and formula closed, every command one that we know."""
    assert text.isascii()
    groups, formula, at = 0, False, 0
    while at < len(text):
        letter = text[at]
        if letter == "\\":
            name = re.match(r"\\([a-zA-Z]+|.)", text[at:], re.S)
            assert name is not None
            assert name[1] in COMMANDS or name[1] in "\\&%$#_{}", name[0]
            at += len(name[0])
            continue
        assert letter not in "~#%", text[max(0, at - 20) : at + 20]
        if letter == "^":
            assert formula
        if letter == "$":
            formula = not formula
        groups += (letter == "{") - (letter == "}")
        assert groups >= 0
        at += 1
    assert (groups, formula) == (0, False)


def check_environments(text: str) -> None:
    open_ones: list[str] = []
    for kind, name in re.findall(r"\\(begin|end)\{(\w+)\}", text):
        if kind == "begin":
            open_ones.append(name)
        else:
            assert open_ones.pop() == name
    assert open_ones == []


def columns_of(line: str) -> int:
    """The columns that a line of a tabular fills."""
    cells = re.split(r"(?<!\\)&", line)
    spans = [re.match(r"\s*\\multicolumn\{(\d+)\}", cell) for cell in cells]
    return sum(int(span[1]) if span else 1 for span in spans)


def check_latex(text: str) -> list[str]:
    """The lines of the tabular, after everything has been found to be in order."""
    body = without_comments(text)
    assert "_" not in re.sub(r"\\label\{[^}]*\}|\\_", "", body)
    check_characters(re.sub(r"\\label\{[^}]*\}", "", body))
    check_environments(body)
    (spec, inside) = re.findall(r"\\begin\{tabular\}\{([lrc]+)\}(.*?)\\end\{tabular\}", body, re.S)[0]
    bare = re.sub(r"\\(top|mid|bottom)rule|\\cmidrule\(lr\)\{[\d-]+\}", "", inside)
    lines = [line for line in re.split(r"\\\\\s*\n", bare) if line.strip()]
    assert {columns_of(line) for line in lines} == {len(spec)}
    for first, last in re.findall(r"\\cmidrule\(lr\)\{(\d+)-(\d+)\}", inside):
        assert 1 <= int(first) <= int(last) <= len(spec)
    assert not any(line.strip().startswith(("[", "*")) for line in lines)
    return lines


TABLES = {
    "rows and columns": table(),
    "failures": table(FAILING),
    "one metric": pivot(grid(GRID), ["reduction"], ["squeeze"]),
    "rows only": pivot(grid(GRID), ["reduction", "squeeze"]),
    "two axes of columns": pivot(grid(GRID), ["block"], ["squeeze", "reduction"], ["accuracy", "macs"]),
    "nothing trained": pivot(small_studies.answered(small_studies.ODD["nothing trained"]), ["reduction"]),
    "odd names": pivot(
        grid(
            [(NONE, BASE), (se(gate='[a_b] & 100% of #1 $x^2$ {~\\} "q" <é漢> −0.5'), near(0.1)), (se(gate="*"), BASE)]
        ),
        ["gate"],
    ),
}


@pytest.mark.parametrize("found", TABLES.values(), ids=list(TABLES))
def test_latex_is_in_order(found: Pivot) -> None:
    lines = check_latex(latex.as_latex(found))
    assert len(lines) > len(found.row_keys)


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="no TeX on this machine: the strict reading stands for it")
def test_latex_compiles(tmp_path: Path) -> None:
    head = "\\documentclass{article}\n\\usepackage[margin=1cm]{geometry}\n\\usepackage{booktabs}\n\\begin{document}\n"
    body = "\n".join(latex.as_latex(found) for found in TABLES.values())
    (tmp_path / "all.tex").write_text(f"{head}{body}\\end{{document}}\n", encoding="utf-8")
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "all.tex"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, errors="replace", check=False)
    assert done.returncode == 0, done.stdout[-2000:]
    assert (tmp_path / "all.pdf").stat().st_size > 1000
    assert "Misplaced" not in done.stdout


@given(st.text(max_size=30))
def test_any_text_is_set(text: str) -> None:
    check_characters(latex.escape(text))


def test_latex_has_the_numbers_and_the_trials_of_each() -> None:
    found = table(FAILING)
    text = latex.as_latex(found)
    assert r"\textbf{0.8602}$^{***}$ [0.8421, 0.8784]" in text
    assert r"$^{\dagger" in text
    comments: list[Any] = [line for line in text.splitlines() if line.startswith("% ")]
    for name, ids in pivots.traces_of(found):
        assert f"% {latex.escape(name)}: {ids}" in comments
