"""The whole error vocabulary: what went wrong on the user's side, and what is a fault of ours.

A :class:`UserError` is printed as one message without a traceback and ends the command with exit code 2.
Everything else that derives from :class:`SeBenchError` is a bug or an outcome and keeps its traceback.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path


class SeBenchError(Exception):
    """Base of every exception that this package raises on purpose."""


@dataclass
class UserError(SeBenchError):
    """Something the user can mend: what is wrong, where, what is allowed, what to do next."""

    message: str
    """The rule that was broken and the value that broke it, in one sentence."""
    file: Path | str | None = None
    """The file that holds the value, where there is one."""
    line: int | None = None
    """Its line, counted from 1."""
    key: str | None = None
    """The dotted key, such as ``plan.vary.reduction``."""
    allowed: tuple[str, ...] = ()
    """What could stand there instead."""
    nearest: str | None = None
    """The allowed spelling nearest to what was written."""
    hint: str | None = None
    """The next step, as a command or a sentence."""

    def __str__(self) -> str:
        place = ":".join(str(part) for part in (self.file, self.line) if part is not None)
        head = ": ".join(part for part in (place, self.key, self.message) if part)
        lines = [head]
        if self.nearest:
            lines.append(f"  did you mean: {self.nearest}")
        if self.allowed:
            lines.append(f"  allowed: {', '.join(self.allowed)}")
        if self.hint:
            lines.append(f"  next: {self.hint}")
        return "\n".join(lines)


class ConfigError(UserError):
    """A study, space, setting or dashboard definition, or a command-line value, that cannot be meant."""


class UnknownNameError(ConfigError):
    """A name that is in no registry or folder."""


class OptionError(ConfigError):
    """An option that a block, backbone or dataset does not have, or a value it does not take."""


@dataclass
class FilterError(ConfigError):
    """A filter that cannot be read, or that makes no sense for the columns there are."""

    text: str = ""
    """The filter."""
    position: int = 1
    """The character of it at which it goes wrong, counted from 1."""

    def __str__(self) -> str:
        head, *rest = super().__str__().split("\n")
        start = max(0, self.position - 60)
        around = "".join(" " if letter.isspace() else letter for letter in self.text[start : self.position + 60])
        shown = [f"    {around}", "    " + " " * (self.position - 1 - start) + "^"] if self.text else []
        return "\n".join([f"{head} (character {self.position})", *shown, *rest])


class DataError(UserError):
    """A dataset whose files are missing or not what they should be."""


class StoreError(UserError):
    """A database that cannot be opened, written, or understood."""


class NoResultsError(StoreError):
    """A database that is not there yet, or that holds nothing of ours."""


class EngineError(UserError):
    """What runs the trials has gone: Ray's own processes were killed, or its cluster cannot be reached."""


class TrialDivergedError(SeBenchError):
    """Training produced a number that is not finite. An outcome of the trial, not a bug."""


class UncountedOperatorError(SeBenchError):
    """The cost counter met an operator that it has no rule for; a silent zero would be a wrong number."""


def nearest_name(name: str, choices: Iterable[str]) -> str | None:
    """The choice spelled most like ``name``, or None where none is close."""
    matches = difflib.get_close_matches(str(name), [str(choice) for choice in choices], n=5, cutoff=0.6)
    # Of equally good matches, the one that goes wrong latest: people mistype ends more often than beginnings.
    return max(matches, key=lambda match: (_ratio(name, match), _shared_beginning(name, match)), default=None)


def _shared_beginning(one: str, other: str) -> int:
    return next((place for place, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), len(one))


def _ratio(one: str, other: str) -> float:
    return difflib.SequenceMatcher(None, other, one).ratio()


def unknown_name(kind: str, name: object, choices: Iterable[str]) -> UnknownNameError:
    """The error for a name that is not among ``choices``: it lists them and points at the nearest."""
    names = tuple(sorted(str(choice) for choice in choices))
    return UnknownNameError(f"no {kind} {name!r}", allowed=names, nearest=nearest_name(str(name), names))
