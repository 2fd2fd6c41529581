"""A dashboard: which panels a report or page of a study shows, in which order."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, model_validator

from se_bench.config.definition import Definition, Name, registered
from se_bench.config.study import Objective


class Panel(Definition):
    """One figure, or a piece of text."""

    figure: Annotated[str, registered("figure")] | None = None
    """A registered figure."""
    title: str = ""
    """The heading above it."""
    text: str = ""
    """A sentence or two below the heading."""
    x: tuple[Objective, ...] = ()
    """Pareto figure: the costs that can be chosen as its x axis."""

    @model_validator(mode="after")
    def _shows_something(self) -> Panel:
        if not self.figure and not self.text:
            raise ValueError("a panel needs a `figure` or a `text`")
        if self.x and self.figure != "pareto":
            raise ValueError("`x` belongs to `figure: pareto`")
        return self


class Dashboard(Definition):
    """The panels of a study's report."""

    name: Name
    """The file's name without `.yaml`."""
    about: str = ""
    """What the dashboard is for, in a sentence."""
    panels: Annotated[tuple[Panel, ...], Field(min_length=1)]
    """What is shown, from top to bottom."""

    @model_validator(mode="before")
    @classmethod
    def _panels_are_a_list(cls, data: Any) -> Any:
        if isinstance(data, dict) and isinstance(data.get("panels"), dict):
            raise ValueError("`panels` is a list; start each panel with a dash")
        return data
