"""Run by Alembic for each command. It uses the caller's connection and leaves logging as it is.

The caller hands over the connection, so there is no ``alembic.ini`` with an address in it. The next migration
is drafted with ``alembic.command.revision(migrations._config(connection), "...", autogenerate=True,
rev_id="0002")`` on a database of the present schema.
"""

from alembic import context

from se_bench.store.migrations import VERSION_TABLE
from se_bench.store.tables import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    version_table=VERSION_TABLE,
    transactional_ddl=True,  # also on SQLite: database.py begins its transactions in earnest
    render_as_batch=True,  # SQLite alters a table by copying it
    include_name=lambda name, kind, _parents: kind != "table" or name in Base.metadata.tables,
)
with context.begin_transaction():
    context.run_migrations()
