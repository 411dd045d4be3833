# `make demo` and `make test` set everything up on a machine that has Python (3.11 or newer) and make.

PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo test site vsix clean

demo: .venv/demo
	@echo '$$ imglint page fixtures/octocat'
	@$(BIN)/imglint page fixtures/octocat
	@echo
	@echo '$$ imglint check fixtures/octocat'
	@$(BIN)/imglint check fixtures/octocat; test $$? -eq 1

test: .venv/test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest

# What fails here leaves nothing behind that the next call would take for done.
.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo 'imglint needs Python 3.11 or newer, and $(PYTHON) is none: name one with PYTHON=, such as PYTHON=python3.13'; exit 1; }
	$(PYTHON) -m venv .venv || { rm -rf .venv; exit 1; }

.venv/demo: .venv/bin/python pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

.venv/test: .venv/bin/python pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[test]'
	@touch $@ .venv/demo

# The documentation as a site in build/site, made without a network; `python -m http.server -d build/site` shows it.
site: .venv/site
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build

.venv/site: .venv/bin/python pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[docs]'
	@touch $@

# The extension for VS Code; needs Node.js.
vsix:
	cd editors/vscode && npm install --no-package-lock --no-audit --no-fund --silent && npm run --silent vsix

clean:
	rm -rf editors/vscode/node_modules editors/vscode/dist editors/vscode/imglint.vsix
	rm -rf .venv build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
