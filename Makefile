# Two commands are enough on a fresh machine: `make demo` and `make test`. Both set up what they need first.

PYTHON ?= python3
PIP_ARGS ?=
PYTEST_ARGS ?=
BENCH ?=
# Half of their time, tests wait for a screen or a process.
WORKERS ?= $(shell $(PYTHON) -c 'import os; print(2 * len(os.sched_getaffinity(0)))' 2>/dev/null || echo auto)
TRIALS ?= 2000
SEED ?= 1
PROFILE ?= run --root samples --labels labels.txt --model-name embedded --run-dir build/profile/runs --cache-dir build/profile/cache
export PYTHON PIP_ARGS

LEFTOVERS = build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help demo test accept faults bench profile lint docs picture clean distclean setup-run setup-dev

help: ## say what there is
	@echo "phototagger: make what?"
	@sed -n 's/^\([a-z]*\):[^#]*## \(.*\)/  \1\t\2/p' Makefile | expand -t 14
	@echo
	@echo "Options, as in \`make test PYTHON=python3.12\`:"
	@echo "  PYTHON       the Python to make .venv with, 3.11 or newer (python3)"
	@echo "  PIP_ARGS     more options for pip, such as another package index"
	@echo "  PYTEST_ARGS  more options for pytest, such as -k scan"
	@echo "  WORKERS      how many tests run at once (two a core)"
	@echo "  BENCH        names of benchmarks and options, such as \`score labels --json\`"
	@echo "  TRIALS, SEED how many faults, and which (2000, 1)"
	@echo "  PROFILE      the command that \`make profile\` looks at"

# The demo's fresh folder is made in build/, so that `make clean` removes what this checkout made and nothing else.
demo: setup-run ## tag the sample photos with the model that needs no download
	@mkdir -p build/demo
	TMPDIR="$(CURDIR)/build/demo" .venv/bin/phototagger demo

test: setup-dev ## run every test
	.venv/bin/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder $(PYTEST_ARGS)

accept: setup-dev ## the main job on about 200 real photos, checked
	.venv/bin/python scripts/accept.py

# TRIALS and SEED choose; 2,000 trials take about an hour.
faults: setup-dev ## fail every call to the system in turn and see that nothing is lost
	.venv/bin/python -m tests.faults.campaign $(TRIALS) $(SEED)

bench: setup-dev ## measure speed and memory, each against a baseline (see BENCH)
	.venv/bin/python -m bench $(BENCH)

# PROFILE is the command that is looked at, such as `make profile PROFILE="run --root /photos"`.
profile: setup-dev ## draw a flame graph of a run into build/profile.svg
	@rm -rf build/profile && mkdir -p build/profile
	.venv/bin/py-spy record --output build/profile.svg --native --threads --rate 50 -- .venv/bin/python -m phototagger.cli.tagger $(PROFILE)
	@echo build/profile.svg

lint: setup-dev ## check style, types and the layers
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports

docs: setup-dev ## write the generated tables of README.md and docs/ anew
	.venv/bin/python scripts/docs.py

picture: setup-dev ## draw the review for README.md anew
	.venv/bin/python scripts/picture.py

# runs/ and thumb_cache/ are never removed here: they may hold somebody's decisions.
clean: ## remove what builds, tests and the demo left behind (never runs/)
	rm -rf $(LEFTOVERS)
	find . -path ./.venv -prune -o -path ./.git -prune -o -name __pycache__ -type d -exec rm -rf {} +

distclean: clean ## the same, and the installed .venv
	rm -rf .venv

setup-run:
	@bash scripts/setup.sh run

setup-dev:
	@bash scripts/setup.sh dev
