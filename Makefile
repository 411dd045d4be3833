# `make demo` and `make test` set everything up on a machine that has Python (3.11 or newer) and make.

PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo test vsix clean

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

.venv/bin/python:
	$(PYTHON) -m venv .venv

.venv/demo: .venv/bin/python pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

.venv/test: .venv/bin/python pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[test]'
	@touch $@ .venv/demo

# The extension for VS Code; needs Node.js.
vsix:
	cd editors/vscode && npm install --no-package-lock --no-audit --no-fund --silent && npm run --silent vsix

clean:
	rm -rf editors/vscode/node_modules editors/vscode/dist editors/vscode/imglint.vsix
	rm -rf .venv build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
