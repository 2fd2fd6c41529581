"""The schema's history: it ends where the models are, and other revisions are met with a message."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, inspect, text
from store_examples import candidate, epoch, file_states, finish, gates, latency, run, trial

from se_bench.errors import SeBenchError, StoreError
from se_bench.records import Status
from se_bench.store import migrations
from se_bench.store.database import open_engine, parse_url, upgrade
from se_bench.store.repository import Store
from se_bench.store.tables import Base

HEAD = "0003"
KEPT = sorted((Path(__file__).parent / "kept").glob("*.sql"))

NEXT = '''
"""The schema after ours."""
import sqlalchemy as sa
from alembic import op
revision, down_revision = "9999", "{head}"
def upgrade():
    op.create_table("se_bench_new", sa.Column("a", sa.Integer))
    with op.batch_alter_table("se_bench_runs") as runs:
        runs.add_column(sa.Column("note", sa.Text))
    {last}
'''


def later_package(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, last: str = "pass") -> None:
    """From here on this package has one migration more."""
    scripts = tmp_path / f"scripts-{last[:4]}"
    shutil.copytree(migrations.SCRIPTS, scripts, ignore=shutil.ignore_patterns("__pycache__"))
    (scripts / "versions" / "9999_next.py").write_text(NEXT.format(last=last, head=HEAD))
    monkeypatch.setattr(migrations, "SCRIPTS", scripts)


def fill(url: str) -> None:
    with Store.open(url, create=True) as store:
        store.register("width", "How wide?", {"seeds": 1}, [candidate(0)], [trial(0)])
        store.begin(run())
        finish(store, trial(0))


def set_revision(url: str, revision: str) -> None:
    engine = create_engine(parse_url(url))
    with engine.begin() as connection:
        connection.execute(text("UPDATE se_bench_schema SET version_num = :it"), {"it": revision})
    engine.dispose()


def test_the_migrations_end_where_the_models_are(url: str):
    engine = open_engine(url, create=True)
    with engine.connect() as connection:
        options = {"version_table": migrations.VERSION_TABLE, "compare_type": True}
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, Base.metadata) == []
        found = inspect(connection)
        for table in Base.metadata.tables.values():
            assert found.get_pk_constraint(table.name)["name"] == table.primary_key.name
            assert {key["name"] for key in found.get_foreign_keys(table.name)} == {
                key.name for key in table.foreign_key_constraints
            }
    engine.dispose()


def test_migrations_and_models_make_the_same_sqlite_tables(tmp_path: Path):
    """Also what reflection does not see: WITHOUT ROWID, and the columns' own words."""
    open_engine(str(tmp_path / "migrated.db"), create=True).dispose()
    engine = create_engine(f"sqlite:///{tmp_path / 'made.db'}")
    Base.metadata.create_all(engine)
    engine.dispose()
    schemas = []
    for name in ("migrated.db", "made.db"):
        with closing(sqlite3.connect(tmp_path / name)) as connection:
            query = "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL AND tbl_name != 'se_bench_schema'"
            found = {
                table: (
                    {tuple(row[1:]) for row in connection.execute(f"PRAGMA table_info({table})")},
                    "WITHOUT ROWID" in sql,
                )
                for table, sql in connection.execute(query).fetchall()
            }
            schemas.append(found)
    assert schemas[0] == schemas[1]


def test_a_newer_schema_is_refused_and_nothing_is_written(url: str, tmp_path: Path):
    fill(url)
    set_revision(url, "2031")
    before = file_states(tmp_path)
    for attempt in (Store.open, lambda url: Store.open(url, create=True), upgrade):
        with pytest.raises(StoreError, match=rf"'2031' is newer than this se-bench knows \('{HEAD}'\)") as caught:
            attempt(url)
        assert "pip install --upgrade se-bench" in str(caught.value)
    assert file_states(tmp_path) == before


