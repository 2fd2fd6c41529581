"""Two-level designs against published tables, and against their definition."""

from __future__ import annotations

from collections import Counter
from itertools import combinations, product
from math import prod

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from se_bench.search.factorial import Design, fractional, full, of_resolution

LETTERS = "ABCDEFGHJKL"

# NIST/SEMATECH e-Handbook, Table 3.17: the resolution of each useful 2^(k-p) design.
RESOLUTIONS = {
    (3, 1): "III", (4, 1): "IV", (5, 1): "V", (5, 2): "III", (6, 1): "VI", (6, 2): "IV", (6, 3): "III",
    (7, 1): "VII", (7, 2): "IV", (7, 3): "IV", (7, 4): "III", (8, 1): "VIII", (8, 2): "V", (8, 3): "IV", (8, 4): "IV",
    (9, 2): "VI", (9, 3): "IV", (9, 4): "IV", (9, 5): "III", (10, 3): "V", (10, 4): "IV", (10, 5): "IV",
    (10, 6): "III", (11, 4): "V", (11, 6): "IV", (11, 7): "III",
}  # fmt: skip

# Words of each length in the designs of minimum aberration (Chen, Sun and Wu, Int. Stat. Review 61, 1993).
WORDS = {
    (5, 2): {3: 2, 4: 1},
    (6, 2): {4: 3},
    (6, 3): {3: 4, 4: 3},
    (7, 2): {4: 1, 5: 2},
    (7, 3): {4: 7},
    (8, 2): {5: 2, 6: 1},
    (8, 3): {4: 3, 5: 4},
    (8, 4): {4: 14, 8: 1},
    (9, 3): {4: 1, 5: 4, 6: 2},
    (9, 4): {4: 6, 5: 8, 8: 1},
    (10, 5): {4: 10, 5: 16, 8: 5},
    (11, 6): {4: 25, 6: 27, 8: 10, 10: 1},
}


def table(size: tuple[int, int]) -> Design:
    design = fractional(LETTERS[: size[0]], size[1])
    assert design is not None
    return design


@pytest.mark.parametrize("size", RESOLUTIONS)
def test_the_resolution_is_that_of_the_handbook(size: tuple[int, int]) -> None:
    assert table(size).name == f"2^({size[0]}-{size[1]}) {RESOLUTIONS[size]}"


@pytest.mark.parametrize("size", WORDS)
def test_no_known_design_has_fewer_short_words(size: tuple[int, int]) -> None:
    assert dict(Counter(map(len, table(size).words))) == WORDS[size]


def test_a_half_of_five_axes_is_written_out() -> None:
    design = table((5, 2))
    assert design.generators == (("D", ("A", "B", "C")), ("E", ("A", "B")))
    assert design.words == (("A", "B", "E"), ("C", "D", "E"), ("A", "B", "C", "D"))
    assert design.runs[0] == (0, 0, 0, 0, 1)  # (-1)(-1)(-1) = -1 and (-1)(-1) = +1
    assert design.runs[-1] == (1, 1, 1, 1, 1)
    assert design.aliases() == (
        (("A",), ("B", "E")),
        (("B",), ("A", "E")),
        (("C",), ("D", "E")),
        (("D",), ("C", "E")),
        (("E",), ("A", "B"), ("C", "D")),
        (("A", "C"), ("B", "D")),
        (("A", "D"), ("B", "C")),
    )


def test_a_full_design_is_every_combination_and_tells_everything_apart() -> None:
    design = full("ABC")
    assert design.runs == tuple(product((0, 1), repeat=3))
    assert (design.name, design.resolution, design.aliases(3)) == ("2^3", None, ())


@pytest.mark.parametrize(
    ("axes", "least", "name"),
    [
        (5, 3, "2^(5-2) III"),
        (5, 4, "2^(5-1) V"),
        (5, 6, "2^5"),
        (8, 5, "2^(8-2) V"),
        (11, 4, "2^(11-6) IV"),
        (1, 3, "2^1"),
    ],
)
def test_the_smallest_fraction_of_a_resolution(axes: int, least: int, name: str) -> None:
    assert of_resolution(LETTERS[:axes], least).name == name


def test_a_fraction_that_mixes_up_main_effects_is_none() -> None:
    assert fractional("AB", 1) is None
    assert fractional("ABCDE", 3) is None


sizes = st.sampled_from([size for size in RESOLUTIONS if size[0] - size[1] <= 5])


@settings(max_examples=20, deadline=None)
@given(sizes)
def test_effects_are_aliases_exactly_where_their_columns_are_equal(size: tuple[int, int]) -> None:
    design = table(size)
    signs = [{axis: 2 * level - 1 for axis, level in zip(design.axes, run, strict=True)} for run in design.runs]
    effects = [word for length in (1, 2) for word in combinations(design.axes, length)]
    columns = {effect: tuple(prod(run[axis] for axis in effect) for run in signs) for effect in effects}
    aliased = {pair for group in design.aliases() for pair in combinations(group, 2)}
    for one, other in combinations(effects, 2):
        inner = sum(a * b for a, b in zip(columns[one], columns[other], strict=True))
        assert abs(inner) == (len(signs) if (one, other) in aliased else 0)


@settings(max_examples=20, deadline=None)
@given(sizes)
def test_at_resolution_r_any_r_minus_one_axes_are_a_full_design(size: tuple[int, int]) -> None:
    design = table(size)
    assert design.resolution is not None
    assert len(set(design.runs)) == 2 ** (size[0] - size[1])
    for axes in combinations(range(len(design.axes)), min(design.resolution - 1, 3)):
        seen = Counter(tuple(run[axis] for axis in axes) for run in design.runs)
        assert set(seen.values()) == {len(design.runs) >> len(axes)}
        assert len(seen) == 2 ** len(axes)
