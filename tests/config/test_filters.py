"""A filter means what it says, its text and its tree are one, and nothing in it is ever run."""

from __future__ import annotations

from datetime import UTC, datetime
from math import nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from se_bench.config.filter_text import DEEPEST, LONGEST, parse
from se_bench.config.filters import EVERYTHING, Comparison, Filter, Joined, Kind, Node, Not, box, one_of
from se_bench.errors import FilterError

KINDS = {
    "accuracy": Kind.FRACTION,
    "macs": Kind.NUMBER,
    "seed": Kind.NUMBER,
    "reduction": Kind.CATEGORY,
    "gate": Kind.CATEGORY,
    "bias": Kind.CATEGORY,
    "stages": Kind.CATEGORY,
    "status": Kind.CATEGORY,
    "trial_id": Kind.TEXT,
    "started_at": Kind.INSTANT,
}
WORDS = {"status": ("completed", "failed")}
ROW = {
    "accuracy": 0.8,
    "macs": 3_000_000,
    "seed": 2,
    "reduction": 8,
    "gate": "softmax",
    "bias": True,
    "stages": (1, 2),
    "status": "completed",
    "trial_id": "f00d",
    "started_at": datetime(2026, 11, 24, 18, 30, tzinfo=UTC),
}


def holds(text: str, **changes: object) -> bool:
    return parse(text).bound(KINDS, WORDS).holds({**ROW, **changes}.get)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "accuracy > 75% and r in (4, 8) and not gate = softmax_scaled",
        "acc >= 0.8 and acc <= .8 and acc == 80%",
        "macs < 10M and macs > 2999k and macs <= 0.003G and macs = 3e6",
        "seed != 1 or gate = relu",
        "not (seed = 1 or seed = 3)",
        "seed = 1 and gate = softmax or bias = yes",
        "bias = true and not bias = no",
        'stages = "1+2" and stages != all',
        "gate ~ SOFT and gate ~ 'max'",
        "trial_id ~ 00 and not trial_id ~ 000",
        'r = 8 and r = "8" and r not in (4, 16)',
        "gate is known and not gate is missing",
        "started_at >= 2026-11-24 and started_at < '2026-11-24 18:31'",
        "started_at < 2026-11-24T20:00+01:00",
        "trial_id = x or trial_id in (beef, f00d)",
        "seed>1 AND seed<3",
    ],
)
def test_filters_that_the_row_meets(text: str):
    assert holds(text)


@pytest.mark.parametrize(
    "text",
    [
        "accuracy > 0.8",
        "r in (4, 16)",
        "bias = 1",
        "gate = Softmax",
        "r > 8 or r < 8",
        'reduction = "8.0"',
        "started_at > 2026-11-25",
    ],
)
def test_filters_that_the_row_does_not_meet(text: str):
    assert not holds(text)


@pytest.mark.parametrize("missing", [None, nan])
def test_a_missing_value_meets_no_comparison_and_not_turns_it_round(missing: float | None):
    for comparison in ("accuracy = 0.8", "accuracy != 0.8", "accuracy < 1", "accuracy in (0.5, 0.8)"):
        assert not holds(comparison, accuracy=missing)
        assert holds(f"not {comparison}", accuracy=missing)
    assert holds("accuracy is missing", accuracy=missing)
    assert not holds("accuracy is known", accuracy=missing)


@pytest.mark.parametrize(
    ("text", "position", "said"),
    [
        ("accuracy", 9, "a comparison is missing after accuracy"),
        ("accuracy >", 11, "a value is missing"),
        ("accuracy > > 1", 12, "a value is missing"),
        ("> 1", 1, "a column's name is missing"),
        ("acc > 0.5 acc < 1", 11, "too much"),
        ("acc > 0.5 & seed = 1", 11, "& means nothing here"),
        ("(acc > 0.5", 11, ") is missing"),
        ("acc > 0.5)", 10, "too much"),
        ("r in 4", 6, "( is missing"),
        ("r in ()", 7, "a value is missing"),
        ("r in (4, 8", 11, ") is missing"),
        ("r not 4", 7, "in is missing"),
        ("gate is softmax", 9, "after `is`"),
        ('gate = "soft', 8, "never closed"),
        ("macs < 1e30", 8, "too large"),
        ("4 < r", 1, "a column's name is missing"),
        ("not", 4, "a column's name is missing"),
        ("(" * (DEEPEST + 1), DEEPEST + 1, "inside each other"),
        ("not " * 2000 + "seed = 1", 4 * DEEPEST + 1, "inside each other"),
    ],
)
def test_what_cannot_be_read_is_refused_at_its_place(text: str, position: int, said: str):
    with pytest.raises(FilterError) as caught:
        parse(text)
    assert said in caught.value.message
    assert caught.value.position == position
    shown, pointer = str(caught.value).split("\n")[1:3]
    assert pointer.index("^") - 4 == position - 1 - max(0, position - 60)
    assert shown.strip() in text.strip() or text.isspace()


