"""Leases on trials in progress, and what a validation split measured."""

import sqlalchemy as sa
from alembic import op

from se_bench.errors import SeBenchError

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Only adds columns: nothing measured so far has a validation split, and nothing is leased."""
    trials, epochs = "se_bench_trials", "se_bench_epochs"
    op.add_column(trials, sa.Column("validation_accuracy", sa.Double))
    op.add_column(trials, sa.Column("lease_token", sa.BigInteger, nullable=False, server_default=sa.text("0")))
    op.add_column(trials, sa.Column("lease_holder", sa.Text))
    op.add_column(trials, sa.Column("lease_until", sa.DateTime(timezone=True)))
    op.create_index("ix_se_bench_trials_lease_holder", trials, ["lease_holder"])
    op.add_column(epochs, sa.Column("validation_loss", sa.Double))
    op.add_column(epochs, sa.Column("validation_accuracy", sa.Double))


def downgrade() -> None:
    """Refused: results are kept for ever."""
    raise SeBenchError("going back from schema 0002 would drop what validation splits measured")
