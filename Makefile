# Guildhall. `make` lists the commands. Needs Python 3.11 or newer, make, and nothing else.

PYTHON ?= python3
PORT ?= 8000
DATABASE_URL ?= sqlite:///$(CURDIR)/var/guildhall.db

VENV := .venv
BIN := $(VENV)/bin
RUNTIME := $(VENV)/.runtime
DEV := $(VENV)/.dev
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all:
WORKERS ?= 2
PYTEST := $(BIN)/python -m pytest -n $(WORKERS)
CATALOGUES := $(BIN)/python translations/catalogues.py
UV := $(VENV)/uv
COMPILE := $(UV)/bin/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --generate-hashes \
	--only-binary :all: --no-annotate --no-header --no-emit-index-url --no-emit-find-links

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help run migration test check lint format types templates browser bench screens soak coverage messages compiled lock clean

help: ## List the commands
	@echo "Guildhall. make COMMAND, where COMMAND is:"
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: $(RUNTIME) compiled ## Serve the portal with a demo network: PORT=8000 DATABASE_URL=sqlite:///…
	@mkdir -p var
	@PORT='$(PORT)' DATABASE_URL='$(DATABASE_URL)' GUILDHALL_ENV=demo \
		$(BIN)/python -m flask --app app run-portal --port $(PORT)

test: $(DEV) compiled ## Run the tests, on SQLite and on PostgreSQL
	@failed=; for on in sqlite postgresql; do \
		echo "Tests on $$on"; TEST_ON=$$on $(PYTEST) -m 'not browser' $(ARGS) || failed="$$failed $$on"; \
	done; test -z "$$failed" || { echo "Tests failed on:$$failed"; exit 1; }

check: lint types templates test browser ## Everything that must hold before a change goes in

lint: $(DEV) ## Look for mistakes and bad formatting
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

format: $(DEV) ## Format the code
	$(BIN)/ruff check --fix --quiet . || true
	$(BIN)/ruff format .

types: $(DEV) ## Check the types
	$(BIN)/mypy

templates: $(DEV) ## Check the templates' markup
	$(BIN)/djlint templates --lint --quiet

browser: $(DEV) compiled ## Run the journeys in a real Chromium
	@command -v chromium >/dev/null || { test "$$(id -u)" = 0 && command -v apt-get >/dev/null \
		&& apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium; } || true
	@if command -v chromium >/dev/null; then TEST_ON=sqlite $(BIN)/python -m pytest -m browser $(ARGS); \
	else echo "No Chromium here, so the browser journeys did NOT run: apt-get install chromium"; test -z "$$CI"; fi

soak: $(DEV) compiled ## Run races, crashes and long runs at full size, on both databases
	SOAK=full TEST_ON=sqlite $(PYTEST) -m soak --timeout 3600 $(ARGS)
	SOAK=full TEST_ON=postgresql $(PYTEST) -m soak --timeout 3600 $(ARGS)

coverage: $(DEV) compiled ## Show which lines no test reaches
	TEST_ON=sqlite $(BIN)/coverage run -m pytest -m 'not browser'
	$(BIN)/coverage combine --quiet && $(BIN)/coverage report

bench: $(DEV) compiled ## Measure what must be fast
	$(BIN)/python -m bench $(ARGS)

screens: $(DEV) compiled ## Take a picture of every page, on a phone and on a desktop
	$(BIN)/python -m tests.screens $(ARGS)

messages: $(DEV) ## Bring the translations in line with the code
	$(CATALOGUES) extract

migration: $(DEV) compiled ## Write a migration from what the models say: M="leads can be snoozed"
	@$(BIN)/python -m migrations.writing "$(M)"
	@$(BIN)/ruff format --quiet migrations/versions

lock: $(UV) ## Pin the dependencies anew: UPGRADE=--upgrade
	$(COMPILE) $(UPGRADE) --output-file requirements.txt
	$(COMPILE) $(UPGRADE) --group dev --constraint requirements.txt --output-file requirements-dev.txt

clean: ## Remove what can be made again (keeps var/, the data)
	rm -rf $(VENV) .coverage* .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -prune -exec rm -rf {} +
	find translations -name '*.mo' -delete

compiled: | $(BIN)/python
	@$(CATALOGUES) compile
	@$(BIN)/python -m core.typeface
	@$(BIN)/python -m core.installing

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Guildhall needs Python 3.11 or newer. Name one: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); exit 1; }

$(RUNTIME): requirements.txt | $(BIN)/python
	@echo "Installing what Guildhall needs"
	@$(INSTALL) -r requirements.txt
	@touch $@

$(DEV): requirements-dev.txt | $(BIN)/python
	@echo "Installing what Guildhall and its tests need"
	@$(INSTALL) -r requirements-dev.txt
	@touch $@

$(UV): | $(BIN)/python
	@$(PYTHON) -m venv $(UV) && $(UV)/bin/python -m pip install --quiet uv
