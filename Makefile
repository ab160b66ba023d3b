# One screen: `make help` lists what there is. Everything happens in .venv, which the first target that needs it makes.
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Tests at once: one for each core, from 2 to 4.
WORKERS ?= $(shell $(PYTHON) -c 'import os; print(min(max(os.cpu_count() or 2, 2), 4))')

.PHONY: help demo test lint bench screenshots clean

help: ## Show this list
	@grep -E '^[a-z-]+:.*##' Makefile | sed -E 's/^([a-z-]+):.*## /  make \1|/' | column -t -s '|'

$(VENV)/runtime: setup.cfg pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --editable '.[fast]'
	touch $@

$(VENV)/dev: $(VENV)/runtime
	$(BIN)/python -m pip install --quiet --editable '.[dev]'
	touch $@

demo: $(VENV)/runtime ## Run the whole story on this machine: issue, verify, show, recall (Ctrl-C ends it)
	@$(BIN)/passport demo demo

test: $(VENV)/dev lint ## Lint, type-check, and run every test
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup

lint: $(VENV)/dev ## Style, types, import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --config setup.cfg

bench: $(VENV)/dev ## Measure, each figure beside the machine's own limit
	@for file in bench/*.py; do $(BIN)/python $$file || exit 1; done

screenshots: $(VENV)/dev ## Make the README's pictures anew
	PYTHONPATH=. $(BIN)/python docs/images/make_screenshots.py

clean: ## Remove the virtual environment and the demo
	rm -rf $(VENV) demo build dist *.egg-info
