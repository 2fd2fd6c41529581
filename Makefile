# Two commands do all the set-up on a machine with Python 3.11 or later and make:
#   make run    the environment, the package, the main job
#   make test   the environment with the test extras, then every check

PYTHON ?= python3
VENV ?= .venv
STUDY ?= studies/reduction_ratio.yaml
BIN := $(VENV)/bin

.PHONY: help run install dev test lint types contracts unit browser test-slow test-gpu bench bench-gpu bench-dashboard calibrate chaos docs claims clean

help:  ## this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

run: $(VENV)/.installed  ## install, then run the main job (STUDY=... for another)
	$(BIN)/se-bench run $(STUDY)

install: $(VENV)/.installed  ## the environment with the package

dev: $(VENV)/.dev  ## the environment with the test extras

test: lint types contracts unit  ## every check: lint, types, import contracts, tests

lint: $(VENV)/.dev  ## ruff
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.dev  ## mypy
	$(BIN)/mypy

contracts: $(VENV)/.dev  ## import-linter
	$(BIN)/lint-imports --no-cache

# What starts Ray or measures time has the machine to itself.
ALONE := tests/chaos tests/plugins $(addprefix tests/search/test_,head.py cluster.py ray_cluster.py) \
  $(addprefix tests/cli/test_,after_a_run.py dashboard.py help.py interrupted.py main_job.py measured_claims.py two_drivers.py)

unit: $(VENV)/.dev browser  ## the tests that fit into minutes
	$(BIN)/pytest -n 2 --dist loadfile $(ALONE:%=--ignore=%)
	$(BIN)/pytest $(ALONE)

browser:  ## Chromium for the tests of pages: installed where apt and its rights are there, else asked for
	@command -v chromium >/dev/null || { test "$$(id -u)" = 0 && command -v apt-get >/dev/null \
	  && { apt-get install -qq -y chromium chromium-driver >/dev/null 2>&1 \
	  || { apt-get update -qq && apt-get install -qq -y chromium chromium-driver >/dev/null; }; }; } \
	  || echo "Chromium is not installed: its tests are skipped. Debian: apt-get install chromium chromium-driver"

test-slow: $(VENV)/.dev  ## the tests that take longer
	$(BIN)/pytest -m slow

test-gpu: $(VENV)/.dev  ## the tests that need a GPU, and their neighbours
	$(BIN)/pytest -rs tests/gpu tests/training tests/data/test_batches.py tests/search/test_gpu_memory.py

bench: $(VENV)/.dev  ## every benchmark; the last line each prints is one JSON object
	$(BIN)/python benchmarks/training.py
	$(BIN)/python benchmarks/scheduling.py
	$(BIN)/python benchmarks/cost.py
	$(BIN)/python benchmarks/store.py
	$(BIN)/python -m benchmarks.startup
	$(BIN)/python -m benchmarks.study
	$(BIN)/python -m benchmarks.overhead
	$(BIN)/python -m benchmarks.search

bench-gpu: $(VENV)/.dev  ## what a GPU makes of small nets, alone and shared
	$(BIN)/python -m benchmarks.gpu

bench-dashboard: $(VENV)/.dev browser  ## the dashboards' budgets at 1,000 to a million trials
	$(BIN)/python benchmarks/dashboard.py

calibrate: $(VENV)/.dev  ## 10,000 simulated studies with known truth for each line of a table in docs/statistics.md
	$(BIN)/python -m benchmarks.calibrate --write docs/statistics.md

chaos: $(VENV)/.dev  ## a study whose processes are killed at random moments, 100 times: what was lost, doubled, different
	$(BIN)/python -m tests.chaos --kills 100

docs: $(VENV)/.dev  ## the pages that are made by a program
	$(BIN)/python docs/make_backbones.py

claims: $(VENV)/.installed  ## what the documents claim: train all twelve (about two hours on two cores), then write docs/claims.md
	for claim in c01 c02 c03 c04 c05 c06 c07 c08 c09 c10 c11 c12; do \
	  $(BIN)/se-bench run $$claim || test $$? = 1 || exit; done
	$(BIN)/python docs/make_claims.py

clean:  ## remove the environment and caches (results stay)
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis dist build

$(VENV)/.installed: pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check -e .
	touch $@

$(VENV)/.dev: pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check -e '.[test]'
	touch $(VENV)/.installed $@
