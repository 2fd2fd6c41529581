"""A filter: conditions on columns, and what each means for one value. The text of one is read by ``filter_text``.

A value that is missing (None, NaN) meets no comparison, not even ``!=``; ``not`` turns any condition round. This
file is the only place that says what a comparison means: arrays and SQL are checked against :meth:`Filter.holds`.
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, TypeAlias, TypeVar

from se_bench.config.axes import show
from se_bench.errors import FilterError, nearest_name

T = TypeVar("T")
Literal: TypeAlias = int | float | str | datetime

ALIASES: Mapping[str, str] = {
    "acc": "accuracy", "r": "reduction", "label": "candidate", "trial": "trial_id", "run": "run_id"
}  # fmt: skip
"""Short names of columns."""
KEYWORDS = frozenset({"and", "or", "not", "in", "is", "missing", "known"})
BARE = re.compile(r"[\w.+\-:%]+")
"""A name, number or value that needs no quotes."""
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?[kMG%]?", re.IGNORECASE)

_ORDER: Mapping[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_ASCII_LOWER = {code: code + 32 for code in range(ord("A"), ord("Z") + 1)}


class Kind(StrEnum):
    """What a column holds, and so what it may be compared with."""

    NUMBER = "number"
    FRACTION = "fraction"
    """A number from 0 to 1."""
    CATEGORY = "category"
    """Any values: an axis has words, numbers, truth values or lists."""
    TEXT = "text"
    INSTANT = "instant"


@dataclass(frozen=True)
class Comparison:
    """One column against literals; ``at`` is where it stands in the text, counted from 1."""

    column: str
    relation: str
    """``=``, ``!=``, ``<``, ``<=``, ``>``, ``>=``, ``~`` (contains), ``in``, or ``missing``, which has no literal."""
    literals: tuple[Literal, ...] = ()
    at: int = field(default=1, compare=False)

    def holds(self, value: Any) -> bool:
        """Whether ``value`` meets it."""
        missing = value is None or (isinstance(value, float) and math.isnan(value))
        if missing or self.relation == "missing":
            return missing and self.relation == "missing"
        if self.relation in _ORDER:
            return _ordered(value, self.literals[0]) and _ORDER[self.relation](value, self.literals[0])
        if self.relation == "~":
            return lowered(str(self.literals[0])) in lowered(show(value))
        among = any(_equal(value, literal) for literal in self.literals)
        return among if self.relation != "!=" else not among

    def __str__(self) -> str:
        if self.relation == "missing":
            return f"{self.column} is missing"
        if self.relation == "in":
            return f"{self.column} in ({', '.join(spelled(each) for each in self.literals)})"
        return f"{self.column} {self.relation} {spelled(self.literals[0])}"


@dataclass(frozen=True)
class Not:
    """What ``part`` is not."""

    part: Node

    def __str__(self) -> str:
        return f"not {_bracketed(self.part)}"


@dataclass(frozen=True)
class Joined:
    """All of the parts (``and``), or any of them (``or``); at least two."""

    word: str
    parts: tuple[Node, ...]

    def __str__(self) -> str:
        return f" {self.word} ".join(_bracketed(part) for part in self.parts)


Node: TypeAlias = Comparison | Not | Joined


@dataclass(frozen=True)
class Filter:
    """Which rows count. Its text (``str``) is canonical: reading it gives an equal filter."""

    root: Node | None = None
    """None lets everything through."""

    def __str__(self) -> str:
        return "" if self.root is None else str(self.root)

    def __bool__(self) -> bool:
        return self.root is not None

    @property
    def comparisons(self) -> tuple[Comparison, ...]:
        """All of them, from left to right."""
        return () if self.root is None else tuple(_comparisons(self.root))

    @property
    def columns(self) -> frozenset[str]:
        """The columns that it asks about."""
        return frozenset(each.column for each in self.comparisons)

    @property
    def conjuncts(self) -> tuple[Filter, ...]:
        """Filters of which all must hold: the parts of an ``and``, or itself."""
        if isinstance(self.root, Joined) and self.root.word == "and":
            return tuple(Filter(part) for part in self.root.parts)
        return (self,) if self else ()

    def and_(self, *others: Filter) -> Filter:
        """Both, and all of ``others``."""
        parts = [part.root for each in (self, *others) for part in each.conjuncts if part.root is not None]
        return Filter(parts[0] if len(parts) == 1 else Joined("and", tuple(parts)) if parts else None)

    def holds(self, value_of: Callable[[str], Any]) -> bool:
        """Whether a row passes whose columns are ``value_of(name)``."""
        met = self.fold(lambda each: each.holds(value_of(each.column)), all, any, operator.not_)
        return True if met is None else met

    def fold(
        self,
        leaf: Callable[[Comparison], T],
        all_of: Callable[[Iterable[T]], T],
        any_of: Callable[[Iterable[T]], T],
        none_of: Callable[[T], T],
    ) -> T | None:
        """The filter in another algebra (truth values, masks, SQL); None for the one that lets everything through."""

        def of(node: Node) -> T:
            if isinstance(node, Comparison):
                return leaf(node)
            if isinstance(node, Not):
                return none_of(of(node.part))
            return (all_of if node.word == "and" else any_of)([of(part) for part in node.parts])

        return None if self.root is None else of(self.root)

    def bound(self, kinds: Mapping[str, Kind], words: Mapping[str, Collection[str]] | None = None) -> Filter:
        """The same filter, sure to make sense for columns of these kinds; dates are read.

        ``words`` lists the values of columns that have no others. Raises :class:`FilterError` for a column that is
        not there, or a literal that such a column cannot be compared with.
        """

        def of(node: Node) -> Node:
            if isinstance(node, Comparison):
                return _bound(node, kinds, words or {}, str(self))
            return Not(of(node.part)) if isinstance(node, Not) else replace(node, parts=tuple(map(of, node.parts)))

        return self if self.root is None else Filter(of(self.root))


EVERYTHING = Filter()


def box(ranges: Mapping[str, tuple[float, float]]) -> Filter:
    """Rows whose columns lie within closed ranges: a rectangle drawn in a plot."""
    sides = [(name, ">=", low) for name, (low, _) in ranges.items()]
    sides += [(name, "<=", high) for name, (_, high) in ranges.items()]
    finite = (side for side in sides if math.isfinite(side[2]))
    return EVERYTHING.and_(*(Filter(Comparison(name, relation, (float(end),))) for name, relation, end in finite))


def one_of(column: str, values: Iterable[Literal]) -> Filter:
    """Rows whose column is one of ``values``: chosen trials, families, a facet."""
    return Filter(Comparison(column, "in", tuple(values)))


def lowered(text: str) -> str:
    """``text`` with A to Z in lower case, as every database can do it."""
    return text.translate(_ASCII_LOWER)


def spelled(literal: Literal) -> str:
    """A literal as a filter's text writes it."""
    if isinstance(literal, datetime):
        return f'"{literal.astimezone(UTC).isoformat()}"'
    if isinstance(literal, int | float):
        return repr(literal + 0)  # no sign of a zero: -0.0 and 0.0 are one number
    needs_quotes = not BARE.fullmatch(literal) or NUMBER.fullmatch(literal) or literal.lower() in KEYWORDS
    quoted = literal.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{quoted}"' if needs_quotes else literal


