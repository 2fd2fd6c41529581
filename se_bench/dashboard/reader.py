"""The database as pages and tests see it: read only, and nothing computed twice while nothing has changed."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass

from se_bench.analysis.answer import Answer, answer
from se_bench.config.load import Study, remembered_study
from se_bench.dashboard.remembered import compared
from se_bench.records import StudySummary
from se_bench.store.repository import Store


class Reader:
    def __init__(self, database: str) -> None:
        self._store = Store.open(database)
        self._lock = threading.RLock()
        self._answers: dict[str, Answer] = {}

    def studies(self) -> Sequence[StudySummary]:
        return self._store.studies()

    def study(self, name: str) -> Study:
        return remembered_study(self._store.study(name).definition, str(self._store))

    def answer(self, name: str) -> Answer:
        with self._lock:
            if name not in self._answers:
                kept = self._store.study(name)
                study = remembered_study(kept.definition, str(self._store))
                records = self._store.records(kept.trials, kept.candidates)
                self._answers[name] = answer(study, records, compared(study, kept.candidates))
            return self._answers[name]

    def watermark(self, study: str | None) -> str:
        return str(max(each.updated_at for each in self._store.studies() if study in (None, each.name)))

    def database_watermark(self) -> str:
        return self.watermark(None)

    def is_finished(self, study: str) -> bool:
        return self.answer(study).finished

    def __enter__(self): return self
    def __exit__(self, *_): self._store.close()
