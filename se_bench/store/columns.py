"""Column types that give back, on SQLite and PostgreSQL alike, exactly the value that was put in."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, DateTime, Dialect, Double, String
from sqlalchemy.types import TypeDecorator

from se_bench.records import JsonDict, Status


class Instant(TypeDecorator[datetime]):
    """A timezone-aware instant, kept as UTC to the microsecond; SQLite's has no zone, so it is given here."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """The instant in UTC; ``ValueError`` for one without a timezone, which could mean any."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"an instant without a timezone: {value!r}")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """The instant, aware, in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Measured(TypeDecorator[float]):
    """A number that may have diverged: NaN is kept as NULL, as SQLite would, and infinities as they are."""

    impl = Double
    cache_ok = True

    def process_bind_param(self, value: float | None, dialect: Dialect) -> float | None:
        """NULL for NaN."""
        return None if value is None or math.isnan(value) else float(value)

    def process_result_value(self, value: float | None, dialect: Dialect) -> float:
        """NaN for NULL."""
        return math.nan if value is None else value


class MeasuredOrNone(Measured):
    """The same for what need not have been measured: None for NULL, so a NaN comes back as None."""

    cache_ok = True

    def process_result_value(self, value: float | None, dialect: Dialect) -> float | None:  # type: ignore[override]
        """The number, or None."""
        return value


class MeasuredList(TypeDecorator[tuple[float, ...]]):
    """Several such numbers as a JSON list; JSON has no NaN or infinity, so these stand as strings."""

    impl = JSON
    cache_ok = True

    def process_bind_param(self, value: tuple[float, ...] | None, dialect: Dialect) -> list[float | str]:
        """Numbers, and ``"nan"``, ``"inf"``, ``"-inf"``."""
        return [float(each) if math.isfinite(each) else str(float(each)) for each in value or ()]

    def process_result_value(self, value: list[float | str] | None, dialect: Dialect) -> tuple[float, ...]:
        """The numbers again."""
        return tuple(float(each) for each in value or ())


class Document(TypeDecorator[JsonDict]):
    """Any mapping of JSON values. Tuples come back as lists; NaN and infinities raise ``ValueError``."""

    impl = JSON
    cache_ok = True

    def process_bind_param(self, value: JsonDict | None, dialect: Dialect) -> Any:
        """Plain dicts and lists."""
        return plain(value)


class Progress(TypeDecorator[Status]):
    """A status by its value: psycopg would write an enum's name, SQLite its value."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: Status | None, dialect: Dialect) -> str | None:
        """The word."""
        return None if value is None else Status(value).value

    def process_result_value(self, value: str | None, dialect: Dialect) -> Status | None:
        """The member; None where an outer join found no trial."""
        return None if value is None else Status(value)


def plain(value: Any) -> Any:
    """``value`` with every mapping a dict and every tuple a list, as JSON has them."""
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return value


def comparable(value: float | None) -> float | None:
    """None for NaN, which is equal to nothing and which SQLite keeps as NULL; any other number as it is."""
    return None if value is None or math.isnan(value) else value