def test_an_older_schema_is_upgraded_on_demand(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    fill(url)
    assert upgrade(url) == (HEAD, HEAD)
    later_package(monkeypatch, tmp_path)
    for create in (True, False):
        with pytest.raises(StoreError, match=rf"'{HEAD}' is older than this se-bench's \('9999'\)") as caught:
            Store.open(url, create=create)
        assert caught.value.hint == "se-bench db upgrade"
    assert upgrade(url) == (HEAD, "9999")
    with Store.open(url) as store:
        assert store.records([trial(0)], []).epochs == (epoch(trial(0), 1), epoch(trial(0), 2))


def test_an_upgrade_that_fails_leaves_the_old_schema(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    fill(url)
    with monkeypatch.context() as later:
        later_package(later, tmp_path, last="op.execute('SELECT * FROM nowhere')")
        with pytest.raises(StoreError, match="nowhere"):
            upgrade(url)
    with Store.open(url) as store:
        assert store.statuses([trial(0).trial_id]) == {trial(0).trial_id: Status.COMPLETED}
    engine = create_engine(parse_url(url))
    assert not inspect(engine).has_table("se_bench_new")
    assert "note" not in [column["name"] for column in inspect(engine).get_columns("se_bench_runs")]
    engine.dispose()


def test_what_is_not_ours_is_not_upgraded(url: str):
    address = parse_url(url)
    if address.get_backend_name() == "sqlite":
        with pytest.raises(StoreError, match="there is no such database"):
            upgrade(url)
        Path(str(address.database)).parent.mkdir()
        Path(str(address.database)).touch()
    with pytest.raises(StoreError, match="no se-bench results"):
        upgrade(url)


def test_there_is_no_way_back_that_drops_results(url: str):
    fill(url)
    engine = open_engine(url)
    refused = pytest.raises(SeBenchError, match=r"going back .* would drop")
    with engine.connect() as connection, connection.begin(), refused:
        command.downgrade(migrations._config(connection), "base")
    engine.dispose()
    with Store.open(url) as store:
        assert len(store.studies()) == 1


@pytest.mark.parametrize("dump", KEPT, ids=lambda path: path.stem)
def test_results_of_every_old_version_can_be_read(dump: Path, tmp_path: Path):
    """``kept/REVISION.sql`` is the dump of what that version wrote: add one a revision, change none."""
    path = tmp_path / "old.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(dump.read_text(encoding="utf-8"))
    assert upgrade(str(path)) == (dump.stem, HEAD)
    with Store.open(str(path)) as store:
        study = store.study("width")
        assert study.candidates == (candidate(0),)
        assert study.trials == (trial(0),)
        records = store.records(study.trials, study.candidates)
        assert records.epochs == (epoch(trial(0), 1), epoch(trial(0), 2))
        assert records.runs == (run(),)
        (result,) = records.trials
        assert (result.status, result.accuracy, result.loss) == (Status.COMPLETED, 0.2, 0.5)


def test_kept_gates_and_latencies_can_be_read(tmp_path: Path):
    path = tmp_path / "old.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript((KEPT[0].parent / "0003.sql").read_text(encoding="utf-8"))
    upgrade(str(path))
    with Store.open(str(path)) as store:
        records = store.records([trial(0)], [candidate(0)])
    assert records.gates == (gates(trial(0)),)
    assert records.latency == latency(candidate(0))


def test_the_revisions_are_those_that_alembic_finds(store: Store):
    config = Config()
    config.set_main_option("script_location", str(migrations.SCRIPTS))
    scripts = ScriptDirectory.from_config(config)
    with store._reading() as connection:
        found = migrations.schema(connection)
        ours = MigrationContext.configure(connection, opts={"version_table": migrations.VERSION_TABLE})
        assert found.revision == ours.get_current_revision()
    assert found.head == scripts.get_current_head()
    assert found.known == {script.revision for script in scripts.walk_revisions()}


def test_every_revision_has_a_kept_database(store: Store):
    with store._reading() as connection:
        found = migrations.schema(connection)
    assert {path.stem for path in KEPT} == found.known
    assert found.head == HEAD
