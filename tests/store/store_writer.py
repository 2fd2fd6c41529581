"""A driver in a process of its own: ``store_writer.py URL NAME TRIALS EPOCHS``.

It says ``ready``, waits for a line, opens the database, and says ``TRIAL EPOCH`` when the store has
acknowledged one.
"""

from __future__ import annotations

import sys

from store_examples import candidate, ended, epoch, run, started, trial

from se_bench.store.repository import Store


def main(url: str, name: str, trials: int, epochs: int) -> None:
    print("ready", flush=True)
    sys.stdin.readline()
    with Store.open(url, create=True) as store:
        own = [trial(0, seed, trial_id=f"{name}-{seed}") for seed in range(trials)]
        store.register(name, "?", {}, [candidate(0)], [trial(0, trial_id="shared"), *own])
        store.begin(run(f"run-{name}"))
        for each in own:
            store.keep(started(each, f"run-{name}"))
            for number in range(1, epochs + 1):
                assert store.keep(epoch(each, number))
                print(each.trial_id, number, flush=True)
            assert store.keep(ended(each))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
