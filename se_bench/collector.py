"""Python's collector of reference cycles, made rare.

The libraries make a million objects while they are imported, and these stay: looking through them again and again is a
sixth of the time that importing torch and Ray Tune takes.
"""

from __future__ import annotations

import gc


def run_seldom() -> None:
    """Collect after 100,000 new objects instead of 700. Cycles are few here; what has none goes at once, as always."""
    gc.set_threshold(100_000, 50, 100)
