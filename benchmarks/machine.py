"""Where a benchmark's figures are from, for the JSON object that it prints last."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from se_bench.search.environment import describe


def machine(*packages: str) -> dict[str, Any]:
    """The processor, its cores, the versions of ``packages``, and today's date."""
    here = describe(slots=1, gpus_per_trial=0.0)
    versions = {name: here["packages"][name] for name in packages}
    return {"processor": here["processor"], "cores": here["cores"], **versions, "date": f"{datetime.now(UTC):%Y-%m-%d}"}
