# The commands of this repository. Settings: docs/configuration.md.
SHELL := /bin/bash
.SHELLFLAGS := -o pipefail -ec
.DEFAULT_GOAL := help

PYTHON ?= python3.11
MVN ?= mvn
SOURCE ?= synthetic
FULL ?=
SEED ?=
RESUME ?=
ROUNDS ?=
ONLY ?=

# UTF-8 in every locale
export LC_ALL := C.UTF-8
export PYTHONUTF8 := 1

# Build output and tools. A second run does nothing while they are up to date.
BUILT := target/built
TOOLS := var/tools
SOURCES := $(shell find pom.xml .mvn ingestion serving speed-layer batch-layer infra \
	\( -name target -o -name __pycache__ -o -name test -o -name launcher -o -name requirements \) -prune \
	-o -type f -print 2>/dev/null)
PYTEST = PYTHONPATH=infra/local/stack:dags PYTHONDONTWRITEBYTECODE=1 \
	AIRFLOW_HOME="$(CURDIR)/target/airflow" AIRFLOW__CORE__LOAD_EXAMPLES=False \
	$(TOOLS)/airflow/bin/python -m pytest -q -p no:cacheprovider
LAUNCHER := PYTHONPATH=infra/local/stack:dags PYTHONDONTWRITEBYTECODE=1
BOOTSTRAP := $(LAUNCHER) $(PYTHON) -m launcher.development
RUN := $(LAUNCHER) $(TOOLS)/supervisor/bin/python -m launcher.development

ENGINE = docker info >/dev/null 2>&1 && docker compose version >/dev/null 2>&1 \
	|| { echo "No container engine answers (docker info, docker compose version): start Docker with compose v2, or name it with DOCKER_HOST." >&2; exit 2; }

.PHONY: help demo screenshots test clean check-tools tools build fmt bench check test-compose test-cluster test-environments prove locks

help: ## Shows the commands
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | awk -F'\t' '{printf "make %-12s %s\n", $$1, $$2}'

demo: build ## Runs the whole pipeline once on a dedicated stack; SOURCE=randomuser takes users from the API
	@./foldlog demo --source $(SOURCE)

screenshots: build ## Takes screenshots of the Airflow UI into docs/images, after the demo; needs chromium and chromedriver
	@./foldlog demo --screenshots docs/images

build: $(BUILT) tools ## Builds all applications and installs the tools; ./foldlog needs both

$(BUILT): $(SOURCES) | check-tools
	@echo "Building; the whole output is in target/build.log"
	@$(BOOTSTRAP) build --maven "$(MVN)"
	@touch $@

tools: check-tools ## Installs supervisor, cqlsh, Spark and Airflow, each in its own virtual environment
	@$(BOOTSTRAP) tools --maven "$(MVN)"

check-tools: ## Checks that this machine has what the build needs
	@command -v $(PYTHON) >/dev/null || { echo "Python 3.11 is needed, and there is no $(PYTHON) on the PATH: install it, or name it with make PYTHON=/path/to/python3.11." >&2; exit 2; }
	@$(BOOTSTRAP) check-tools

check: check-tools tools ## Runs the gates, the unit tests and the property tests; needs no server
	@$(RUN) check --maven "$(MVN)"

test: check-tools tools ## Runs all tests except the fault tier; ONLY=ArchiveIT runs one class, ONLY=stories/ghost-row one story
	@$(RUN) test --maven "$(MVN)" $(if $(ONLY),--only $(ONLY))
	@mkdir -p target$(if $(ONLY),, && touch $(BUILT))

bench: build ## Measures backlog drain and event-to-visible delay beside a plain consumer; ROUNDS=1 is shorter
	@$(RUN) bench -- $(if $(ROUNDS),--rounds $(ROUNDS))

test-compose: tools ## Builds and starts the containers, runs the DAGs, restarts each service; needs a container engine
	@$(ENGINE)
	@$(PYTEST) -s infra/compose/tests/test_compose.py

test-environments: build ## Runs the stack in each environment alone: locales, paths, proxy, mounts, home folder; needs root
	@$(RUN) test --only test_environments

test-cluster: tools ## The same with three brokers, three nodes and two workers; stops each broker and node once
	@$(ENGINE)
	@$(PYTEST) -s infra/compose/tests/test_cluster.py

prove: build ## Runs the fault tier and writes a report; FULL=1 uses the full sizes, SEED=… repeats a run, RESUME=1 continues an interrupted run
	@$(if $(ONLY),echo "make prove runs the whole fault tier: make test ONLY=$(ONLY) runs one test of it." >&2; exit 2)
	@$(BOOTSTRAP) prove $(if $(filter 1,$(FULL)),--full) $(if $(SEED),--seed $(SEED)) $(if $(filter 1,$(RESUME)),--resume) --maven "$(MVN)"

fmt: ## Formats the Java sources
	@$(MVN) -B -q spotless:apply -pl '!infra/local/kafka,!infra/local/s3,!infra/local/cassandra,!infra/local/postgresql,!infra/local/spark'

clean: ## Removes build output only
	@$(MVN) -B -q clean
	@rm -rf target

locks: tools ## Resolves the Python requirements into locks with hashes
	@for file in infra/local/requirements/*.in dags/*.in; do \
	  cd "$(CURDIR)/$$(dirname $$file)"; name=$$(basename $$file .in); \
	  "$(CURDIR)/$(TOOLS)/uv/bin/uv" pip compile -q --generate-hashes --python-version 3.11 --universal --no-emit-index-url \
	    --custom-compile-command 'make locks' $$name.in -o $$name.lock; done
