"""Two-level factorial designs, full and fractional: which combinations are run, and what they cannot tell apart.

A fraction 1/2^p of the 2^k combinations runs a full design in k - p axes; each other axis is the product of some of
them (levels as -1 and +1), its generator. The products of generators are the defining relation: two effects whose
product is one of its words have one estimate together, they are aliases. Of all generators those of minimum
aberration are taken: fewest words of three letters, then of four, and so on (Fries and Hunter, Technometrics 22(4),
1980). The resolution is the length of the shortest word (Box and Hunter, Technometrics 3(3), 1961).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import combinations, product

Word = tuple[str, ...]
"""Axes whose product is meant, in the order of the plan."""

MOST_AXES = 11
"""Generators for more axes would be searched for minutes; a full design in so many has 2,048 combinations."""


@dataclass(frozen=True)
class Design:
    """A two-level design."""

    axes: tuple[str, ...]
    generators: tuple[tuple[str, Word], ...]
    """Each axis that is a product, with the axes of that product; none in a full design."""
    words: tuple[Word, ...]
    """The defining relation, shortest first."""
    runs: tuple[tuple[int, ...], ...]
    """For each combination the level of each axis: 0 its first value, 1 its second."""

    @property
    def resolution(self) -> int | None:
        """The length of the shortest word; None for a full design, which tells everything apart."""
        return len(self.words[0]) if self.words else None

    @property
    def name(self) -> str:
        """``2^(5-2) III``, as tables of designs call it."""
        if self.resolution is None:
            return f"2^{len(self.axes)}"
        return f"2^({len(self.axes)}-{len(self.generators)}) {_roman(self.resolution)}"

    def aliases(self, longest: int = 2) -> tuple[tuple[Word, ...], ...]:
        """Effects of at most ``longest`` axes that have one estimate together, main effects first."""
        effects = [word for length in range(1, longest + 1) for word in combinations(self.axes, length)]
        groups: dict[frozenset[frozenset[str]], list[Word]] = {}
        for effect in effects:
            chain = frozenset(frozenset(effect) ^ frozenset(word) for word in ((), *self.words))
            groups.setdefault(chain, []).append(effect)
        return tuple(tuple(group) for group in groups.values() if len(group) > 1)


def full(axes: Sequence[str]) -> Design:
    """Every combination."""
    return _design(axes, ())


def fractional(axes: Sequence[str], power: int) -> Design | None:
    """The fraction 1/2^``power`` of minimum aberration; None where there is none of resolution III or more."""
    masks = _generators(len(axes), power, 3)
    return None if masks is None else _design(axes, masks)


def of_resolution(axes: Sequence[str], least: int) -> Design:
    """The smallest fraction of at least this resolution, of minimum aberration; the full design if need be."""
    for power in range(len(axes) - 1, 0, -1):
        masks = _generators(len(axes), power, least)
        if masks is not None:
            return _design(axes, masks)
    return full(axes)


def _design(axes: Sequence[str], masks: Sequence[int]) -> Design:
    count = len(axes) - len(masks)
    base = axes[:count]
    generators = tuple(
        (axis, tuple(base[place] for place in range(count) if mask >> place & 1))
        for axis, mask in zip(axes[count:], masks, strict=True)
    )
    words = []
    for chosen in (group for size in range(1, len(masks) + 1) for group in combinations(generators, size)):
        letters: frozenset[str] = frozenset()
        for axis, word in chosen:
            letters ^= frozenset((axis, *word))
        words.append(tuple(axis for axis in axes if axis in letters))
    runs = []
    for levels in product((0, 1), repeat=count):
        level = dict(zip(base, levels, strict=True))
        products = (1 - sum(1 - level[axis] for axis in word) % 2 for _, word in generators)
        runs.append((*levels, *products))
    return Design(tuple(axes), generators, tuple(sorted(words, key=len)), tuple(runs))


@cache
def _generators(axes: int, power: int, least: int) -> tuple[int, ...] | None:
    """Generators of minimum aberration among those of resolution ``least`` or more, as sets of base axes (bits)."""
    base = axes - power
    columns = sorted(
        (mask for mask in range(1, 2**base) if mask.bit_count() >= least - 1),
        key=lambda mask: (-mask.bit_count(), mask),
    )
    # The base axes may be renamed, so that of the first columns, the heaviest, one of each weight is enough.
    first = [mask for mask in columns if mask == 2 ** mask.bit_count() - 1]
    best: tuple[tuple[int, ...], tuple[int, ...]] | None = None

    def extend(chosen: tuple[int, ...], products: list[tuple[int, int]], counts: tuple[int, ...], start: int) -> None:
        nonlocal best
        if len(chosen) == power:
            best = (counts, chosen)
            return
        for place in range(start, len(columns)) if chosen else map(columns.index, first):
            column = columns[place]
            more = [(size + 1, mask ^ column) for size, mask in products]
            lengths = [size + mask.bit_count() for size, mask in more]
            if min(lengths) < least:
                continue
            added = tuple(count + lengths.count(length) for length, count in enumerate(counts))
            if best is None or added < best[0]:  # more generators only add words
                extend((*chosen, column), products + more, added, place + 1)

    extend((), [(0, 0)], (0,) * (axes + 1), 0)
    return None if best is None else best[1]


def _roman(number: int) -> str:
    tens, ones = divmod(number, 10)
    return "X" * tens + ("", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX")[ones]
