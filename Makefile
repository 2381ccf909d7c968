# Outgrow: `make demo` and `make test` need Python 3.11 or newer and make; they install the rest.

PYTHON ?= $(shell for name in python3.13 python3.12 python3.11 python3; do \
	$$name -c 'import ensurepip, sqlite3, ssl, sys, venv; sys.exit(sys.version_info < (3, 11))' \
	>/dev/null 2>&1 && echo $$name && break; done)
BIN := .venv/bin
ARGS ?=
LAYOUT ?= L1
WEB ?= 2
RATE ?= 20
SECONDS ?= 60
export UV_LINK_MODE ?= copy
# where bytecode may not be written, each of a thousand processes compiles Django anew: a quarter of a second
unexport PYTHONDONTWRITEBYTECODE
# a test often waits for its server
WORKERS ?= $(shell expr $$(nproc 2>/dev/null || echo 2) + 1)

# uv is quick but does not read pip's configuration; where it fails, pip has its turn
define install
$(BIN)/uv pip install -q -p $(BIN)/python $(1) 2>/dev/null || $(BIN)/pip install -q $(1)
endef

.PHONY: help demo serve test prove bench load lint format venv requirements clean

help:  ## this list
	@sed -n 's/^\([a-z]*\):.*## /make \1\t/p' $(MAKEFILE_LIST) | expand -t 20

demo: .venv/.demo  ## move a sample project from SQLite to a real PostgreSQL, and prove it
	@$(BIN)/python -m plaza.demo $(ARGS)

serve: .venv/.serve  ## the service plaza with sample data, on one SQLite file
	@$(BIN)/python -m plaza.serve $(ARGS)

test: .venv/.test  ## everything, on real PostgreSQL, MySQL and MariaDB servers
	@$(BIN)/python -m tests.engines
	@$(MAKE) --no-print-directory lint
	$(BIN)/pytest -n $(WORKERS) --dist worksteal --durations=10 $(ARGS)
	$(BIN)/python -m tests.service L0 L5 -- -q -n $(WORKERS) --dist loadfile --no-loadscope-reorder

prove: .venv/.test  ## the same tests at full length; writes docs/proof.md and docs/proof-service.md
	@$(BIN)/python -m tests.engines
	OUTGROW_PROVE=1 $(BIN)/python -m pytest -p tests.proof --proof=docs/proof.md -n $(WORKERS) --dist worksteal --timeout=7200 --durations=25 $(ARGS)
	OUTGROW_PROVE=1 $(BIN)/python -m tests.service --proof docs/proof-service.md -- -q -n $(WORKERS) --dist loadfile --no-loadscope-reorder

bench: .venv/.test  ## the comparison in docs/benchmarks.md
	@$(BIN)/python -m tests.engines
	$(BIN)/python -m benchmarks $(ARGS)

load: .venv/.load  ## plaza under load: make load LAYOUT=L1 WEB=2 RATE=20 SECONDS=60
	@$(BIN)/python -m tests.engines
	$(BIN)/python -m benchmarks.load --layout $(LAYOUT) --web $(WEB) --rate $(RATE) --seconds $(SECONDS) $(ARGS)

lint: .venv/.test  ## ruff, mypy and the layers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check --quiet .
	$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo

format: .venv/.test  ## put every file into shape
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format --quiet .

venv: .venv/.test  ## .venv with all that a developer needs

.venv/.python:
	@test -n "$(PYTHON)" || { echo "No Python 3.11 or newer with venv was found; install one \
	(on Debian: apt-get install python3 python3-venv) or name it: make PYTHON=/path/to/python." >&2; exit 1; }
	@echo "making .venv with $(PYTHON)"
	@$(PYTHON) -m venv .venv
	@$(BIN)/pip install -q --disable-pip-version-check -r requirements/uv.txt
	@touch $@

.venv/.demo: .venv/.python requirements/demo.txt pyproject.toml
	@echo "installing what the demo needs"
	@$(call install,-r requirements/demo.txt)
	@$(call install,--no-deps -e .)
	@touch $@

.venv/.serve: .venv/.demo requirements/plaza.txt
	@echo "installing what plaza needs"
	@$(call install,-r requirements/plaza.txt)
	@touch $@

.venv/.test: .venv/.demo requirements/test.txt requirements/system.sh
	@bash requirements/system.sh $(BIN)/python
	@echo "installing what the tests need"
	@$(call install,-r requirements/test.txt)
	@touch $@

.venv/.load: .venv/.test requirements/load.txt
	@echo "installing what the load needs"
	@$(call install,-r requirements/load.txt)
	@touch $@

COMPILE = UV_CUSTOM_COMPILE_COMMAND="make requirements" $(BIN)/uv pip compile -q pyproject.toml --universal \
	--python-version 3.11 --no-emit-package django-outgrow --no-annotate --no-emit-index-url

requirements: .venv/.python  ## pin the newest versions that pyproject.toml allows
	$(COMPILE) --upgrade --extra demo -o requirements/demo.txt
	$(COMPILE) --upgrade --extra demo --extra plaza -c requirements/demo.txt -o requirements/plaza.txt
	$(COMPILE) --upgrade --extra demo --extra mysql --extra plaza --group test -c requirements/plaza.txt -o requirements/test.txt
	$(COMPILE) --upgrade --extra demo --extra mysql --extra plaza --group test --group load -c requirements/test.txt -o requirements/load.txt

clean:  ## remove .venv and every cache in this folder
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis .demo dist build
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
