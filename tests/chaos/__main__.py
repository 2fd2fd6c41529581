"""``python -m tests.chaos --kills 100``: see ``mayhem``."""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from se_bench.search.environment import describe
from tests.chaos.mayhem import wreak


def main() -> int:
    parser = argparse.ArgumentParser(description="Kill runs at random moments and compare their results.")
    parser.add_argument("--kills", type=int, default=100, metavar="N")
    parser.add_argument("--seed", type=int, default=random.randrange(10**6), metavar="N")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="sbc-", dir="/tmp") as folder:
        done = wreak(Path(folder), kills=asked.kills, seed=asked.seed)
    print(f"seed {asked.seed}: {done}")
    here = describe(slots=2, gpus_per_trial=0.0)
    figures = {
        "benchmark": "chaos", "seed": asked.seed, "kills": dict(done.kills), "runs": done.runs, "lost": done.lost,
        "doubled": done.doubled, "different": done.different, "hung": done.hung, "seconds": round(done.seconds),
        "machine": {
            "processor": here["processor"], "cores": here["cores"], "date": f"{datetime.now(UTC):%Y-%m-%d}",
            "ray": here["packages"]["ray"], "torch": here["packages"]["torch"],
        },
    }  # fmt: skip
    print(json.dumps(figures))
    return int(bool(done.lost or done.doubled or done.different or done.hung))


if __name__ == "__main__":
    sys.exit(main())
