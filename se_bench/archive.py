"""What a database gives and takes beside a run: published tables beside its results, results from elsewhere.

With ``run``, the only module that holds a database in one hand and planning in the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from se_bench import __version__
from se_bench.analysis.answer import Answer, answer
from se_bench.analysis.claims import Asked
from se_bench.analysis.published import printed_rows
from se_bench.analysis.reproduce import Reproduction, compare
from se_bench.config.axes import Axes
from se_bench.config.document import Document
from se_bench.config.external import ExternalSetting, ImportedStudy
from se_bench.config.load import Study, registered_study
from se_bench.config.published import load_table
from se_bench.config.results_csv import ResultRow
from se_bench.errors import ConfigError, NoResultsError, UnknownNameError
from se_bench.records import Candidate, Imported, StudyRecords
from se_bench.search.claims import resolve_claim
from se_bench.search.external import Elsewhere, from_rows
from se_bench.search.published import as_printed, designs
from se_bench.store import designs as by_design
from se_bench.store.external import settle
from se_bench.store.repository import RegisteredStudy, Store
from se_bench.upkeep import name_of, new_run

_OTHER_NAME = "give the study another name with --study"


def reproduce(table: str, database: str) -> tuple[Reproduction, bool]:
    """A published table beside our counts and the database's results; and whether there is such a database.

    Raises :class:`ConfigError` for a table that is not there, :class:`StoreError` for a database that cannot be used.
    """
    asked, document = load_table(table)
    rows = printed_rows(asked)
    own = [as_printed(asked, each, document) for each in rows]
    try:
        found = designs(asked, rows, by_design.nets(database))
    except NoResultsError:
        return compare(asked, rows, own, [], []), False
    trials = by_design.over(database, {each.architecture_id for each in found})
    return compare(asked, rows, own, found, trials), True


def recall_registered(name: str, database: str) -> tuple[Study, RegisteredStudy] | None:
    """A study as the database keeps it, where no file of that name is known; None where it keeps none.

    Raises :class:`ConfigError` for a definition that can no longer be read.
    """
    try:
        with Store.open(database) as store:
            kept = store.study(name)
    except (NoResultsError, UnknownNameError):
        return None
    return registered_study(kept.definition, name_of(database)), kept


def answer_registered(study: Study, kept: RegisteredStudy, database: str) -> tuple[Answer, StudyRecords]:
    """The answer to such a study, from its candidates and trials as they were last registered."""
    with Store.open(database) as store:
        records = store.records(kept.trials, kept.candidates)
    return answer(study, records, _claims(study, kept.candidates)), records


def import_results(
    rows: Sequence[ResultRow],
    study: ImportedStudy,
    setting: ExternalSetting,
    database: str,
    written: Document | None = None,
) -> Imported:
    """Keep results that were trained elsewhere as a study of their own, made or added to.

    ``written`` is the file that the study was read from, for messages about it. Raises :class:`ConfigError` for rows
    and claims that name what is not there, and for a name that another study has.
    """
    before = _imported_before(study.name, setting, database)
    if before is not None:
        study = study.model_copy(
            update={
                "question": study.question or before[0].question,
                "claims": study.claims or before[0].claims,
            }
        )
    found = from_rows(study, setting, rows, before[1] if before else None)
    _claims(registered_study(found.definition, name_of(database), written), found.candidates)
    with Store.open(database, create=True) as store:
        store.register(study.name, study.question, found.definition, found.candidates, found.trials)
    source = {"imported_from": rows[0].file.name, "source": setting.recipe.source, "se_bench": __version__}
    run = new_run(study.name, database, source)
    done = settle(database, found.results, run)
    labels = {each.architecture_id: each.label for each in found.candidates}
    named = tuple(replace(each, label=labels[each.here.architecture_id]) for each in done.conflicts)
    return replace(done, conflicts=named)


def _claims(study: Study, candidates: Sequence[Candidate]) -> list[Asked]:
    """The study's claims with their architectures. Raises :class:`ConfigError` for one about no candidate."""
    spellings = [(Axes.read(dict(each.axes)), each) for each in candidates]
    resolved = [resolve_claim(study, number, spellings) for number in range(len(study.claims))]
    return [(each.claim, each.architectures) for each in resolved]


def _imported_before(name: str, setting: ExternalSetting, database: str) -> tuple[Study, Elsewhere] | None:
    """What an earlier import of this study brought. Raises :class:`ConfigError` where it is another study."""
    found = recall_registered(name, database)
    if found is None:
        return None
    study, kept = found
    if not isinstance(study.setting, ExternalSetting):
        raise ConfigError(f"the database has a study {name} that was trained here", key="--study", hint=_OTHER_NAME)
    before, now = study.setting.model_dump(), setting.model_dump()
    for part in ("dataset", "backbone", "recipe"):
        for key in (*before[part], *now[part]):
            if before[part].get(key) != now[part].get(key):
                told = (
                    f"{part}.{key} was {before[part].get(key)!r} when {name} was imported, not {now[part].get(key)!r}"
                )
                raise ConfigError(told, key="--study", hint=_OTHER_NAME)
    return study, Elsewhere(definition=kept.definition, candidates=kept.candidates, trials=kept.trials, results=())
