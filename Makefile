# Everything a checkout needs. `make help` lists the targets.
#
#   PYTHON  the interpreter that .venv is made with      make setup PYTHON=python3.12
#   ARGS    what to hand on to the program               make run ARGS="scenario=baseline"   make test ARGS="-k wheel"

PYTHON ?= python3
ARGS ?=
LOCK_ARGS ?=
# The run that wheel-test makes: small, but through every room.
WHEEL_RUN ?= run.replications=2 run.cohort_days=30

VENV := .venv
PY := $(VENV)/bin/python
# Written byte code saves every worker and every program that tests start the time to translate the sources.
TEST := env -u PYTHONDONTWRITEBYTECODE $(PY) -m pytest
# Without byte-compiled libraries every start takes seconds longer, so installing always compiles.
PIP_ENV := env -u PYTHONDONTWRITEBYTECODE PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1
PIP_INSTALL := -m pip install -qq --compile
CACHES := .pytest_cache .mypy_cache .ruff_cache .hypothesis build dist

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help
.PHONY: help setup run test test-long lint format types bench lock wheel wheel-test clean distclean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(VENV)/.ready ## make .venv from requirements.lock (the other targets do it when needed)
	@:

run: $(VENV)/.ready ## run the simulator: make run ARGS="..."
	@$(PY) -m simulator $(ARGS)

.PHONY: workshop
workshop: $(VENV)/.ready ## the page that a room looks at: make workshop ARGS="workshop.host=0.0.0.0" lets phones join
	@$(PY) -m simulator workshop scenario=workshop $(ARGS)

test: $(VENV)/.ready ## the tests, except the long ones
	@$(TEST) -n 2 --dist worksteal $(ARGS)

test-long: $(VENV)/.ready ## the long tests only
	@$(TEST) -n 2 --dist worksteal -m long $(ARGS)

lint: $(VENV)/.ready ## ruff: the rules, and the layout
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .

format: $(VENV)/.ready ## let ruff repair what it can, and lay out the code
	@$(PY) -m ruff check --fix .
	@$(PY) -m ruff format .

types: $(VENV)/.ready ## mypy
	@$(PY) -m mypy

bench: $(VENV)/.ready ## what a simulation costs: one table; make bench ARGS="reference --buyers 10000"
	@$(PY) -m benchmarks $(ARGS)

.PHONY: bench-page bench-picture
bench-page: $(VENV)/.ready ## the same, and its table into docs/performance.md
	@$(PY) -m benchmarks --page docs/performance.md $(ARGS)

bench-picture: $(VENV)/.ready ## the picture of cost against size
	@$(PY) -m benchmarks picture $(ARGS)

.PHONY: test-browser workshop-pictures
test-browser: $(VENV)/.ready ## the tests in a real browser: needs Debian's chromium, or CHROMIUM=/path/to/one
	@command -v "$${CHROMIUM:-chromium}" >/dev/null || { echo "Needs chromium: apt-get install chromium, or say CHROMIUM=/path/to/one" >&2; exit 1; }
	@$(TEST) -m browser -s $(ARGS)

workshop-pictures: $(VENV)/.ready ## the pictures of docs/workshop.md, taken from the running page
	@$(PY) -m tests.browser.pictures

.PHONY: docs
docs: $(VENV)/.ready ## the pages under docs/ that are made from the code
	@$(PY) -m simulator.documents.reference docs

.PHONY: gallery
gallery: $(VENV)/.ready ## docs/gallery.md: every kind of figure, from small runs; minutes; ARGS="calibration read" for some
	@$(PY) -m simulator.documents.gallery docs $(ARGS)

.PHONY: readme
readme: $(VENV)/.ready ## the table and the figure of the README, from the main job
	@rm -rf outputs/readme && mkdir -p docs/figures
	@COLUMNS=132 $(PY) -m simulator hydra.run.dir=outputs/readme | sed 's/ *$$//' > docs/figures/baseline.txt
	@cp outputs/readme/figures/cycle_time.png docs/figures/baseline_cycle_time.png
	@cat docs/figures/baseline.txt

.PHONY: goldens
goldens: $(VENV)/.ready ## what small runs of everything leave, which a test compares; ARGS="ablation twins" for some
	@$(PY) -m tests.goldens $(ARGS)

.PHONY: evidence
evidence: $(VENV)/.ready ## the table of docs/evidence.md: the present values beside the published figures
	@rm -rf outputs/evidence
	@$(PY) -m simulator study=calibrate_defaults study.calibration.trials=0 hydra.run.dir=outputs/evidence
	@$(PY) -m simulator.documents.evidence_page outputs/evidence/patterns.csv docs/evidence.md