def test_the_longest_filter_is_limited():
    with pytest.raises(FilterError, match=f"at most {LONGEST:,} characters"):
        parse("a" * (LONGEST + 1))


@pytest.mark.parametrize(
    ("text", "said", "nearest"),
    [
        ("acuracy > 0.5", "no column 'acuracy'", "accuracy"),
        ("accuracy > 75", "fraction from 0 to 1, not 75", None),
        ("macs > many", "macs is a number, not 'many'", None),
        ("gate > softmax", "> compares numbers and dates", None),
        ("seed ~ 1", "seed is a number", None),
        ("status = complete", "no status 'complete'", "completed"),
        ("trial_id = 12", "in quotes", None),
        ("started_at > yesterday", "not a date: 'yesterday'", None),
    ],
)
def test_what_makes_no_sense_for_a_column_is_refused(text: str, said: str, nearest: str | None):
    with pytest.raises(FilterError) as caught:
        parse(text).bound(KINDS, WORDS)
    assert said in str(caught.value)
    assert caught.value.nearest == nearest
    assert caught.value.position == 1


@pytest.mark.parametrize(
    "text",
    [
        "x'; DROP TABLE se_bench_trials; --",
        "__import__('os').system('true')",
        '") OR 1=1 --',
        "%' OR '1'='1",
        "<script>alert(1)</script>",
    ],
)
def test_injections_are_text(text: str):
    asked = one_of("gate", [text])
    assert parse(str(asked)) == asked
    assert asked.holds({"gate": text}.get)
    assert not asked.holds(ROW.get)
    with pytest.raises(FilterError):
        parse(text)


def test_a_box_is_closed_and_open_where_it_has_no_end():
    assert str(box({"macs": (1.0, 2.5)})) == "macs >= 1.0 and macs <= 2.5"
    assert str(box({"macs": (float("-inf"), 2.5)})) == "macs <= 2.5"
    assert box({}) == EVERYTHING


def test_and_joins_without_brackets():
    both = parse("acc > 0.5 and r = 4").and_(EVERYTHING, parse("seed = 1 or seed = 2"), parse("gate = relu"))
    assert str(both) == "accuracy > 0.5 and reduction = 4 and (seed = 1 or seed = 2) and gate = relu"
    assert [str(each) for each in both.conjuncts] == [
        "accuracy > 0.5", "reduction = 4", "seed = 1 or seed = 2", "gate = relu"
    ]  # fmt: skip
    assert both.columns == {"accuracy", "reduction", "seed", "gate"}


names = st.sampled_from(sorted(KINDS))
texts = st.text(max_size=8) | st.sampled_from(["and", "NOT", "1+2", "12", "75%", "4k", "a b", '"', "\\", "\\'"])
literals = (
    st.integers(-(2**62), 2**62)
    | st.floats(allow_nan=False, allow_infinity=False, min_value=-(2.0**62), max_value=2.0**62)
    | texts
)
comparisons = (
    st.builds(Comparison, names, st.sampled_from(["=", "!=", "<", "<=", ">", ">="]), st.tuples(literals))
    | st.builds(Comparison, names, st.just("~"), st.tuples(texts))
    | st.builds(Comparison, names, st.just("in"), st.lists(literals, min_size=1, max_size=3).map(tuple))
    | st.builds(Comparison, names, st.just("missing"))
)


def joined(parts: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    several = st.lists(parts, min_size=2, max_size=3)
    both = st.builds(Joined, st.just("and"), several.map(lambda each: tuple(flat("and", each))))
    either = st.builds(Joined, st.just("or"), several.map(lambda each: tuple(flat("or", each))))
    return both | either | st.builds(Not, parts)


def flat(word: str, parts: list[Node]) -> list[Node]:
    return [
        each for part in parts for each in (part.parts if isinstance(part, Joined) and part.word == word else [part])
    ]


filters = st.just(EVERYTHING) | st.builds(Filter, st.recursive(comparisons, joined, max_leaves=8))


def test_a_zero_has_no_sign():
    zeros = [Filter(Comparison("accuracy", "=", (zero,))) for zero in (0.0, -0.0)]
    assert {str(each) for each in (*zeros, parse("accuracy = -0.0"))} == {"accuracy = 0.0"}


@given(filters)
def test_the_text_of_a_filter_reads_as_that_filter(asked: Filter):
    assert parse(str(asked)) == asked
    assert str(parse(str(asked))) == str(asked)


@given(st.text(alphabet="acr=<>!~()\"'\\ ,.0159%kMandortis_", max_size=40))
def test_whatever_is_written_is_read_or_refused(text: str):
    problem = None
    try:
        found = parse(text)
    except FilterError as raised:
        problem = raised
    if problem is None:
        assert parse(str(found)) == found
    else:
        assert 1 <= problem.position <= len(text) + 1
        assert str(problem)
