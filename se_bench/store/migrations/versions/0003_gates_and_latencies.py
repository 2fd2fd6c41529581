"""What is measured apart from training: gates of trained nets, and times of passes."""

import sqlalchemy as sa
from alembic import op

from se_bench.errors import SeBenchError

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Two new tables; nothing that was there changes."""
    op.create_table(
        "se_bench_gates",
        sa.Column("trial_id", sa.Text, nullable=False),
        sa.Column("run_id", sa.Text, nullable=False),
        sa.Column("reading", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("trial_id", name="pk_se_bench_gates"),
        _reference("gates", "trial_id", "trials"),
        _reference("gates", "run_id", "runs"),
    )
    op.create_table(
        "se_bench_latencies",
        sa.Column("run_id", sa.Text, nullable=False),
        sa.Column("reading", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("run_id", name="pk_se_bench_latencies"),
        _reference("latencies", "run_id", "runs"),
    )


def downgrade() -> None:
    """Refused: results are kept for ever."""
    raise SeBenchError("going back from schema 0003 would drop what was measured of gates and latencies")


def _reference(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    name = f"fk_se_bench_{table}_{column}_se_bench_{target}"
    return sa.ForeignKeyConstraint([column], [f"se_bench_{target}.{column}"], name=name)