def _comparisons(node: Node) -> Iterator[Comparison]:
    if isinstance(node, Comparison):
        yield node
        return
    for part in (node.part,) if isinstance(node, Not) else node.parts:
        yield from _comparisons(part)


def _bracketed(node: Node) -> str:
    return f"({node})" if isinstance(node, Joined) else str(node)


def _equal(value: Any, literal: Literal) -> bool:
    if isinstance(value, bool):
        return isinstance(literal, str) and literal.lower() in (("yes", "true") if value else ("no", "false"))
    if isinstance(literal, str):
        return bool(show(value) == literal)
    return _ordered(value, literal) and bool(value == literal)


def _ordered(value: Any, literal: Literal) -> bool:
    """Whether one of the two can be less than the other: numbers with numbers, instants with instants."""
    if isinstance(value, bool):
        return False
    numbers = isinstance(value, int | float) and isinstance(literal, int | float)
    return numbers or (isinstance(value, datetime) and isinstance(literal, datetime))


def _bound(found: Comparison, kinds: Mapping[str, Kind], words: Mapping[str, Collection[str]], text: str) -> Comparison:
    name = found.column

    def refuse(message: str, **details: Any) -> FilterError:
        return FilterError(message, text=text, position=found.at, **details)

    if name not in kinds:
        raise refuse(f"no column {name!r}", allowed=tuple(kinds), nearest=nearest_name(name, kinds))
    if found.relation == "missing":
        return found
    kind = kinds[name]
    for literal in found.literals:
        if kind in (Kind.NUMBER, Kind.FRACTION) and isinstance(literal, str):
            raise refuse(f"{name} is a number, not {literal!r}", hint=f"{name} is missing, for rows without one")
        if kind is Kind.TEXT and not isinstance(literal, str):
            raise refuse(f"{name} is text, and {literal} is a number", hint=f'put it in quotes: "{literal}"')
        if kind is Kind.FRACTION and isinstance(literal, int | float) and literal > 1:
            raise refuse(
                f"{name} is a fraction from 0 to 1, not {literal:g}", hint=f"{literal:g}% or {literal / 100:g}"
            )
        if found.relation in _ORDER and isinstance(literal, str) and kind is not Kind.INSTANT:
            raise refuse(
                f"{found.relation} compares numbers and dates, not {literal!r}", allowed=("=", "!=", "in", "~")
            )
        if name in words and found.relation != "~" and literal not in words[name]:
            near = nearest_name(str(literal), words[name])
            raise refuse(f"no {name} {literal!r}", allowed=tuple(words[name]), nearest=near)
    if kind in (Kind.NUMBER, Kind.FRACTION) and found.relation == "~":
        raise refuse(f"~ looks inside text, and {name} is a number", allowed=(*_ORDER, "=", "!=", "in"))
    if kind is Kind.INSTANT:
        return replace(found, literals=tuple(_instant(each, refuse) for each in found.literals))
    return found


def _instant(literal: Literal, refuse: Callable[..., FilterError]) -> datetime:
    if isinstance(literal, datetime):
        return literal
    try:
        read = datetime.fromisoformat(str(literal))
    except ValueError:
        raise refuse(f"not a date: {literal!r}", allowed=("2026-11-24", '"2026-11-24 18:30"')) from None
    return read if read.tzinfo else read.replace(tzinfo=UTC)
