"""Reading a filter's text: ``accuracy > 75% and r in (4, 8) and not gate = softmax``.

    filter     := either?
    either     := both ("or" both)*
    both       := condition ("and" condition)*
    condition  := "not" condition | "(" either ")" | NAME comparison
    comparison := ("=" | "!=" | "<" | "<=" | ">" | ">=" | "~") value
                | "not"? "in" "(" value ("," value)* ")" | "is" ("missing" | "known")
    value      := number with an optional k, M, G or %  |  a word  |  "text in quotes"

Nothing of it is ever run: the text becomes a tree of comparisons, and words become literals.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import NoReturn

from se_bench.config.filters import ALIASES, BARE, KEYWORDS, NUMBER, Comparison, Filter, Joined, Literal, Node, Not
from se_bench.errors import FilterError, nearest_name

LONGEST = 10_000
"""Characters."""
DEEPEST = 50
"""Brackets and ``not`` inside each other."""

_UNITS: dict[str, Fraction | int] = {"%": Fraction(1, 100), "k": 10**3, "m": 10**6, "g": 10**9}
_RELATIONS = ("=", "!=", "<", "<=", ">", ">=", "~")
_SAME = {"==": "=", "<>": "!=", "≠": "!=", "≤": "<=", "≥": ">="}
_TOKEN = re.compile(
    rf"""\s*(?:
        (?P<quoted> "(?:[^"\\]|\\.)*" | '(?:[^'\\]|\\.)*' )
      | (?P<sign> == | != | <> | <= | >= | [=<>~≠≤≥(),] )
      | (?P<bare> {BARE.pattern} )
      | (?P<wrong> \S )
    )""",
    re.VERBOSE | re.DOTALL,
)
_NAME = re.compile(r"[^\W\d][\w.]*")


@dataclass(frozen=True)
class _Token:
    """A piece of the text; at its end one of kind ``end``."""

    kind: str
    text: str
    at: int

    @property
    def word(self) -> str:
        """The keyword it is, in lower case, or its sign."""
        return self.text.lower() if self.kind == "bare" else self.text if self.kind == "sign" else ""


def parse(text: str) -> Filter:
    """The filter that ``text`` says; empty text lets everything through.

    Raises:
        FilterError: the text cannot be read; it says where, and what could stand there.
    """
    if len(text) > LONGEST:
        raise FilterError(f"a filter has at most {LONGEST:,} characters, not {len(text):,}", text="", position=1)
    return _Reader(text).filter()


class _Reader:
    """A place in a list of tokens, and the rules of the grammar, one a method."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = list(_tokens(text))
        self._place = 0
        self._depth = 0

    def filter(self) -> Filter:
        if self._here.kind == "end":
            return Filter()
        found = Filter(self._either())
        if self._here.kind != "end":
            self._refuse("this is too much here", allowed=("and", "or"))
        return found

    @property
    def _here(self) -> _Token:
        return self._tokens[self._place]

    def _take(self) -> _Token:
        token = self._here
        self._place += 1
        return token

    def _take_if(self, *words: str) -> bool:
        if self._here.word in words:
            self._place += 1
            return True
        return False

    def _expect(self, word: str) -> None:
        if not self._take_if(word):
            self._refuse(f"{word} is missing", allowed=(word,))

    def _either(self) -> Node:
        parts = [self._both()]
        while self._take_if("or"):
            parts.append(self._both())
        return _joined("or", parts)

    def _both(self) -> Node:
        parts = [self._condition()]
        while self._take_if("and"):
            parts.append(self._condition())
        return _joined("and", parts)

    def _condition(self) -> Node:
        self._depth += 1
        if self._depth > DEEPEST:
            self._refuse(f"more than {DEEPEST} brackets and `not` inside each other")
        found: Node
        if self._take_if("not"):
            found = Not(self._condition())
        elif self._take_if("("):
            found = self._either()
            self._expect(")")
        else:
            found = self._comparison()
        self._depth -= 1
        return found

    def _comparison(self) -> Node:
        name = self._here
        if name.kind != "bare" or name.word in KEYWORDS or not _NAME.fullmatch(name.text):
            self._refuse("a column's name is missing", allowed=("a column", "not", "("))
        self._place += 1
        column = ALIASES.get(name.text, name.text)
        if self._take_if("is"):
            if not self._take_if("missing", "known"):
                self._refuse("after `is`", allowed=("missing", "known"))
            found = Comparison(column, "missing", at=name.at)
            return found if self._tokens[self._place - 1].word == "missing" else Not(found)
        if self._here.word in ("in", "not"):
            outside = self._take_if("not")
            self._expect("in")
            among = Comparison(column, "in", self._values(), at=name.at)
            return Not(among) if outside else among
        relation = _SAME.get(self._here.word, self._here.word)
        if relation not in _RELATIONS:
            self._refuse(f"a comparison is missing after {name.text}", allowed=(*_RELATIONS, "in", "is"))
        self._place += 1
        return Comparison(column, relation, (self._value(as_text=relation == "~"),), at=name.at)

    def _values(self) -> tuple[Literal, ...]:
        self._expect("(")
        values = [self._value()]
        while self._take_if(","):
            values.append(self._value())
        self._expect(")")
        return tuple(values)

    def _value(self, *, as_text: bool = False) -> Literal:
        token = self._here
        if token.kind == "quoted":
            self._place += 1
            return re.sub(r"\\(.)", r"\1", token.text[1:-1], flags=re.DOTALL)
        if token.kind != "bare" or token.word in KEYWORDS:
            self._refuse("a value is missing", allowed=("a number", "a word", '"text"'))
        is_number = NUMBER.fullmatch(token.text) and not as_text
        value = _number(token.text) if is_number else token.text
        if value is None:
            self._refuse("this number is too large")
        self._place += 1
        return value

    def _refuse(self, message: str, allowed: tuple[str, ...] = ()) -> NoReturn:
        here = self._here
        if here.kind == "wrong":
            message = f"{here.text} means nothing here"
            if here.text in "\"'":
                message = "this quote is never closed"
        near = nearest_name(here.text, allowed) if here.kind == "bare" else None
        raise FilterError(message, text=self._text, position=here.at, allowed=allowed, nearest=near)


def _tokens(text: str) -> Iterator[_Token]:
    for match in _TOKEN.finditer(text):
        kind = str(match.lastgroup)
        yield _Token(kind, match[kind], match.start(kind) + 1)
    yield _Token("end", "", len(text) + 1)


def _joined(word: str, parts: list[Node]) -> Node:
    """One node for all, whatever brackets said."""
    flat: list[Node] = []
    for part in parts:
        flat += part.parts if isinstance(part, Joined) and part.word == word else [part]
    return flat[0] if len(flat) == 1 else Joined(word, tuple(flat))


def _number(text: str) -> int | float | None:
    """The number that ``text`` spells; None for one that is beyond what a column can hold."""
    unit = _UNITS.get(text[-1].lower(), 1)
    digits = text if unit == 1 else text[:-1]
    exact = Fraction(digits) * unit
    if abs(exact) >= 2**63:
        return None
    return int(exact) if exact.denominator == 1 and not re.search(r"[.e%]", text.lower()) else float(exact)
