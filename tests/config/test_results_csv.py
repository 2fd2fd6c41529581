"""Rows of results from elsewhere: read exactly, or refused with file, line, column and the nearest spelling."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from se_bench.config.results_csv import COLUMNS, read
from se_bench.errors import ConfigError


def file(folder: Path, text: str) -> Path:
    path = folder / "runs.csv"
    path.write_bytes(text.encode())
    return path


def test_a_row_is_a_trial_with_its_line(tmp_path: Path) -> None:
    header = "seed,accuracy,loss,train_seconds,status,reduction,stages,bias\n"
    text = f"{header}0,0.75,1.5,60,,4,1+2,true\n\n3,,,9,diverged,16,2,\n"
    one, other = read(file(tmp_path, text))
    assert (one.line, one.seed, one.status, one.accuracy, one.loss, one.train_seconds) == (
        2, 0, "completed", 0.75, 1.5, 60.0
    )  # fmt: skip
    assert one.spelling == {"reduction": 4, "stages": (1, 2), "bias": True}
    assert (other.line, other.seed, other.status, other.accuracy) == (4, 3, "diverged", None)
    assert other.spelling == {"reduction": 16, "stages": (2,)}
    assert other.axes.block == "se"


def test_a_spreadsheets_file_is_read_too(tmp_path: Path) -> None:
    (row,) = read(file(tmp_path, '\ufeffseed, accuracy ,reduction\r\n"1"," 0.5 ","[2, 4]"\r\n'))
    assert (row.seed, row.accuracy, row.spelling) == (1, 0.5, {"reduction": (2, 4)})


def test_the_line_of_a_row_is_where_it_starts(tmp_path: Path) -> None:
    rows = read(file(tmp_path, 'seed,accuracy,gate\n0,0.5,"sigmoid\n"\n1,0.5,tanh\n'))
    assert [row.line for row in rows] == [2, 4]


WRONG = {
    "unknown column": ("seed,accuracy,gaet\n0,0.5,tanh\n", 1, "gaet", "no column 'gaet'", "gate"),
    "a column twice": ("seed,seed,accuracy\n0,0,0.5\n", 1, "seed", "stands twice", None),
    "no accuracy": ("seed\n0\n", 1, "accuracy", "missing", None),
    "an empty file": ("", 1, "seed", "missing", None),
    "no rows": ("seed,accuracy\n\n", None, None, "no results in it", None),
    "too many cells": ("seed,accuracy\n0,0.5,1\n", 2, None, "3 cells under 2 columns", None),
    "percent": ("seed,accuracy\n0,93.21\n", 2, "accuracy", "93.21 is not between 0 and 1", None),
    "no number": ("seed,accuracy\n0,high\n", 2, "accuracy", "not a number: 'high'", None),
    "not finite": ("seed,accuracy\n0,nan\n", 2, "accuracy", "nan is not between 0 and 1", None),
    "infinite loss": ("seed,accuracy,loss\n0,0.5,inf\n", 2, "loss", "inf is not from 0 on", None),
    "negative seed": ("seed,accuracy\n-1,0.5\n", 2, "seed", "whole number", None),
    "no seed": ("seed,accuracy\n,0.5\n", 2, "seed", "whole number", None),
    "no outcome": ("seed,accuracy\n0,\n", 2, "accuracy", "the accuracy is missing", None),
    "diverged with one": ("seed,accuracy,status\n0,0.5,diverged\n", 2, "accuracy", "is given of a trial", None),
    "unknown status": ("seed,accuracy,status\n0,0.5,complete\n", 2, "status", "'complete' is not one", "completed"),
    "unknown block": ("seed,accuracy,block\n0,0.5,cbma\n", 2, "block", "no block 'cbma'", "cbam"),
    "unknown net": ("seed,accuracy,backbone\n0,0.5,resnet51\n", 2, "backbone", "no backbone", "resnet50"),
    "no integer": ("seed,accuracy,reduction\n0,0.5,2.5\n", 2, "reduction", "integer", None),
    "second row": ("seed,accuracy,gate\n0,0.5,tanh\n1,0.5,tahn\n", 3, "gate", "no gate", "tanh"),
    "open quote": ('seed,accuracy\n0,"0.5\n', 2, None, "not CSV", None),
}


@pytest.mark.parametrize(("text", "line", "key", "says", "nearest"), WRONG.values(), ids=list(WRONG))
def test_what_is_wrong_is_named_with_its_place(
    tmp_path: Path, text: str, line: int | None, key: str | None, says: str, nearest: str | None
) -> None:
    path = file(tmp_path, text)
    with pytest.raises(ConfigError) as refused:
        read(path)
    found = refused.value
    assert says in found.message
    assert (found.file, found.line, found.key, found.nearest) == (path, line, key, nearest)


def test_a_percentage_is_told_as_a_fraction(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"93\.21 % is 0\.9321"):
        read(file(tmp_path, "seed,accuracy\n0,93.21\n"))


@pytest.mark.parametrize("content", [b"seed,accuracy\n0,0.5\xff\n", None])
def test_what_is_no_text_file_is_refused(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "runs.csv"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ConfigError, match=r"not a text file|cannot be read"):
        read(path)


def test_every_column_is_documented() -> None:
    text = (Path(__file__).resolve().parents[2] / "docs" / "import.md").read_text()
    axes = (Path(__file__).resolve().parents[2] / "docs" / "axes.md").read_text()
    assert [name for name in COLUMNS if f"`{name}`" not in text + axes] == []


@given(st.floats(0, 1), st.floats(0, 1e300), st.integers(0, 10**9))
def test_numbers_are_read_exactly(
    tmp_path_factory: pytest.TempPathFactory, accuracy: float, loss: float, seed: int
) -> None:
    text = f"seed,accuracy,loss\n{seed},{accuracy!r},{loss!r}\n"
    (row,) = read(file(tmp_path_factory.mktemp("csv"), text))
    assert (row.seed, row.accuracy, row.loss) == (seed, accuracy, loss)
