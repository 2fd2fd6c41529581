"""Trials run as in a worker; the small study is that of the engine's tests."""

from tests.search.conftest import small_plan
from tests.training.conftest import deterministic

__all__ = ["deterministic", "small_plan"]
