"""A YAML file as plain data that still knows on which line each key stands."""

from __future__ import annotations

import copy
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import ValidationError

from se_bench.config.definition import Definition
from se_bench.errors import ConfigError, UserError, nearest_name

D = TypeVar("D", bound=Definition)
KeyPath = tuple[str | int, ...]


class _Loader(yaml.SafeLoader):
    """PyYAML's safe loader, to which ``5e-4`` is a number too, as in YAML 1.2: YAML 1.1 wants ``5.0e-4``."""


_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float", re.compile(r"[-+]?[0-9][0-9_]*(?:\.[0-9_]*)?[eE][-+]?[0-9]+\Z"), list("-+0123456789")
)


@dataclass
class Document:
    """Plain data, the line of every key, and the keys that the command line has overridden."""

    file: Path
    data: dict[str, Any]
    lines: dict[KeyPath, int]
    overridden: dict[KeyPath, str] = field(default_factory=dict)

    def override(self, path: KeyPath, value: Any, origin: str) -> None:
        """Put ``value`` at ``path``; errors there will name ``origin`` instead of a line."""
        self.data = copy.deepcopy(self.data)
        here = self.data
        for key in path[:-1]:
            below = here.setdefault(str(key), {})
            if not isinstance(below, dict):
                raise ConfigError(f"{dotted(path[:-1])} is not a mapping", key=origin)
            here = below
        here[str(path[-1])] = value
        self.overridden[path] = origin

    def error(self, path: KeyPath, message: str, **details: Any) -> ConfigError:
        """The error about the key at ``path``: its file and line, or the option that set it."""
        for length in range(len(path), 0, -1):
            if path[:length] in self.overridden:
                return ConfigError(f"{message} (from {self.overridden[path[:length]]})", key=dotted(path), **details)
        inside = [origin for other, origin in self.overridden.items() if other[: len(path)] == path]
        if inside:
            message = f"{message} (with {', '.join(inside)})"
        return ConfigError(message, file=self.file, line=self.line(path), key=dotted(path) or None, **details)

    def at(self, path: KeyPath, problem: UserError) -> ConfigError:
        """The same problem, with the place where it stands."""
        return self.error(path, problem.message, allowed=problem.allowed, nearest=problem.nearest, hint=problem.hint)

    def line(self, path: KeyPath) -> int | None:
        """The line of ``path``, or of the nearest key around it."""
        for length in range(len(path), -1, -1):
            if path[:length] in self.lines:
                return self.lines[path[:length]]
        return None

    def parse(self, model: type[D]) -> D:
        """Validate the data; the first thing that is wrong becomes a :class:`ConfigError`."""
        try:
            return model.read(self.data)
        except ValidationError as problems:
            raise self._explain(problems) from None

    def _explain(self, problems: ValidationError) -> ConfigError:
        # A union reports one error a member; the deepest location is the one that was meant.
        problem = max(problems.errors(include_url=False), key=lambda error: len(_clean(self.data, error["loc"])))
        context = problem.get("ctx", {})
        path = _clean(self.data, problem["loc"])
        if "key" in context:
            path = (*path, *str(context["key"]).split("."))
        allowed = tuple(context.get("allowed", ()))
        message = problem["msg"].removeprefix("Value error, ")
        if problem["type"] == "missing":
            message = "this key is missing"
        if problem["type"] == "literal_error":
            allowed = tuple(str(context["expected"]).replace("'", "").replace(" or ", ", ").split(", "))
            message = f"{_written(problem['input'])} is not one of them"
        elif "allowed" not in context and problem["type"] not in ("missing", "value_error"):  # pydantic's own words
            message = f"{message[0].lower()}{message[1:]}, not {_written(problem['input'])}"
            message = message.replace("valid tuple", "list").replace("valid dictionary", "mapping")
        nearest = context.get("nearest")
        if not nearest and allowed:
            nearest = nearest_name(str(problem["input"]), allowed)
        return self.error(path, message, allowed=allowed, nearest=nearest, hint=context.get("hint"))


def read(file: Path) -> Document:
    """Read one YAML mapping; a malformed file, or a key written twice, is a :class:`ConfigError`."""
    try:
        text = file.read_text(encoding="utf-8")
    except UnicodeDecodeError as problem:
        raise ConfigError(f"not a text file: {problem.reason} at byte {problem.start}", file=file) from None
    except OSError as problem:
        raise ConfigError(f"cannot be read: {problem.strerror}", file=file) from None
    try:
        root = yaml.compose(text, Loader=_Loader)
        lines: dict[KeyPath, int] = {}
        data = _plain(root, (), lines, file) if root is not None else None
    except yaml.MarkedYAMLError as problem:
        mark = problem.problem_mark or problem.context_mark
        raise ConfigError(
            f"not valid YAML: {problem.problem or problem.context}",
            file=file,
            line=mark.line + 1 if mark else None,
            hint="mind the indentation and the space after each colon",
        ) from None
    except yaml.YAMLError as problem:
        raise ConfigError(f"not valid YAML: {problem}", file=file) from None
    if not isinstance(data, dict):
        raise ConfigError("a definition is a mapping of keys to values", file=file, line=1)
    return Document(file, data, lines)


def scalar(text: str) -> Any:
    """The value of a command-line argument, read as YAML reads it (``8``, ``true``, ``[1, 2]``)."""
    try:
        value = yaml.load(text, Loader=_Loader)
    except yaml.YAMLError:
        return text
    return value if isinstance(value, bool | int | float | str | list | dict) or value is None else text


def dotted(path: KeyPath) -> str:
    """``("claims", 0, "margin")`` as ``claims.0.margin``."""
    return ".".join(str(key) for key in path)


def _plain(node: yaml.Node, path: KeyPath, lines: dict[KeyPath, int], file: Path) -> Any:
    lines.setdefault(path, node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode):
        found: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = str(key_node.value)
            here = (*path, key)
            if key in found:
                raise ConfigError(
                    f"this key stands twice, first in line {lines[here]}",
                    file=file,
                    line=key_node.start_mark.line + 1,
                    key=dotted(here),
                )
            lines[here] = key_node.start_mark.line + 1
            found[key] = _plain(value_node, here, lines, file)
        return found
    if isinstance(node, yaml.SequenceNode):
        return [_plain(item, (*path, index), lines, file) for index, item in enumerate(node.value)]
    value = _Loader("").construct_object(node)
    return value if isinstance(value, bool | int | float | str) or value is None else str(node.value)


def _written(value: Any) -> str:
    return str(list(value)) if isinstance(value, tuple) else repr(value)


def _clean(data: Any, loc: tuple[str | int, ...]) -> KeyPath:
    """A pydantic location without the names of union members, which are no keys of the file."""
    path: list[str | int] = []
    here = data
    for key in loc:
        if isinstance(here, dict):
            if key in here:
                here = here[key]
            elif (path != list(loc[:-1]) and key != loc[-1]) or not isinstance(key, str) or not key.isidentifier():
                continue
            else:
                here = None
        elif isinstance(here, list) and isinstance(key, int) and key < len(here):
            here = here[key]
        else:
            continue
        path.append(key)
    return tuple(path)
