"""The dashboards' budgets at 1,000 to a million trials: `python benchmarks/dashboard.py`.

Synthetic results (`se-bench demo-data`) are read, filtered, sorted and exported as the pages do it, then the pages are
opened in headless Chromium. Databases are made in a temporary folder, or once and for all with `--folder`. A figure is
the median of five unless it says cold. What breaks its budget is bold. The last line is one JSON object.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from dashboard_browser import measure_pages
from dashboard_server import Measurement, database, measure

from se_bench.search.environment import describe

SIZES = (1_000, 10_000, 100_000, 1_000_000)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, metavar="N", help="numbers of trials")
    parser.add_argument("--folder", type=Path, help="where databases are kept for another time")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="se-bench-") as temporary:
        folder = options.folder or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        found = list(run(folder, options.sizes))
    print(table(found, options.sizes))
    print(json.dumps({"benchmark": "dashboard", "machine": machine(), "figures": [as_data(each) for each in found]}))


def run(folder: Path, sizes: Sequence[int]) -> Iterable[Measurement]:
    for trials in sizes:
        url, seconds = database(folder, trials)
        if seconds is not None:
            yield Measurement("database filled", trials, seconds, "s")
        yield from measure(url, trials)
        yield from measure_pages(url, trials)


def table(found: Sequence[Measurement], sizes: Sequence[int]) -> str:
    """Markdown: a row for each thing that is measured, a column for each size; what breaks its budget is bold."""
    names = list(
        dict.fromkeys((each.what.partition(", ")[0] if "export" in each.what else each.what) for each in found)
    )
    lines = ["| | " + " | ".join(f"{size:,}" for size in sizes) + " |", "|---|" + "--:|" * len(sizes)]
    for name in names:
        cells = []
        for size in sizes:
            each = next((one for one in found if one.what == name and one.trials == size), None)
            cells.append("" if each is None else cell(each))
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def cell(each: Measurement) -> str:
    value = f"{each.value:,.3g}" if each.value < 1_000 else f"{each.value:,.0f}"
    shown = f"{value} {each.unit}"
    if each.budget is not None:
        shown += f" (≤ {each.budget:,g})"
    return f"**{shown}**" if each.kept is False else shown


def as_data(each: Measurement) -> dict[str, object]:
    return {
        "what": each.what, "trials": each.trials, "value": round(each.value, 4), "unit": each.unit,
        "budget": each.budget, "kept": each.kept,
    }  # fmt: skip


def machine() -> dict[str, object]:
    here = describe(slots=1, gpus_per_trial=0.0)
    return {
        "processor": here["processor"],
        "cores": here["cores"],
        "python": here["python"],
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
    }


if __name__ == "__main__":
    main()
