"""A published table as data: which of our candidates each of its rows is, and how the paper trained and counted.

The figures themselves are rows of ``published/published.csv``; the files beside it say what they are about.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from se_bench.config import document, locate
from se_bench.config.axes import Axes, AxisValue
from se_bench.config.definition import Definition
from se_bench.config.document import Document
from se_bench.config.setting import BackboneChoice, DatasetChoice, Recipe

FIGURES = "published.csv"
"""The file of all figures, beside the tables' files."""

Countable = Literal["params", "buffers", "macs", "elementwise", "additions", "scalings"]


class Counting(Definition):
    """How the paper counts one of its columns, in terms of what we count."""

    of: Annotated[tuple[Countable, ...], Field(min_length=1)]
    """What is added up: columns of `se-bench cost`, and the elements of residual additions and of scalings."""
    unit: Annotated[int, Field(ge=1)]
    """How many make one of the printed figures: 1000000, or 1048576 for 2^20."""
    within: Annotated[float, Field(gt=0)]
    """Printed figures this close to ours, in the printed unit, are the same."""
    says: str
    """The convention in words, and whether the paper states it or it is inferred."""


class PublishedNet(Definition):
    """A backbone of the table, as ours."""

    ours: BackboneChoice | None = None
    """The registered backbone with its options; none where we have no such net."""
    input: Annotated[int, Field(ge=1)] | None = None
    """Height and width of its images, where not the table's."""
    note: str = ""
    """What a reader must know of its figures."""
    counting: dict[str, Counting] = {}
    """Columns that are counted otherwise for this net."""
    incomparable: dict[str, str] = {}
    """Labels of rows whose accuracy, for this net, is set beside nothing of ours, and why."""


class PublishedRow(Definition):
    """A row of the table within a backbone."""

    printed: Annotated[tuple[str, ...], Field(min_length=1)]
    """What stands in the key column of `published.csv`."""
    label: str
    """What we call it."""
    axes: dict[str, AxisValue] | None = None
    """The candidate: axes off their defaults; none where we have no such block."""
    reference: bool = False
    """Whether the others are compared with this row."""
    incomparable: str = ""
    """Why its accuracy is set beside nothing of ours."""
    differs: str = ""
    """What of its training a recipe cannot say."""

    @model_validator(mode="after")
    def _axes_of_a_candidate(self) -> PublishedRow:
        if self.axes is not None:
            Axes.read(self.axes)
        return self


class Spread(Definition):
    """How far two trainings of one net lie apart by chance."""

    points: Annotated[float, Field(gt=0)]
    """Standard deviation of top-1 accuracy over seeds, in points."""
    source: str
    """Who measured it, or that it is assumed."""


class PublishedSetting(Definition):
    """Where the paper measured."""

    name: str
    """The dataset in the paper's words."""
    ours: DatasetChoice | None = None
    """The same data as one of our datasets, where it is one."""
    input: Annotated[int, Field(ge=1)]
    """Height and width of an image."""
    classes: Annotated[int, Field(ge=1)]
    """Number of classes."""
    recipe: Recipe | None = None
    """How the nets were trained, where a recipe can say it."""
    trained: str
    """How the nets were trained, in words."""
    reported: str
    """Which accuracy is printed: of which crop, of how many trainings."""
    spread: Spread
    """Of one printed figure; a printed change within chance points nowhere."""


class PublishedTable(Definition):
    """One table of a paper."""

    name: str
    """The file's name without `.yaml`."""
    title: str
    """What the table shows, in a sentence."""
    paper: str
    """The paper, as `published.csv` calls it."""
    table: str
    """The table, as `published.csv` calls it."""
    source: str
    """Where it can be read."""
    setting: PublishedSetting
    """Where the paper measured."""
    key: Literal["variant", "axis_value"]
    """The column of `published.csv` that tells a backbone's rows apart."""
    compares: Literal["blocks", "backbones"] = "blocks"
    """`blocks`: each row with the reference of its own backbone, a design that can be tried in any net;
    `backbones`: each with the reference of the first backbone."""
    counting: dict[str, Counting] = {}
    """How each column of costs is counted."""
    held: dict[str, Annotated[tuple[AxisValue, ...], Field(min_length=1)]] = {}
    """Axes that the table holds at one value, and other values at which a design asks the same question: the first of
    them that a setting has stands in for the paper's where that is missing, and is told as a difference."""
    backbones: Annotated[dict[str, PublishedNet], Field(min_length=1)]
    """Each backbone by its printed name."""
    rows: Annotated[tuple[PublishedRow, ...], Field(min_length=1)]
    """The rows within a backbone."""
    notes: tuple[str, ...] = ()
    """What a reader must know of the table."""

    @model_validator(mode="before")
    @classmethod
    def _one_reference(cls, data: Any) -> Any:
        rows = data.get("rows") if isinstance(data, dict) else None
        if isinstance(rows, tuple) and sum(bool(row.get("reference")) for row in rows if isinstance(row, dict)) != 1:
            raise ValueError("exactly one of `rows` has `reference: true`")
        return data


def load_table(name: str) -> tuple[PublishedTable, Document]:
    """A published table by name, with the document for messages about it.

    Raises :class:`ConfigError` naming the tables that there are, with the nearest spelling.
    """
    read = document.read(locate.find("published", name).file)
    return read.parse(PublishedTable), read


def names() -> tuple[str, ...]:
    """Every published table that can be compared; numbers in names are sorted as numbers."""
    parts = re.compile(r"(\d+)")
    return tuple(sorted(locate.available("published"), key=lambda name: [part.zfill(9) for part in parts.split(name)]))
