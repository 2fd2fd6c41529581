"""A page's state in its address."""

from __future__ import annotations

from urllib.parse import parse_qsl

from hypothesis import given
from hypothesis import strategies as st

from se_bench.dashboard.state import Key, read, write

KEYS = (
    Key(name="x", default="macs", choices=("macs", "params")),
    Key(name="f"),
    Key(name="by", choices=("", "gate", "reduction")),
    Key(name="sel", asks=False),
)
VALUES = st.fixed_dictionaries(
    {
        "x": st.sampled_from(["macs", "params"]),
        "f": st.text(),
        "by": st.sampled_from(["", "gate", "reduction"]),
        "sel": st.text(),
    }
)


@given(VALUES)
def test_what_is_written_reads_back(values: dict[str, str]) -> None:
    assert read(write(values, KEYS), KEYS) == (values, [])


@given(VALUES)
def test_defaults_are_left_out_and_the_version_stands_first(values: dict[str, str]) -> None:
    said = parse_qsl(write(values, KEYS), keep_blank_values=True)
    changed = [key.name for key in KEYS if values[key.name] != key.default]
    assert [name for name, _ in said] == (["v", *changed] if changed else [])


def test_a_question_mark_at_the_beginning_is_no_part_of_it() -> None:
    assert read("?x=params", KEYS)[0]["x"] == "params"


def test_what_no_page_knows_is_left_out_with_a_notice() -> None:
    values, notices = read("x=flops&colour=red&by=gate", KEYS)
    assert values == {"x": "macs", "f": "", "by": "gate", "sel": ""}
    assert len(notices) == 2
    assert "x=flops" in notices[0]
    assert "macs, params" in notices[0]
    assert "colour=red" in notices[1]


def test_an_address_of_another_version_says_so() -> None:
    values, notices = read("v=2&x=params", KEYS)
    assert values["x"] == "params"
    assert "version '2'" in notices[0]


@given(st.text(max_size=300))
def test_any_query_can_be_read(query: str) -> None:
    values, _ = read(query, KEYS)
    assert set(values) == {key.name for key in KEYS}
    assert values["x"] in ("macs", "params")
