# make demo: install without torch and run the worked example.
# make comet: install COMET, check it, and run the worked example with it.
# make test: install everything and pass the tests.
# make test-slow: pass the long simulations and measurements, which make test leaves out.
# TESTS=change adds to make test the slow ones that every change must pass, TESTS=all adds all of them: one run is sooner
# done than two, because tests are collected once, and slow ones wait while others run.
# make test-misplaced: install the sentence encoder and pass the tests of the check that uses it.
# make reference: write docs/reference from the models that check harness.toml and system files.
# make bench: what the project measures of itself; WITH="rows --small" runs one of it.
# make release: build the source distribution and the wheel of this machine, check them, and try them where there is no compiler.
# make mutations: put listed faults into copies of the code, and see whether the tests notice.
# PYTHON=python3.13 takes another Python, VENV=.venv-3.13 another folder.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin

# uv installs sooner where it is at hand. It knows neither the mirrors nor the certificates that pip is set up with, so
# where it fails, pip follows.
UV := $(shell command -v uv 2>/dev/null)
# Modules are compiled when they are first imported: most never are.
PIP = $(BIN)/python -m pip install --quiet --no-compile

# Torch comes as the build for the card, or without CUDA where there is none: that is what --torch-backend chooses. Only uv
# can: on Linux, the package index has no build without CUDA, and so uv is installed into the environment if it is not here.
TORCH_UV := $(or $(UV),$(if $(filter Linux,$(shell uname -s)),$(BIN)/uv))
GET_UV = { [ -x $(TORCH_UV) ] || $(PIP) uv; }
UV_TORCH = $(TORCH_UV) pip install --quiet --python $(BIN)/python --torch-backend=auto --editable
# $(call with_torch,REQUIREMENT): by uv; where its index cannot be reached, by pip.
with_torch = $(if $(TORCH_UV),$(GET_UV) && $(UV_TORCH) $(1) || { echo "now with pip:"; $(PIP) --editable $(1); },$(PIP) --editable $(1))

# By name, because a comma would end an argument of make's own functions.
WITH_COMET := '.[comet,charts]'
WITH_ALL := '.[all,dev,proof]'
WITH_MISPLACED := '.[misplaced]'

# Every process of the tests would compile all it imports again.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo comet test test-slow test-misplaced reference mutations bench bench-gpu release check fix clean

# Exit code 3 would mean that a system is missing; a metric that cannot run here is reported, and is not an error.
demo: $(VENV)/demo
	$(BIN)/harness run
	@echo "open the report: $$(ls -td reports/runs/*/ | head -1)report.html"
	@test -e $(VENV)/comet || echo "with COMET: make comet"

comet: $(VENV)/comet
	$(BIN)/harness doctor --comet
	$(BIN)/harness run
	@echo "open the report: $$(ls -td reports/runs/*/ | head -1)report.html"

SELECTED_fast := -m "not slow"
SELECTED_change := -m "not slow or every_change"
SELECTED_all :=

test: $(VENV)/dev
	$(BIN)/python -m pytest $(SELECTED_$(or $(TESTS),fast))

test-slow: $(VENV)/dev
	$(BIN)/python -m pytest -m slow

# Apart, because where its encoder is installed, every process that checks outputs loads it.
test-misplaced: $(VENV)/dev
	$(PIP) --editable $(WITH_MISPLACED)
	$(BIN)/python -m pytest tests/checks/test_misplaced.py

reference: $(VENV)/dev
	$(BIN)/python -m harness.workspace.reference_pages docs/reference

mutations: $(VENV)/dev
	$(BIN)/python -m tests.mutations

bench: $(VENV)/dev
	$(BIN)/python -m tests.bench $(or $(WITH),--help)

# On a machine with an NVIDIA card; elsewhere the command says that there is none, and ends with 3.
bench-gpu: $(VENV)/dev
	$(BIN)/python -m tests.bench gpu
	$(BIN)/python -m pytest -n0 tests/cuda

release:
	PYTHON=$(PYTHON) bash .ci/release

check: $(VENV)/dev
	$(BIN)/ruff check harness tests
	$(BIN)/ruff format --check harness tests
	$(BIN)/mypy
	$(BIN)/mypy --platform win32 --no-warn-unreachable --cache-dir .mypy_cache/win32 --package harness

fix: $(VENV)/dev
	$(BIN)/ruff check --fix harness tests
	$(BIN)/ruff format harness tests

clean:
	rm -rf $(VENV)

$(BIN)/python:
	$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Python 3.11 or later is needed: make PYTHON=python3.12")'
	$(if $(UV),$(UV) venv --quiet --seed --python $(PYTHON) $(VENV) ||) $(PYTHON) -m venv $(VENV)

$(VENV)/demo: $(BIN)/python pyproject.toml
	$(if $(UV),$(UV) pip install --quiet --python $(BIN)/python --editable '.[charts]' ||) $(PIP) --editable '.[charts]'
	@touch $@

$(VENV)/comet: $(BIN)/python pyproject.toml
	$(call with_torch,$(WITH_COMET))
	@touch $@

# Holds what the two above hold, so they need not be installed again.
$(VENV)/dev: $(BIN)/python pyproject.toml
	$(call with_torch,$(WITH_ALL))
	@touch $(VENV)/demo $(VENV)/comet $@
