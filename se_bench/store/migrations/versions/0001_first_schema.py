"""The first schema: studies, runs, architectures, trials, epochs and who owns what."""

import sqlalchemy as sa
from alembic import op

from se_bench.errors import SeBenchError

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """From nothing to 0001. Names no model: they are of today, this is of its day."""
    instant = sa.DateTime(timezone=True)
    op.create_table(
        "se_bench_studies",
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("question", sa.Text, nullable=False),
        sa.Column("definition", sa.JSON, nullable=False),
        sa.Column("updated_at", instant, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_se_bench_studies"),
    )
    op.create_table(
        "se_bench_runs",
        sa.Column("run_id", sa.Text, nullable=False),
        sa.Column("study", sa.Text, nullable=False),
        sa.Column("command", sa.Text, nullable=False),
        sa.Column("started_at", instant, nullable=False),
        sa.Column("environment", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("run_id", name="pk_se_bench_runs"),
    )
    op.create_table(
        "se_bench_architectures",
        sa.Column("architecture_id", sa.Text, nullable=False),
        sa.Column("spec", sa.JSON, nullable=False),
        sa.Column("params", sa.BigInteger, nullable=False),
        sa.Column("block_params", sa.BigInteger, nullable=False),
        sa.Column("buffers", sa.BigInteger, nullable=False),
        sa.Column("macs", sa.BigInteger, nullable=False),
        sa.Column("elementwise", sa.BigInteger, nullable=False),
        sa.Column("activations", sa.BigInteger, nullable=False),
        sa.Column("memory_bytes", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("architecture_id", name="pk_se_bench_architectures"),
    )
    op.create_table(
        "se_bench_trials",
        sa.Column("trial_id", sa.Text, nullable=False),
        sa.Column("architecture_id", sa.Text, nullable=False),
        sa.Column("dataset", sa.JSON, nullable=False),
        sa.Column("dataset_fingerprint", sa.Text, nullable=False),
        sa.Column("recipe", sa.JSON, nullable=False),
        sa.Column("seed", sa.BigInteger, nullable=False),
        sa.Column("numerics_version", sa.BigInteger, nullable=False),
        sa.Column("status", sa.String, nullable=False),
        sa.Column("error", sa.Text, nullable=False),
        sa.Column("epochs", sa.BigInteger, nullable=False),
        sa.Column("accuracy", sa.Double),
        sa.Column("loss", sa.Double),
        sa.Column("train_seconds", sa.Double),
        sa.Column("run_id", sa.Text),
        sa.Column("started_at", instant),
        sa.Column("ended_at", instant),
        sa.Column("updated_at", instant, nullable=False),
        sa.PrimaryKeyConstraint("trial_id", name="pk_se_bench_trials"),
        _reference("trials", "architecture_id", "architectures.architecture_id"),
        _reference("trials", "run_id", "runs.run_id"),
    )
    op.create_index("ix_se_bench_trials_architecture_id", "se_bench_trials", ["architecture_id"])
    op.create_index("ix_se_bench_trials_updated_at", "se_bench_trials", ["updated_at"])
    op.create_table(
        "se_bench_epochs",
        sa.Column("trial_id", sa.Text, nullable=False),
        sa.Column("epoch", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("train_loss", sa.Double),
        sa.Column("train_accuracy", sa.Double),
        sa.Column("test_loss", sa.Double),
        sa.Column("test_accuracy", sa.Double),
        sa.Column("train_seconds", sa.Double, nullable=False),
        sa.Column("test_seconds", sa.Double, nullable=False),
        sa.Column("gradient_norms", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("trial_id", "epoch", name="pk_se_bench_epochs"),
        _reference("epochs", "trial_id", "trials.trial_id"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "se_bench_candidates",
        sa.Column("study", sa.Text, nullable=False),
        sa.Column("architecture_id", sa.Text, nullable=False),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.Column("label", sa.Text, nullable=False),
        sa.Column("axes", sa.JSON, nullable=False),
        sa.Column("is_baseline", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("study", "architecture_id", name="pk_se_bench_candidates"),
        _reference("candidates", "study", "studies.name"),
        _reference("candidates", "architecture_id", "architectures.architecture_id"),
    )
    op.create_table(
        "se_bench_study_trials",
        sa.Column("study", sa.Text, nullable=False),
        sa.Column("trial_id", sa.Text, nullable=False),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("study", "trial_id", name="pk_se_bench_study_trials"),
        _reference("study_trials", "study", "studies.name"),
        _reference("study_trials", "trial_id", "trials.trial_id"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_se_bench_study_trials_trial_id", "se_bench_study_trials", ["trial_id"])


def downgrade() -> None:
    """Refused: before the first schema there is nothing, and results are for ever."""
    raise SeBenchError("the first schema has no predecessor: going back would drop every result")


def _reference(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    other = target.split(".", maxsplit=1)[0]
    name = f"fk_se_bench_{table}_{column}_se_bench_{other}"
    return sa.ForeignKeyConstraint([column], [f"se_bench_{target}"], name=name)
