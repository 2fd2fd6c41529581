"""A search space: which axes a study may vary, over which values, under which conditions."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from se_bench.config.axes import Axes, AxisValue
from se_bench.config.definition import Definition, Name, choice_error
from se_bench.config.document import Document
from se_bench.errors import ConfigError, nearest_name


class Axis(Definition):
    """One axis of a space: a list of values or a range of integers."""

    values: tuple[AxisValue, ...] | None = None
    """The values that the axis takes."""
    range: tuple[int, int] | None = None
    """Or the first and last integer that it takes."""
    when: dict[str, AxisValue | tuple[AxisValue, ...]] = {}
    """The axis matters only where these other axes have one of these values."""
    about: str = ""
    """What the axis changes, in a sentence."""

    @model_validator(mode="after")
    def _values_or_range(self) -> Axis:
        if (self.values is None) == (self.range is None):
            raise ValueError("an axis has either `values` or `range`")
        if self.range is not None and self.range[0] > self.range[1]:
            raise ValueError(f"the range ends before it starts: {self.range[0]} > {self.range[1]}")
        if self.values == ():
            raise ValueError("an axis needs at least one value")
        return self

    def admits(self, value: Any) -> bool:
        """Whether the axis takes ``value`` (``True`` is not 1)."""
        if self.range is not None:
            return isinstance(value, int) and not isinstance(value, bool) and self.range[0] <= value <= self.range[1]
        return any(value == own and type(value) is type(own) for own in self.values or ())

    def choices(self) -> tuple[str, ...]:
        """What the axis takes, as words for an error message or a listing."""
        if self.range is not None:
            return (f"integers from {self.range[0]} to {self.range[1]}",)
        return tuple(str(list(value)) if isinstance(value, tuple) else str(value) for value in self.values or ())


class Space(Definition):
    """Axes with conditions, and the candidate without a block that every study is measured against."""

    name: Name
    """The file's name without `.yaml`."""
    about: str = ""
    """What the space holds, in a sentence."""
    baseline: dict[str, AxisValue] = {"block": "none"}
    """The axes of the candidate without a block."""
    axes: Annotated[dict[str, Axis], Field(min_length=1)]
    """The axes that a study over this space may vary or fix."""

    @model_validator(mode="before")
    @classmethod
    def _known_axes(cls, data: Any) -> Any:
        if isinstance(data, dict) and isinstance(data.get("axes"), dict):
            for name in data["axes"]:
                if name not in Axes.model_fields:
                    raise choice_error("unknown_key", "no such axis", str(name), Axes.model_fields, key=f"axes.{name}")
        return data

    @model_validator(mode="after")
    def _buildable(self) -> Space:
        """What no candidate could have is refused here, with its line, and not when it is first asked for."""
        for name, value in self.baseline.items():
            _demand(name, value, f"baseline.{name}")
        for name, axis in self.axes.items():
            for value in axis.values or axis.range or ():
                _demand(name, value, f"axes.{name}.{'values' if axis.values else 'range'}")
            for other, wanted in axis.when.items():
                for value in wanted if isinstance(wanted, tuple) else (wanted,):
                    _demand(other, value, f"axes.{name}.when.{other}")
        return self

    @model_validator(mode="after")
    def _no_circle(self) -> Space:
        for name in self.axes:
            if name in self.conditions(name):
                raise PydanticCustomError(
                    "circle", "this condition depends on the axis itself", {"key": f"axes.{name}.when", "allowed": ()}
                )
        return self

    def check(self, name: str, value: Any) -> None:
        """Refuse an axis that the space does not have, or a value outside of it."""
        if name not in self.axes:
            raise ConfigError(
                f"space {self.name} has no axis {name!r}",
                allowed=tuple(self.axes),
                nearest=nearest_name(name, self.axes),
            )
        problem, spelled = _read(name, value)
        if not self.axes[name].admits(value) and not self.axes[name].admits(spelled):
            choices = self.axes[name].choices()
            raise ConfigError(
                f"{_written(value)} is outside the axis {name} of space {self.name}",
                allowed=choices,
                nearest=nearest_name(str(value), choices),
            )
        if problem:  # inside a range, but not what the axis takes
            raise problem

    def active(self, axes: Axes) -> dict[str, AxisValue]:
        """The axes that matter for this candidate: those whose conditions hold, on axes that matter themselves."""
        return {name: getattr(axes, name) for name in self.axes if self.matters(name, axes)}

    def conditions(self, name: str) -> set[str]:
        """The axes that decide, directly or through others, whether this one matters."""
        found: set[str] = set()
        new = {name}
        while new:
            new = {other for each in new if each in self.axes for other in self.axes[each].when} - found
            found |= new
        return found

    def matters(self, name: str, axes: Axes) -> bool:
        """Whether the conditions of an axis hold for this candidate, on axes that matter themselves."""
        conditions = self.axes[name].when.items() if name in self.axes else ()
        return all(_meets(getattr(axes, other), wanted) and self.matters(other, axes) for other, wanted in conditions)


def _read(name: str, value: Any) -> tuple[ConfigError | None, Any]:
    """What is wrong with a value of an axis, whatever the space; and the value in its plainest spelling."""
    try:
        return None, getattr(Document(file=Path(name), data={name: value}, lines={}).parse(Axes), name)
    except ConfigError as problem:
        return problem, value


def _demand(name: str, value: AxisValue, key: str) -> None:
    problem, _ = _read(name, value)
    if problem:
        context = {"allowed": problem.allowed, "nearest": problem.nearest, "key": key}
        raise PydanticCustomError("value_error", problem.message, context)


def _meets(value: AxisValue, wanted: AxisValue | tuple[AxisValue, ...]) -> bool:
    return value in wanted if isinstance(wanted, tuple) else value == wanted


def _written(value: Any) -> str:
    return str(list(value)) if isinstance(value, tuple) else repr(value)
