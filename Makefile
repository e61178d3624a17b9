# Every word sets up what it needs by itself; nothing but Python 3.11-3.13 and make is assumed.

SHELL := /bin/bash
PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3; do \
	command -v $$p >/dev/null && $$p -c 'import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null && { echo $$p; break; }; done)
BIN := .venv/bin
READY := .venv/.ready

.DEFAULT_GOAL := help
.PHONY: help setup demo demo-stop test test-fast trino isolation faults bench lint format generate lock preview smells clean

help: ## Say what each word does
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

setup: $(READY) ## Make .venv from the lock (once)

$(READY): requirements.lock requirements-uv.lock pyproject.toml
	@if [ -z "$(PYTHON)" ]; then echo "CCI Lite needs Python 3.11, 3.12 or 3.13 with venv (Debian: apt-get install python3 python3-venv), or PYTHON=/path/to/python"; exit 1; fi
	@echo "Setting up .venv with $(PYTHON); about a minute, once."
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements-uv.lock
	@$(BIN)/uv pip sync -q --require-hashes requirements.lock
	@$(BIN)/uv pip install -q --no-deps --no-build-isolation --editable .
	@touch $(READY)

demo: $(READY) ## Run everything on this laptop and show the result
	@$(BIN)/cci demo

demo-stop: $(READY) ## End what `make demo` left running
	@$(BIN)/cci demo --stop

test: $(READY) ## Run every test, the end-to-end run on localaws included
	@$(BIN)/python -m pytest -q -n 2 --dist loadfile --no-loadscope-reorder

test-fast: $(READY) ## Run the tests that need no server
	@$(BIN)/python -m pytest -q -n 2 tests/unit tests/house

isolation: $(READY) ## Prove that a tenant's credentials reach only that tenant's data
	@$(BIN)/python -m pytest -q -n 2 --dist loadfile tests/isolation

faults: $(READY) ## Kill localaws 50 times under load and count what is lost
	@$(BIN)/python -m tests.faults.kill_nine --kills 50

bench: $(READY) ## Measure localaws on this machine, beside a bare DuckDB
	@$(BIN)/python -m tests.bench.bench

build:
	@mkdir -p build

COMPARE ?= tests/trino/compare_*.py

trino: $(READY) ## Compare both Athena engines, row by row (fetches a Trino once)
	@$(BIN)/python -m localaws.athena.trino_files
	@$(BIN)/python -m pytest -q -n 0 $(COMPARE)

lint: $(READY) build ## Check style, types, imports, SQL, marts and templates; change nothing
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/lint-imports > build/imports.log 2>&1 || { cat build/imports.log; exit 1; }
	@$(BIN)/mypy
	@$(BIN)/sqlfluff lint --disable-progress-bar -q dbt_project/models dbt_project/tests
	@$(BIN)/dbt -q --warn-error parse --project-dir dbt_project --profiles-dir dbt_project
	@$(BIN)/dbt-bouncer run --config-file dbt-bouncer.yml > build/bouncer.log 2>&1 || { cat build/bouncer.log; exit 1; }
	@$(BIN)/python -m infra.package build/artefacts.json
	@$(BIN)/python -m infra.app --artefacts build/artefacts.json --into cdk.out/lint
	@$(BIN)/cfn-lint --ignore-checks W3005 -t cdk.out/lint/*.template.json
	@echo "lint: all kept"

format: $(READY) ## Format the Python files
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

generate: $(READY) ## Render every generated file from contracts
	@$(BIN)/python -m cci.generate

lock: $(READY) ## Resolve the dependencies again, with hashes and without addresses
	@$(BIN)/uv pip compile pyproject.toml --all-extras --group dev --universal --python-version 3.11 \
	  --no-strip-extras --generate-hashes --no-emit-index-url --no-emit-find-links --no-annotate \
	  --no-header -q --output-file requirements.lock

preview: $(READY) ## Show the dashboards of the AWS that AWS_ENDPOINT_URL names
	@$(BIN)/cci preview

smells: $(READY) ## List the longest functions and modules, worst first
	@$(BIN)/python -m tests.house.sizes

clean: ## Remove what was built; .venv stays
	@rm -rf build cdk.out artifacts .pytest_cache .ruff_cache .mypy_cache .import_linter_cache dbt_project/target dbt_project/logs
