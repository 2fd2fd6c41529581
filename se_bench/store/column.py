"""One column of a table in memory: what it holds, and what can be asked of it without a loop over rows."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from se_bench.config.axes import show
from se_bench.config.filters import Comparison, Kind, lowered

Mask = NDArray[np.bool_]
Places: TypeAlias = NDArray[np.signedinteger[Any]]


@dataclass(frozen=True, eq=False, slots=True)
class Column:
    """Values of one kind, one a row.

    Numbers are float64 with NaN where missing, or int64 where none can be; instants are datetime64[us] with NaT;
    texts are UTF-8 bytes of fixed width; categories are int32 places in ``categories``, -1 where missing.
    """

    name: str
    kind: Kind
    values: NDArray[Any]
    categories: tuple[Any, ...] = ()
    """Every value that occurs, in the order in which a table sorts them."""

    def __len__(self) -> int:
        return len(self.values)

    def spread(self, places: Places) -> Column:
        """The column of the rows at ``places``."""
        return Column(self.name, self.kind, self.values[places], self.categories)

    def replaced(self, places: Places, newer: Column) -> Column:
        """This column with the values of ``newer`` at ``places``."""
        values, others, ordered = self.values.copy(), newer.values, self.categories
        if newer.categories != ordered:
            ordered = _together([self, newer])
            place = {_key(each): place for place, each in enumerate(ordered)}
            values = _moved(self.categories, place)[values]
            others = _moved(newer.categories, place)[others]
        values[places] = others
        return Column(self.name, self.kind, values, ordered)

    def plain(self, places: Places | slice = slice(None)) -> list[Any]:
        """Values that JSON has: None where missing or not finite, instants in ISO 8601, lists as ``1+2``."""
        values = self.values[places]
        if self.kind is Kind.CATEGORY:
            if len(values) < len(self.categories):  # a page of a table, of a column with as many words as candidates
                return [None if code < 0 else _shown(self.categories[code]) for code in values.tolist()]
            shown = [*map(_shown, self.categories), None]
            return [shown[code] for code in values.tolist()]
        if self.kind is Kind.TEXT:
            return [each.decode() for each in values.tolist()]
        if self.kind is Kind.INSTANT:
            return [None if each is None else each.replace(tzinfo=UTC).isoformat() for each in values.tolist()]
        return [None if isinstance(each, float) and not math.isfinite(each) else each for each in values.tolist()]

    def mask(self, comparison: Comparison) -> Mask:
        """Which rows meet the comparison: what :meth:`Comparison.holds` says of each."""
        if self.kind is Kind.CATEGORY:
            met = [comparison.holds(each) for each in (*self.categories, None)]
            found: Mask = np.array(met, dtype=bool)[self.values]
            return found
        missing = self.missing()
        if comparison.relation == "missing":
            return missing
        if self.kind is Kind.TEXT:
            return _text_mask(self.values, comparison)
        literals = [_sent(each) for each in comparison.literals]
        return _compared(self.values, comparison.relation, literals) & ~missing

    def missing(self) -> Mask:
        """Which rows have no value."""
        found: Mask = np.zeros(len(self.values), dtype=bool)
        if self.kind is Kind.CATEGORY:
            found = self.values < 0
        elif self.kind is Kind.INSTANT:
            found = np.isnat(self.values)
        elif self.values.dtype.kind == "f":
            found = np.isnan(self.values)
        return found

    def keys(self, *, descending: bool) -> NDArray[Any]:
        """What sorts the rows in ascending order of these keys: missing values come last either way."""
        if self.kind is Kind.TEXT:
            _, ranks = np.unique(self.values, return_inverse=True)
            return -ranks if descending else ranks
        if self.kind is Kind.CATEGORY:
            last = np.iinfo(self.values.dtype).max
            return np.where(self.values < 0, last, -self.values if descending else self.values)
        if self.kind is Kind.INSTANT:
            moments = self.values.view(np.int64)
            last = np.iinfo(np.int64).max
            return np.where(np.isnat(self.values), last, -moments if descending else moments)
        return -self.values if descending else self.values  # NaN is last in NumPy's order


def numbers(name: str, values: Iterable[float | None], kind: Kind = Kind.NUMBER) -> Column:
    """A column of measured numbers; None is missing."""
    return Column(name, kind, np.array(tuple(values), dtype=np.float64))


def integers(name: str, values: Iterable[int]) -> Column:
    """A column of whole numbers, none of them missing."""
    return Column(name, Kind.NUMBER, np.array(tuple(values), dtype=np.int64))


def texts(name: str, values: Sequence[str]) -> Column:
    """A column of texts that hardly ever come twice."""
    joined = "".join(values).encode()
    widths = set(map(len, values))
    if len(widths) == 1 and len(joined) == len(values) * max(widths):  # as ids are: no copy of each
        return Column(name, Kind.TEXT, np.frombuffer(joined, f"S{max(widths)}"))
    return Column(name, Kind.TEXT, np.array([each.encode() for each in values], dtype=np.bytes_))


def instants(name: str, values: NDArray[Any]) -> Column:
    """A column of instants, from datetime64[us] in UTC."""
    return Column(name, Kind.INSTANT, values)


def categories(name: str, values: Sequence[Any], order: Sequence[Any] | None = None) -> Column:
    """A column of values that come again and again: words, numbers, truth values, lists; None is missing.

    Without an ``order`` of all categories, numbers stand before words, each in their own order.
    """
    types = set(map(type, values))
    if types & {list, dict}:
        values = [_frozen(each) for each in values]
    keys: Sequence[Any] = values
    told_apart = len(types & {bool, int, float}) > 1
    if told_apart:
        keys = [None if each is None else _key(each) for each in values]
    distinct = dict(zip(keys, values, strict=True))
    distinct.pop(None, None)
    ordered = tuple(sorted(distinct.values(), key=_rank) if order is None else order)
    place: dict[Any, int] = {_key(each) if told_apart else each: place for place, each in enumerate(ordered)}
    place[None] = -1
    codes = np.array([place[key] for key in keys], dtype=np.int32)
    return Column(name, Kind.CATEGORY, codes, ordered)


def joined(parts: Sequence[Column]) -> Column:
    """One column of the rows of all parts, which are of one kind."""
    first = parts[0]
    if first.kind is not Kind.CATEGORY or len({part.categories for part in parts}) == 1:
        return Column(first.name, first.kind, np.concatenate([part.values for part in parts]), first.categories)
    ordered = _together(parts)
    place = {_key(each): place for place, each in enumerate(ordered)}
    values = np.concatenate([_moved(part.categories, place)[part.values] for part in parts])
    return Column(first.name, first.kind, values, ordered)


def _shown(value: Any) -> Any:
    return show(value) if isinstance(value, tuple) else value


def _frozen(value: Any) -> Any:
    """A JSON value that can be a key; what no axis holds is told by its text."""
    if isinstance(value, list | tuple):
        return tuple(_frozen(each) for each in value)
    return str(value) if isinstance(value, Mapping) else value


def _key(value: Any) -> tuple[type, Any]:
    """What tells one category from another: True and 1 are equal, but not the same."""
    return type(value), value


def _moved(categories: Sequence[Any], place: Mapping[tuple[type, Any], int]) -> NDArray[np.int32]:
    """Place among ``categories`` -> new place; -1 stays."""
    return np.array([*(place[_key(each)] for each in categories), -1], dtype=np.int32)


def _together(parts: Iterable[Column]) -> tuple[Any, ...]:
    """The categories of all parts, sorted."""
    return tuple(sorted({_key(each): each for part in parts for each in part.categories}.values(), key=_rank))


def _rank(value: Any) -> tuple[int, Any, str]:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return (0, value, "")
    return (1, 0, show(value))


def _sent(literal: Any) -> Any:
    if isinstance(literal, datetime):
        return np.datetime64(literal.astimezone(UTC).replace(tzinfo=None), "us")
    return literal


def _compared(values: NDArray[Any], relation: str, literals: Sequence[Any]) -> Mask:
    first = literals[0]
    found: Mask
    match relation:
        case "<":
            found = values < first
        case "<=":
            found = values <= first
        case ">":
            found = values > first
        case ">=":
            found = values >= first
        case "!=":
            found = values != first
        case _:
            found = np.logical_or.reduce([values == each for each in literals])
    return found


def _text_mask(values: NDArray[np.bytes_], comparison: Comparison) -> Mask:
    # NumPy pads with zero bytes, so a text that ends in one would be taken for another.
    literals = [str(each).encode() for each in comparison.literals if "\0" not in str(each)]
    if comparison.relation == "~":
        wanted = lowered(str(comparison.literals[0])).encode()
        contained: Mask = np.strings.find(np.strings.lower(values), wanted) >= 0
        return contained
    among: Mask = np.isin(values, literals)
    return ~among if comparison.relation == "!=" else among
