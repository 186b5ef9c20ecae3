# Everything works on a machine that has Python >= 3.11 and make. Targets are idempotent.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
ROOMS := matching diagnostics catalog api
PYTEST_WORKERS ?= 2
PORT ?= 8000
unexport PYTHONDONTWRITEBYTECODE# hundreds of programs start in the tests; none shall parse the packages anew
export UV_SYSTEM_CERTS ?= 1# the office's own certificates hold for uv as they do for pip
# uv is quick; pip also knows the mirror and the proxy of its own configuration.
define locked
$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r $(1) || \
	  { echo "uv could not fetch the packages; trying once more with pip ..."; \
	    $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $(1); }
endef

.PHONY: help setup cluster demo serve test test-long honest golden lint format bench lock migration wheelhouse clean

help: ## List the targets.
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

$(BIN)/uv: requirements/uv.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Xuanke needs Python 3.11 or newer (set PYTHON=python3.11); found: $$($(PYTHON) --version 2>&1)"; exit 1; }
	@echo "[1/3] Making an environment of its own in $(VENV) ..."
	@$(PYTHON) -m venv $(VENV) || \
	  { echo "Python's venv module is missing (Debian: apt-get install python3-venv)"; exit 1; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/uv.txt
	@touch $@

$(VENV)/run.stamp: $(BIN)/uv requirements/run.txt pyproject.toml
	@echo "[2/3] Installing the locked packages (hashes are checked) ..."
	@$(call locked,requirements/run.txt)
	@echo "[3/3] Installing Xuanke itself ..."
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/dev.stamp: $(VENV)/run.stamp requirements/dev.txt
	@echo "Installing the tools for tests ..."
	@$(call locked,requirements/dev.txt)
	@touch $@

$(VENV)/cluster.stamp: $(VENV)/run.stamp requirements/cluster.txt
	@echo "Installing Ray, for solving on a cluster ..."
	@$(call locked,requirements/cluster.txt)
	@touch $@

cluster: $(VENV)/cluster.stamp ## Add Ray, for solving on a cluster (about 70 MB).

setup: $(VENV)/run.stamp ## Make the environment in .venv only.

demo: ## Run the pilot county from spreadsheets to an archived, rechecked round.
	@echo "Xuanke demo: installs what is missing, then lives a whole round of a county of 400 teachers (a few minutes)."
	@$(MAKE) --no-print-directory $(VENV)/run.stamp
	@$(BIN)/xuanke demo --out build/demo

serve: $(VENV)/run.stamp ## Serve the API with a made-up county and print keys to it (PORT=8000).
	@$(BIN)/xuanke serve --demo --port $(PORT)

test: $(VENV)/dev.stamp ## Lint, types and tests, as the gate runs them.
	@$(BIN)/python -m tests.warm & warm=$$!; \
	  $(MAKE) --no-print-directory lint || { kill $$warm; exit 1; }; wait $$warm || true
	@$(BIN)/python -m pytest -n $(PYTEST_WORKERS) --dist worksteal -m "not slow" --durations=30 --durations-min=5

test-long: $(VENV)/dev.stamp ## The long checks that `make test` leaves out (docs/long-checks.md; hours).
	@$(BIN)/python -m pytest -n $(PYTEST_WORKERS) -m slow

honest: $(VENV)/dev.stamp ## 500 rounds drawn at random, solved and rechecked from their files.
	@$(BIN)/python -m pytest -n $(PYTEST_WORKERS) -m slow tests/matching/test_verify.py

golden: $(VENV)/dev.stamp ## Solve twenty small rounds anew, say what changed, write the answers down.
	@$(BIN)/python -m tests.golden.rounds

lint: $(VENV)/dev.stamp ## ruff and mypy --strict.
	@$(BIN)/ruff format --check . && $(BIN)/ruff check . && $(BIN)/mypy

format: $(VENV)/dev.stamp ## Let ruff write the layout.
	@$(BIN)/ruff format . && $(BIN)/ruff check --fix .

bench: $(VENV)/dev.stamp ## Measure, and add rows to benchmarks/RESULTS.md (some only: FAMILIES="kinds curve").
	@$(BIN)/python -m benchmarks --add $(FAMILIES)

lock: $(BIN)/uv ## Renew the lock files (hashes, no host names).
	@echo uv | $(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --no-annotate - -o requirements/uv.txt
	@$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --no-annotate --group pyproject.toml:build pyproject.toml -o requirements/run.txt
	@$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --no-annotate --group pyproject.toml:build --group pyproject.toml:dev pyproject.toml -o requirements/dev.txt
	@$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --no-annotate --group pyproject.toml:build --extra cluster --constraint requirements/dev.txt pyproject.toml -o requirements/cluster.txt

migration: $(VENV)/dev.stamp ## Write the draft of a migration: NUMBER=0003 TITLE="what changes".
	@$(BIN)/python -m api.migrations "$(NUMBER)" "$(TITLE)"
	@$(BIN)/ruff format --quiet api/migrations/versions

wheelhouse: $(BIN)/uv ## Download everything for an installation without a network.
	@$(BIN)/python -m pip download --quiet --require-hashes --only-binary :all: -r requirements/run.txt -d build/wheelhouse

clean: ## Remove the environment and everything that was built.
	rm -rf $(VENV) build
