"""What was measured before in the same circumstances: accuracies of any architecture, by seed."""

from __future__ import annotations

from collections import defaultdict

from sqlalchemy import Connection, select

from se_bench.records import Status, Trial
from se_bench.store.columns import plain
from se_bench.store.tables import TrialRow


def accuracies(connection: Connection, like: Trial) -> dict[str, dict[int, float]]:
    """Architecture -> seed -> accuracy of the completed trials that share data, recipe and numerics with ``like``."""
    query = select(TrialRow.architecture_id, TrialRow.seed, TrialRow.accuracy, TrialRow.recipe).where(
        TrialRow.status == Status.COMPLETED,
        TrialRow.dataset_fingerprint == like.dataset_fingerprint,
        TrialRow.numerics_version == like.numerics_version,
    )
    recipe = plain(like.recipe)
    found: defaultdict[str, dict[int, float]] = defaultdict(dict)
    for row in connection.execute(query):
        if row.recipe == recipe and row.accuracy is not None:
            found[row.architecture_id][row.seed] = row.accuracy
    return dict(found)
