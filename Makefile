# Every command does its own set-up, into .uv and .venv, on a machine that has only Python 3.11+, make and a compiler.
# Stamp files remember what was done, so a second run goes straight to work.

UV_VERSION := 0.13.8

# The first interpreter that is new enough and really runs (a version manager's shim may exist and still fail).
# Another one may be named: make test PYTHON=python3.13
ifndef PYTHON
PYTHON := $(shell for python in python3.11 python3.12 python3.13 python3.14 python3; do \
	"$$python" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 \
	&& "$$python" -c 'import sys; print(sys.executable)' && break; done)
endif

UV := .uv/bin/uv
BIN := .venv/bin
SOURCES := $(wildcard src tests scripts examples bench)
WORKERS ?= 2
# What `make check` tests; nothing where `make test` follows, which has these among its own.
QUICK_TESTS ?= tests/unit tests/architecture
# A worker that has run dry takes tests from another's end: the long ones stand side by side.
SIDE_BY_SIDE := -n $(WORKERS) --dist worksteal

# uv takes the Python it is given: it downloads none, and ignores .python-version and an activated environment.
unexport VIRTUAL_ENV
export UV_PYTHON := $(PYTHON)
export UV_PYTHON_DOWNLOADS := never
export UV_PROJECT_ENVIRONMENT := .venv
# Where it is set, pytest compiles its plugins again at each start.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:

.PHONY: help
help: ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: setup
setup: .venv/.stamp-development ## Make .venv with everything that development needs

.PHONY: demo
demo: .venv/.stamp-product ## Serve the demo: worlds, users and a short scripted evening
	$(BIN)/reality demo

.PHONY: check
check: setup ## Run every quick check: format, lint, types, import contracts, security, unit tests (under a minute)
	@echo '== format' && $(BIN)/ruff format --check $(SOURCES)
	@echo '== lint' && $(BIN)/ruff check $(SOURCES)
	@echo '== types' && $(BIN)/mypy $(SOURCES)
	@echo '== import contracts' && $(BIN)/lint-imports
	@echo '== security' && $(BIN)/bandit --quiet --recursive --severity-level medium --confidence-level medium src
	@$(if $(QUICK_TESTS),echo '== unit and architecture tests' && $(BIN)/pytest -q $(SIDE_BY_SIDE) $(QUICK_TESTS))

.PHONY: audit
audit: setup ## Ask for known vulnerabilities of what is installed; says so where nobody can be asked
	$(BIN)/python scripts/audit.py

.PHONY: test
test: setup ## Run every test, on SQLite and on a PostgreSQL that it starts itself
	$(BIN)/pytest $(SIDE_BY_SIDE) tests

.PHONY: coverage
coverage: setup ## Run every test and tell which lines none of them ran; takes twice as long
	$(BIN)/pytest $(SIDE_BY_SIDE) --cov --cov-report=term:skip-covered tests

.PHONY: bench
bench: setup ## Measure beside a bare endpoint and the usual service, on both databases (quicker: make bench BENCH=--quick)
	$(BIN)/python -m bench $(BENCH)

.PHONY: format
format: setup ## Format the code and mend what can be mended by itself
	$(BIN)/ruff check --fix-only $(SOURCES)
	$(BIN)/ruff format $(SOURCES)

.PHONY: pins
pins: setup ## Write the exact version of every dependency into pyproject.toml (newest: scripts/pins.py --upgrade)
	$(BIN)/python scripts/pins.py

.PHONY: migration
migration: setup ## Draft a migration from the difference between the tables and the models: make migration m="what it does"
	$(BIN)/python scripts/new_migration.py "$(m)"

.PHONY: clean
clean: ## Remove what make made (.uv, .venv, caches); never a database
	rm -rf .uv .venv uv.lock build dist htmlcov .coverage .coverage.* .hypothesis .mypy_cache .pytest_cache \
		.ruff_cache .import_linter_cache
	find src tests scripts -name __pycache__ -type d -prune -exec rm -rf {} +

# The environments. `--inexact` leaves the test stack in place where it already is.

.uv/.stamp-$(UV_VERSION):
	@test -n "$(PYTHON)" || { echo 'Reality Engine needs Python 3.11 or newer (with venv), and found none.' >&2; exit 1; }
	"$(PYTHON)" -m venv .uv
	.uv/bin/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	touch $@

.venv/.stamp-product: pyproject.toml .uv/.stamp-$(UV_VERSION)
	$(UV) sync --inexact
	touch $@

.venv/.stamp-development: pyproject.toml .uv/.stamp-$(UV_VERSION)
	$(UV) sync --group test --group lint
	touch .venv/.stamp-product $@
