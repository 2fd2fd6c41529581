"""What a database gives and takes beside a run: published tables beside its results, results from elsewhere.

With ``run``, the only module that holds a database in one hand and planning in the other.
"""

from __future__ import annotations

from se_bench.analysis.published import printed_rows
from se_bench.analysis.reproduce import Reproduction, compare
from se_bench.config.published import load_table
from se_bench.errors import NoResultsError
from se_bench.search.published import as_printed, designs
from se_bench.store import designs as known


def reproduce(table: str, database: str) -> tuple[Reproduction, bool]:
    """A published table beside our counts and the database's results; and whether there is such a database.

    Raises :class:`ConfigError` for a table that is not there, :class:`StoreError` for a database that cannot be used.
    """
    asked, document = load_table(table)
    rows = printed_rows(asked)
    own = [as_printed(asked, each, document) for each in rows]
    try:
        found = designs(asked, rows, known.nets(database))
    except NoResultsError:
        return compare(asked, rows, own, [], []), False
    trials = known.completed(database, {each.architecture_id for each in found})
    return compare(asked, rows, own, found, trials), True