# --- set-up -----------------------------------------------------------------------------------------------------------
# Two steps: a new lock makes the environment anew; a change in pyproject.toml only registers the checkout again.

$(VENV)/.locked: requirements.lock
	@command -v "$(PYTHON)" >/dev/null || { echo "Needs Python 3.11 or 3.12, and there is no '$(PYTHON)'. Try: make PYTHON=python3.12" >&2; exit 1; }
	@"$(PYTHON)" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 13))' || { echo "Needs Python 3.11 or 3.12; '$(PYTHON)' is $$("$(PYTHON)" -c 'import platform; print(platform.python_version())'). Try: make PYTHON=python3.12" >&2; exit 1; }
	@echo "Setting up $(VENV) with Python $$("$(PYTHON)" -c 'import platform; print(platform.python_version())'): downloads the locked libraries, takes one to two minutes." >&2
	@"$(PYTHON)" -m venv --clear $(VENV)
	@start=$$SECONDS; $(PIP_ENV) $(PY) $(PIP_INSTALL) --require-hashes -r requirements.lock; \
	echo "Installed the locked libraries in $$((SECONDS - start)) s." >&2
	@touch $@

$(VENV)/.ready: $(VENV)/.locked pyproject.toml
	@$(PIP_ENV) $(PY) $(PIP_INSTALL) --no-deps --no-build-isolation --no-index -e .
	@touch $@
	@echo "Ready: $(VENV) runs this checkout." >&2

lock: ## resolve pyproject.toml into requirements.lock again (LOCK_ARGS=--upgrade takes newer versions)
	@tmp=$$(mktemp -d); trap 'rm -rf "$$tmp"' EXIT; \
	"$(PYTHON)" -m venv "$$tmp/uv"; \
	$(PIP_ENV) "$$tmp/uv/bin/python" -m pip install -qq uv; \
	cp requirements.lock "$$tmp/requirements.lock" 2>/dev/null || true; \
	"$$tmp/uv/bin/uv" --no-config pip compile pyproject.toml --extra dev --extra ray --extra slurm --extra prim --quiet \
	    --universal --python-version 3.11 --fork-strategy fewest --generate-hashes \
	    --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" \
	    $(LOCK_ARGS) --output-file "$$tmp/requirements.lock"; \
	if grep -nE '://|^-|file:' "$$tmp/requirements.lock"; then \
	    echo "The lock names an index or a local path (above); left as it was." >&2; exit 1; \
	fi; \
	cp "$$tmp/requirements.lock" requirements.lock; \
	echo "requirements.lock: $$(grep -c '==' requirements.lock) pins."

# --- the wheel --------------------------------------------------------------------------------------------------------

wheel: $(VENV)/.ready ## build the sdist, and the wheel from it, into dist/
	@rm -rf dist
	@$(PY) -m build --no-isolation >dist.log 2>&1 || { cat dist.log >&2; rm -f dist.log; exit 1; }
	@rm -f dist.log
	@ls dist/*

wheel-test: wheel ## install the wheel into an empty environment elsewhere, and run it there
	@tmp=$$(mktemp -d); trap 'rm -rf "$$tmp"' EXIT; root="$$PWD"; \
	wheel=$$(ls "$$root"/dist/*.whl); \
	echo "Installing $${wheel##*/} and its locked libraries into an empty environment."; \
	$(PY) -m venv "$$tmp/venv"; \
	sed -n 's/^\([a-z0-9][^\\]*==[^\\]*\).*/\1/p' requirements.lock >"$$tmp/pins.txt"; \
	$(PIP_ENV) "$$tmp/venv/bin/python" $(PIP_INSTALL) -c "$$tmp/pins.txt" "$$wheel"; \
	"$$tmp/venv/bin/python" -m pip check; \
	mkdir "$$tmp/elsewhere"; cd "$$tmp/elsewhere"; unset PYTHONPATH; \
	"$$tmp/venv/bin/python" -c 'import simulator, sys; assert simulator.__file__.startswith(sys.prefix), simulator.__file__'; \
	echo "buyer-journeys --help"; "$$tmp/venv/bin/buyer-journeys" --help >help.txt; test -s help.txt; \
	echo "buyer-journeys $(WHEEL_RUN)"; "$$tmp/venv/bin/buyer-journeys" $(WHEEL_RUN); \
	echo "The wheel works away from the checkout."

# --- tidying ----------------------------------------------------------------------------------------------------------

clean: ## remove caches and built packages; keeps .venv and outputs/
	@rm -rf $(CACHES)
	@find . -path ./$(VENV) -prune -o -path ./.git -prune -o -type d -name __pycache__ -prune -exec rm -rf {} +

distclean: clean ## the same, and .venv
	@rm -rf $(VENV)
