# Two commands are enough on a fresh machine: `make demo` and `make test`. Both set up what they need first.

PYTHON ?= python3
PIP_ARGS ?=
PYTEST_ARGS ?=
export PYTHON PIP_ARGS

LEFTOVERS = build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
DEMOS = find "$${TMPDIR:-/tmp}" -maxdepth 1 -type d -user "$$(id -un)" -name 'phototagger-demo-*'

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help demo test lint clean distclean setup-run setup-dev

help: ## say what there is
	@echo "phototagger: make what?"
	@sed -n 's/^\([a-z]*\):[^#]*## \(.*\)/  \1\t\2/p' Makefile | expand -t 14
	@echo
	@echo "Options, as in \`make test PYTHON=python3.12\`:"
	@echo "  PYTHON       the Python to make .venv with, 3.11 or newer (python3)"
	@echo "  PIP_ARGS     more options for pip, such as another package index"
	@echo "  PYTEST_ARGS  more options for pytest, such as -k scan"

demo: setup-run ## tag the sample photos with the model that needs no download
	.venv/bin/phototagger demo

test: setup-dev ## run every test
	.venv/bin/python -m pytest $(PYTEST_ARGS)

lint: setup-dev ## check style, types and the layers
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports

# runs/ and thumb_cache/ are never removed here: they may hold somebody's decisions.
clean: ## remove what builds, tests and the demo left behind (never runs/)
	rm -rf $(LEFTOVERS)
	$(DEMOS) -exec rm -rf {} +
	find . -path ./.venv -prune -o -path ./.git -prune -o -name __pycache__ -type d -exec rm -rf {} +

distclean: clean ## the same, and the installed .venv
	rm -rf .venv

setup-run:
	@bash scripts/setup.sh run

setup-dev:
	@bash scripts/setup.sh dev
