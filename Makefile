# make demo: install with COMET and run the worked example.   make test: install and pass the tests.
# make test-slow: pass the long simulations and measurements, which make test leaves out.
# make reference: write docs/reference from the models that check harness.toml and system files.
# make bench: what the project measures of itself; WITH="rows --small" runs one of it.
# make mutations: put listed faults into copies of the code, and see whether the tests notice.
PYTHON ?= python3
BIN := .venv/bin

# Every process of the tests would compile all it imports again.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo test test-slow reference mutations bench bench-gpu check fix clean

demo: .venv/comet
	@# Exit code 3 would mean that a system is missing; a metric that cannot run here is reported, and is not an error.
	$(BIN)/harness run
	$(BIN)/harness doctor --comet
	@echo "open the report: $$(ls -td reports/runs/*/ | head -1)report.html"

test: .venv/dev
	$(BIN)/python -m pytest -m "not slow"

test-slow: .venv/dev
	$(BIN)/python -m pytest -m slow

reference: .venv/dev
	$(BIN)/python -m harness.workspace.reference_pages docs/reference

mutations: .venv/dev
	$(BIN)/python -m tests.mutations

bench: .venv/dev
	$(BIN)/python -m tests.bench $(or $(WITH),--help)

# On a machine with an NVIDIA card; elsewhere the command says that there is none, and ends with 3.
bench-gpu: .venv/dev
	$(BIN)/python -m tests.bench gpu
	$(BIN)/python -m pytest -n0 tests/cuda

check: .venv/dev
	$(BIN)/ruff check harness tests
	$(BIN)/ruff format --check harness tests
	$(BIN)/mypy

fix: .venv/dev
	$(BIN)/ruff check --fix harness tests
	$(BIN)/ruff format harness tests

clean:
	rm -rf .venv

.venv/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Python 3.11 or later is needed: make PYTHON=python3.12")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --upgrade pip

.venv/comet: .venv/bin/python pyproject.toml
	$(BIN)/python -m pip install --quiet --editable '.[comet,charts]'
	@touch $@

.venv/dev: .venv/bin/python pyproject.toml
	$(BIN)/python -m pip install --quiet --editable '.[all,dev]'
	@touch $@
