# make demo   set everything up and segment a brain
# make test   set everything up and run the checks and tests
# make panel MODULE=MedInsightSegment   open a panel in the stand-in for 3D Slicer (needs a display)
# make screenshots   render the icons and the panels of the README
# make evidence   rerun the studies behind docs/evidence.md (at most 90 minutes; QUICK=1: at most 10, into runs/quick)
# make benchmark   print the measured numbers of the README (about a quarter of an hour)

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/installed.stamp

.DEFAULT_GOAL := help
.PHONY: help setup demo test lint panel screenshots evidence benchmark clean
MODULE ?= MedInsightSegment

help:
	@sed -n 's/^# //p' $(MAKEFILE_LIST)

setup: $(STAMP)

$(STAMP): pyproject.toml constraints.txt Makefile
	@echo "== Setting up Python packages in $(VENV) (about 2 GB, once) =="
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed; say which one: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || \
		{ echo "python3 -m venv failed; on Debian or Ubuntu: apt-get install -y python3-venv" >&2; exit 1; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt torch
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable ".[slicer,training,dev]"
	@touch $@

demo: setup
	@echo "== Segmenting the brain of the ICBM 152 template =="
	@$(BIN)/python Testing/demo.py demo-output

test: setup lint
	@echo "== Running the tests =="
	@$(BIN)/python Testing/system_packages.py
	@# One thread for each of the two test processes: more would wait for each other.
	@OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 2 --dist worksteal Testing

lint: setup
	@echo "== Checking style and types =="
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --quiet --check .
	@$(BIN)/mypy --no-error-summary

benchmark: setup
	@$(BIN)/python Testing/benchmarks/icbm_tissue.py
	@$(BIN)/python Testing/benchmarks/full_size_ct.py
	@$(BIN)/python Testing/benchmarks/engine.py
	@$(BIN)/python Testing/benchmarks/window_speed.py
	@$(BIN)/python Testing/benchmarks/inference_choices.py

EVIDENCE := $(if $(QUICK),--output runs/quick --quick,--output runs/evidence --document docs/evidence.md)

evidence: setup
	@echo "== Rerunning the studies =="
	@$(BIN)/python training/evidence.py $(EVIDENCE) --overwrite

panel: setup
	@$(BIN)/python Testing/system_packages.py
	@$(BIN)/python -m Testing.minislicer $(MODULE)

screenshots: setup
	@$(BIN)/python Testing/system_packages.py
	@$(BIN)/python -m Testing.icons
	@$(BIN)/python -m Testing.screenshots

clean:
	rm -rf $(VENV) demo-output benchmark-output build .mypy_cache .pytest_cache .ruff_cache .hypothesis
