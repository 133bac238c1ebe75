# `make run` and `make test` do all their own set-up; see `make help`.

VENV := .venv
BIN := $(VENV)/bin
PYTEST_ARGS ?= --numprocesses auto --dist worksteal
UPGRADE ?=
export SYSTEM_PACKAGES

SCRIPTS := $(wildcard scripts/*.sh)

.PHONY: help run test lint check bench bench-docs schemas setup setup-dev setup-bench lock clean system-run system-dev

help:  ## what can be made
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 20

run: setup  ## evaluate the example round and write its ranking and reports to out/k-ai-selection
	$(BIN)/evaluator run examples/k-ai-selection -o out/k-ai-selection

test: setup-dev  ## run the tests
	$(BIN)/python -m pytest $(PYTEST_ARGS)

lint: setup-dev  ## style, types and import direction
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

check: lint test  ## everything that must pass before a change goes in

bench: setup-bench  ## the measured comparisons in benchmarks/, about a quarter of an hour; results to out/benchmarks
	@for script in benchmarks/*.py; do \
	    case "$$script" in benchmarks/_*) continue ;; esac; \
	    echo "$$script"; $(BIN)/python "$$script" || exit 1; \
	done

bench-docs: setup-dev  ## take the results in out/benchmarks over into the tables of docs/benchmarks.md
	$(BIN)/python scripts/benchmark_tables.py

schemas: setup  ## write anew what is made from the models: rubrics/schema and the tables of keys in docs/
	$(BIN)/evaluator rubric schema --output rubrics/schema
	$(BIN)/python scripts/reference.py
	$(BIN)/python scripts/access_tables.py

setup: $(VENV)/run.stamp  ## what `make run` needs: system packages and the virtual environment

setup-dev: $(VENV)/dev.stamp  ## what `make test` and `make check` need

setup-bench: $(VENV)/bench.stamp  ## what `make bench` needs: what it compares with

# The system packages are looked at every time (it takes no time when they are there); the virtual environment is
# made again only when a lock file or the package's own metadata has changed.
$(VENV)/run.stamp: requirements/run.txt pyproject.toml $(SCRIPTS) | system-run
	@sh scripts/set-up.sh run
	@touch $@

# The development requirements contain the others.
$(VENV)/dev.stamp: requirements/dev.txt requirements/run.txt pyproject.toml $(SCRIPTS) | system-dev
	@sh scripts/set-up.sh dev
	@touch $@ $(VENV)/run.stamp

# What the benchmarks compare with comes on top, and the tests do not wait for it.
$(VENV)/bench.stamp: requirements/bench.txt $(VENV)/dev.stamp
	@sh scripts/set-up.sh bench
	@touch $@

# A virtual environment works only where it was made: in a moved or copied checkout it is made again.
ifneq ($(shell cat $(VENV)/checkout 2>/dev/null),$(CURDIR))
.PHONY: $(VENV)/run.stamp $(VENV)/dev.stamp
endif

system-run:
	@sh scripts/system-packages.sh run

system-dev:
	@sh scripts/system-packages.sh dev

lock:  ## pin the requirements again (UPGRADE=1: newest versions)
	sh scripts/lock.sh $(if $(UPGRADE),--upgrade)

clean:  ## remove what was written (out/, dist/, caches); the virtual environment is kept
	rm -rf out build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find evaluator tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true
