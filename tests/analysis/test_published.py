"""Every printed figure of a table that can be compared has one row, and what ships is what was written down."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import pytest

from se_bench.analysis.published import figures, of_table, printed_rows
from se_bench.config.published import load_table, names
from se_bench.errors import ConfigError

FILE = Path(__file__).resolve().parents[2] / "published" / "published.csv"
TABLES = names()
WANTED = {
    *(f"senet-table-{number}" for number in (2, 3, 4, 5, *range(10, 17))),
    "eca-net-table-3",
    "he-table-6",
}


def test_every_table_of_the_issue_is_there_in_the_order_of_numbers() -> None:
    assert set(TABLES) == WANTED
    assert [name for name in TABLES if name.startswith("senet")][:5] == [
        f"senet-table-{number}" for number in (2, 3, 4, 5, 10)
    ]


@pytest.mark.parametrize("name", TABLES)
def test_every_printed_figure_belongs_to_exactly_one_row(name: str) -> None:
    table, _ = load_table(name)
    assert table.name == name
    placed = Counter(figure.line for row in printed_rows(table) for figure in row.figures.values())
    assert placed == Counter(figure.line for figure in of_table(table))
    assert placed


@pytest.mark.parametrize("name", TABLES)
def test_each_backbone_has_one_reference_and_every_cost_column_a_convention(name: str) -> None:
    table, _ = load_table(name)
    rows = printed_rows(table)
    references = Counter(row.backbone for row in rows if row.row.reference)
    assert set(references.values()) == {1}
    costs = {metric for row in rows for metric in row.figures if metric in ("params_M", "gflops", "mflops")}
    assert costs == set(table.counting)


def test_the_figures_are_those_of_the_file() -> None:
    with FILE.open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    assert len(figures()) == len(lines) == 866
    for figure, line in zip(figures(), lines, strict=True):
        assert figure.value == float(line["value"])
        assert figure.recalled == (line["confirmed"] == "memory")
        own = {name: getattr(figure, name) for name in line if name not in ("value", "confirmed")}
        assert own == {name: value for name, value in line.items() if name not in ("value", "confirmed")}
    assert sum(figure.recalled for figure in figures()) == 80


def test_no_figure_of_a_table_that_is_compared_was_only_recalled() -> None:
    assert not [figure for name in TABLES for figure in of_table(load_table(name)[0]) if figure.recalled]


def test_a_name_that_is_none_gets_the_nearest() -> None:
    with pytest.raises(ConfigError) as refused:
        load_table("senet-tabel-10")
    assert refused.value.nearest == "senet-table-10"
    assert set(refused.value.allowed) == WANTED


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("reference: true", "reference: false"), "exactly one of `rows` has `reference: true`"),
        (("axes: {reduction: 2}", "axes: {reductio: 2}"), "unknown key"),
        (("of: [params, buffers]", "of: [params, bufers]"), "did you mean: buffers"),
        (("name: resnet50", "name: resnet51"), "did you mean: resnet50"),
    ],
)
def test_a_wrong_table_is_refused_with_its_line(tmp_path: Path, change: tuple[str, str], says: str) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(FILE.with_name("senet-table-10.yaml").read_text().replace(*change))
    with pytest.raises(ConfigError) as refused:
        load_table(str(path))
    assert says in str(refused.value)
    assert f"{path}:" in str(refused.value)
